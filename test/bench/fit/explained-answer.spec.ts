import { ExplainedAnswers } from './explained-answer.ts';
import type { ExplainedMemory } from './explained-answer.ts';

const calibration = { slope: 1, intercept: -8 };
function memory(id: string, values: Record<string, number>, weight = 2): ExplainedMemory {
  const contributions = Object.entries(values).map(([feature, value]) => ({
    feature,
    value,
    weight,
  }));
  const sum = contributions.reduce((total, part) => total + part.value * part.weight, 0);
  return { metadata: { doc_id: id }, explanation: { contributions, sum, calibration } };
}
const of = { set: 's', namespace: 'n', gold: ['b', 'b', 'x'] };

describe(ExplainedAnswers.name, () => {
  it('keeps whatever features the service has, one after the other', () => {
    const answers = new ExplainedAnswers();
    const query = answers.read([memory('a', { f: 1, g: 2 }), memory('b', { f: 3, g: 4 })], of);
    expect(query).toMatchObject({ candidates: 2, evidence: [1], wanted: 2, namespace: 'n' });
    expect([...query.values]).toEqual([1, 3, 2, 4]);
    expect(answers.inForce).toEqual({ features: ['f', 'g'], weights: [2, 2], calibration });
  });

  it('counts the evidence of a question that found nothing', () => {
    expect(new ExplainedAnswers().read([], of)).toMatchObject({ candidates: 0, wanted: 2 });
    expect(() => new ExplainedAnswers().inForce).toThrow('no search found anything');
  });

  it.each([
    ['other features', memory('b', { h: 1 })],
    ['fewer features', memory('b', {})],
    ['other weights', memory('b', { f: 1 }, 3)],
  ])('refuses %s than those of the first', (_, other) => {
    expect(() => new ExplainedAnswers().read([memory('a', { f: 1 }), other], of)).toThrow(
      'two explanations differ',
    );
  });

  it('refuses a sum that does not add up, and a result without explanation', () => {
    const wrong = memory('a', { f: 1 });
    wrong.explanation!.sum += 1e-6;
    expect(() => new ExplainedAnswers().read([wrong], of)).toThrow('adds up to 2');
    expect(() => new ExplainedAnswers().read([{ metadata: {} }], of)).toThrow(
      'without an explanation',
    );
  });
});
