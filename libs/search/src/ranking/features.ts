import { answerEvidence } from './answer-evidence.js';
import { bestFirst, type Column, columnOf, emptyColumn } from './column.js';
import { dateCues } from './date-cues.js';
import { dateEvidence } from './date-evidence.js';
import { denseEvidence } from './dense-evidence.js';
import { type Feature, type FeatureWeights, FEATURES } from './feature-names.js';
import { feedbackEvidence } from './feedback-evidence.js';
import { lexicalEvidence } from './lexical-evidence.js';
import { localTerms } from './local-terms.js';
import { namesIn } from './names.js';
import type { RankingInput } from './ranking-input.js';
import { recencyEvidence } from './recency-evidence.js';
import { restatedEvidence } from './restated-evidence.js';
import { rivalEvidence } from './rival-evidence.js';
import { roleEvidence } from './role-evidence.js';
import { firstPersonEvidence, speakerEvidence } from './speaker-evidence.js';
import type { TextCache } from './text-cache.js';
import { asks, lengthPrior, withoutSpeaker } from './text-cues.js';

/** Each feature by memory: as it is weighed, and as it was measured where that is another number. */
export interface FeatureTable {
  readonly values: Readonly<Record<Feature, Column>>;
  readonly raw: Readonly<Partial<Record<Feature, Column>>>;
}

/** Ages at which recency has fallen to 1/e, in sessions. */
const RECENT = 5;
const RECENT_LONG = 30;

/** These look at the first hits by the weighted sum of all others, so they come second. */
const SECOND_PASS: ReadonlySet<Feature> = new Set(['feedback', 'restated']);
/** The second pass reads the words of so many first hits. */
const REREAD = 150;

/** Every feature of every memory, each about 0 to 1 (speaker and role from -1). */
export function featuresOf(
  input: RankingInput,
  weights: FeatureWeights,
  cache: TextCache,
): FeatureTable {
  cache.begin();
  const { memories, query } = input;
  const names = namesIn(query.text, memories);
  const lexical = lexicalEvidence(input);
  const { sentence, surroundings, session } = lexical;
  const dense = denseEvidence(input);
  const texts = memories.map(({ content, speaker }) =>
    cache.read(withoutSpeaker(content, speaker)),
  );
  const question = columnOf(texts, (text) => text.question);
  const cosine = dense.cosine.value;
  const cue = (asked: boolean, part: 'time' | 'number' | 'name'): Column =>
    asked ? columnOf(texts, (text) => Number(text[part])) : emptyColumn(texts.length);
  const rivals = rivalEvidence(input, sentence.value);
  const values = {
    sentence: sentence.value,
    surroundings: surroundings.value,
    session: session.value,
    cosine,
    cosineSurroundings: dense.surroundings,
    cosineSession: dense.session,
    exact: columnOf(memories, ({ exact }) => Math.min(1, Math.max(0, exact ?? 0))),
    speaker: speakerEvidence(memories, names.asked),
    role: roleEvidence(memories, query.text),
    firstPerson: firstPersonEvidence(memories, texts, names.asked),
    answers: answerEvidence(memories, question, {
      sentence: sentence.value,
      surroundings: surroundings.value,
    }),
    rivals: rivals.value,
    question,
    length: columnOf(memories, lengthPrior),
    date: dateEvidence(
      memories.map(({ occurredAt }) => occurredAt),
      dateCues(query.text, query.at),
    ),
    time: cue(asks.when(query.text), 'time'),
    number: cue(asks.number(query.text), 'number'),
    name: cue(asks.name(query.text), 'name'),
    recency: recencyEvidence(input, RECENT),
    recencyLong: recencyEvidence(input, RECENT_LONG),
  };
  const first = firstScores(values, weights, memories.length);
  const candidates = [...memories.keys()].filter((i) => memories[i]?.candidate);
  const local = localTerms(texts, bestFirst(first, candidates).slice(0, REREAD), cache);
  const known = knownStems(query.text, names.people, cache);
  const feedback = feedbackEvidence(local, first, known);
  const restated = restatedEvidence(memories, local);
  return {
    values: { ...values, feedback: feedback.value, restated },
    raw: {
      sentence: sentence.raw,
      surroundings: surroundings.raw,
      session: session.raw,
      cosine: dense.cosine.raw,
      feedback: feedback.raw,
      rivals: rivals.raw,
      length: columnOf(memories, ({ length }) => length),
    },
  };
}

type FirstPass = Omit<FeatureTable['values'], 'feedback' | 'restated'>;

function firstScores(table: FirstPass, weights: FeatureWeights, count: number): Column {
  const first = emptyColumn(count);
  for (const feature of FEATURES.filter(
    (name): name is keyof FirstPass => !SECOND_PASS.has(name),
  )) {
    const column = table[feature];
    const weight = weights[feature];
    for (let i = 0; i < count; i++) first[i] = (first[i] ?? 0) + weight * (column[i] ?? 0);
  }
  return first;
}

/** Numbers of the stems that the query has, and of the names of speakers. */
function knownStems(query: string, people: readonly string[], cache: TextCache): Set<number> {
  return new Set([query, ...people].flatMap((text) => cache.numbersOf(text)));
}
