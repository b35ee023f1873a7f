import { drawTrace } from './draw-trace.js';

const span = (name: string, place: [string, string?], times: [number, number]) => ({
  name,
  service: name.startsWith('process') ? 'soma-worker' : 'soma-api',
  spanId: place[0],
  parentSpanId: place[1],
  startTimeUnixNano: `17637${String(times[0] * 1e5).padStart(14, '0')}`,
  endTimeUnixNano: `17637${String(times[1] * 1e5).padStart(14, '0')}`,
});

describe('a trace that is drawn', () => {
  it('has each span below the one that set it going, by when it began', () => {
    const drawn = drawTrace([
      span('process later', ['c', 'b'], [400, 417]),
      span('second', ['d', 'a'], [30, 35]),
      span('first', ['b', 'a'], [12, 20]),
      span('POST /memories', ['a', 'of the caller'], [10, 260]),
    ]);
    expect(drawn.split('\n')).toEqual([
      'began after       took  process',
      '     0.0 ms    25.0 ms  soma-api    POST /memories',
      '     0.2 ms     0.8 ms  soma-api      first',
      '    39.0 ms     1.7 ms  soma-worker     process later',
      '     2.0 ms     0.5 ms  soma-api      second',
    ]);
  });

  it('is empty without spans', () => {
    expect(drawTrace([]).split('\n')).toHaveLength(1);
  });
});
