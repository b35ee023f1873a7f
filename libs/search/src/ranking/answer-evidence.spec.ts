import { answerEvidence } from './answer-evidence.js';
import { memoryOf } from './ranking-input.fixture.js';

const evidence = { sentence: Float64Array.of(0.8, 0, 0), surroundings: Float64Array.of(0.4, 0, 0) };
const said = (...speakers: (string | undefined)[]) =>
  speakers.map((speaker, i) => memoryOf({ speaker, previous: i - 1 }));
const questions = Float64Array.of(1, 0, 0);

describe(answerEvidence.name, () => {
  it("gives what follows another's question the words of the question", () => {
    const answers = answerEvidence(said('Ines', 'Tariq', 'Ines'), questions, evidence);
    expect([...answers]).toEqual([0, (0.8 + 0.4) / 2, 0]);
  });

  it('takes nothing of a speaker who goes on, nor of what is no question', () => {
    expect([...answerEvidence(said('Ines', 'Ines'), questions, evidence)]).toEqual([0, 0]);
    expect([...answerEvidence(said('Ines', 'Tariq'), Float64Array.of(0, 0), evidence)]).toEqual([
      0, 0,
    ]);
  });
});
