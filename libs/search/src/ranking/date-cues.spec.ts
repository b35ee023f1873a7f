import { dateCues } from './date-cues.js';
import { dateEvidence } from './date-evidence.js';

const JUNE = Date.UTC(2023, 5, 15);

describe(dateCues.name, () => {
  it.each([
    ['What was said on 3 May 2023?', [{ year: 2023, month: 5, day: 3 }]],
    ['What happened in March 2022?', [{ year: 2022, month: 3 }]],
    ['Who came in August?', [{ month: 8 }]],
    ['What did we plan in 2021?', [{ year: 2021 }]],
    ['Where did we go last May?', [{ year: 2023, month: 5 }]],
    ['Where did we go last July?', [{ year: 2022, month: 7 }]],
    ['Who called yesterday?', [{ year: 2023, month: 6, day: 14 }]],
    ['Who came on the 3rd?', [{ day: 3 }]],
    ['他2023年5月3日去了哪里', [{ year: 2023, month: 5, day: 3 }]],
    ['5月去了哪里', [{ month: 5 }]],
    ['Where may I march?', []],
    ['', []],
  ])('reads %j', (query, cues) => {
    expect(dateCues(query, JUNE)).toEqual(cues);
  });

  it('leaves relative dates alone when nobody says when it is asked', () => {
    expect(dateCues('Who called yesterday?', undefined)).toEqual([]);
    expect(dateCues('Where did we go last May?', undefined)).toEqual([{ month: 5 }]);
  });
});

describe(dateEvidence.name, () => {
  const cue = { year: 2023, month: 5, day: 3 };
  const evidence = (...date: [number, number, number]): number =>
    dateEvidence([Date.UTC(...date)], [cue])[0]!;

  it('is 1 on the day named and falls with days off, month and year', () => {
    expect(evidence(2023, 4, 3)).toBe(1);
    expect(evidence(2023, 4, 6)).toBeCloseTo((3 + 2 * Math.exp(-1)) / 5, 12);
    expect(evidence(2023, 8, 3)).toBeCloseTo(0.2, 6);
    expect(evidence(2020, 8, 3)).toBeCloseTo(0, 6);
  });

  it('knows a day whose month is not named', () => {
    expect([...dateEvidence([Date.UTC(2023, 1, 3), JUNE], [{ day: 3 }])]).toEqual([1, 0]);
  });

  it('takes the best of several cues, and is 0 without one', () => {
    expect([...dateEvidence([JUNE], [{ year: 2020 }, { month: 6 }])]).toEqual([1]);
    expect([...dateEvidence([JUNE], [])]).toEqual([0]);
  });
});
