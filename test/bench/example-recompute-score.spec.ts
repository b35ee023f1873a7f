import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { differenceOf, recomputeScore, searchExplained } from '../../examples/recompute-score.ts';

const number = fc.double({ min: -5, max: 5, noNaN: true });
const contributions = fc.array(
  fc.record({ feature: fc.constant('f'), value: number, weight: number }),
  { maxLength: 20 },
);

describe('the example that recomputes scores', () => {
  it('P6 adds up what a recipe without calibration weighs', () => {
    fc.assert(
      fc.property(contributions, (parts) => {
        const sum = parts.reduce((total, { value, weight }) => total + value * weight, 0);
        const explanation = { contributions: parts, calibration: null };
        expect(recomputeScore(explanation)).toBeCloseTo(sum, 9);
        expect(differenceOf({ coordinate: '1', score: sum + 0.5, explanation })).toBeCloseTo(
          0.5,
          9,
        );
      }),
    );
  });

  it('P6 calibrates to 0 to 1, and keeps the order of the sums', () => {
    const [low, high] = [0.2, 0.3].map((value) =>
      recomputeScore({
        contributions: [{ feature: 'f', value, weight: 2 }],
        calibration: { slope: 3, intercept: -1 },
      }),
    );
    expect(low).toBeCloseTo(1 / (1 + Math.exp(-0.2)), 12);
    expect(high).toBeGreaterThan(low ?? 1);
  });

  it('asks for explanations over HTTP', async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => asked.push(JSON.parse(chunk.toString('utf8'))));
      request.on('end', () => response.end('{"memories":[]}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const service = { url: `http://127.0.0.1:${port}`, token: 't', namespace: 'n' };
    expect(await searchExplained(service, 'tea')).toEqual([]);
    expect(asked).toEqual([{ query: 'tea', namespace: 'n', top_k: 100, explain: true }]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
