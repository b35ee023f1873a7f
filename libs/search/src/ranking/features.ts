import { lightStem } from '@soma/embedding';
import { answerEvidence } from './answer-evidence.js';
import { bestFirst, type Column, emptyColumn, type ScaledColumn } from './column.js';
import { dateCues } from './date-cues.js';
import { dateEvidence } from './date-evidence.js';
import { denseEvidence } from './dense-evidence.js';
import { type Feature, type FeatureWeights, FEATURES } from './feature-names.js';
import { feedbackEvidence } from './feedback-evidence.js';
import { lexicalEvidence } from './lexical-evidence.js';
import { localTerms } from './local-terms.js';
import { namesIn, wordsOf } from './names.js';
import type { RankingInput } from './ranking-input.js';
import { recencyEvidence } from './recency-evidence.js';
import { restatedEvidence } from './restated-evidence.js';
import { rivalEvidence } from './rival-evidence.js';
import { roleEvidence } from './role-evidence.js';
import { firstPersonEvidence, speakerEvidence } from './speaker-evidence.js';
import { asks, has, lengthPrior, questionShare, withoutSpeaker } from './text-cues.js';

/** Each feature by memory: as it is weighed, and as it was measured where that is another number. */
export interface FeatureTable {
  readonly values: Readonly<Record<Feature, Column>>;
  readonly raw: Readonly<Partial<Record<Feature, Column>>>;
}

/** Ages at which recency has fallen to 1/e, in sessions. */
const RECENT = 5;
const RECENT_LONG = 30;

/** These look at the first hits by the sum of all others, so they come second. */
const SECOND_PASS: ReadonlySet<Feature> = new Set(['feedback', 'restated']);
/** The second pass reads the words of so many first hits. */
const REREAD = 150;

/** Every feature of every memory, each about 0 to 1 (speaker and role from -1). */
export function featuresOf(input: RankingInput, firstPass: FeatureWeights): FeatureTable {
  const { memories, query } = input;
  const names = namesIn(query.text, memories);
  const lexical = lexicalEvidence(input);
  const { sentence, surroundings, session } = lexical;
  const dense = denseEvidence(input);
  const texts = memories.map(({ content, speaker }) => withoutSpeaker(content, speaker));
  const question = Float64Array.from(texts, questionShare);
  const cosine = dense.cosine.value;
  const answer = answerEvidence(memories, question, {
    sentence: sentence.value,
    surroundings: surroundings.value,
    cosine,
  });
  const cue = (asked: boolean, holds: (text: string) => boolean): Column =>
    asked ? Float64Array.from(texts, (text) => Number(holds(text))) : emptyColumn(texts.length);
  const rivals = rivalEvidence(input, sentence.value);
  const values = {
    sentence: sentence.value,
    surroundings: surroundings.value,
    session: session.value,
    cosine,
    cosineSurroundings: dense.surroundings,
    cosineSession: dense.session,
    exact: Float64Array.from(memories, ({ exact }) => Math.min(1, Math.max(0, exact ?? 0))),
    speaker: speakerEvidence(memories, names.asked),
    role: roleEvidence(memories, query.text),
    firstPerson: firstPersonEvidence(memories, names.asked),
    ...answer,
    rivals: rivals.value,
    question,
    length: Float64Array.from(memories, lengthPrior),
    date: dateEvidence(
      memories.map(({ occurredAt }) => occurredAt),
      dateCues(query.text, query.at),
    ),
    time: cue(asks.when(query.text), has.time),
    number: cue(asks.number(query.text), has.number),
    name: cue(asks.name(query.text), has.name),
    quotation: cue(true, has.quotation),
    recency: recencyEvidence(input, RECENT),
    recencyLong: recencyEvidence(input, RECENT_LONG),
  };
  const { feedback, restated } = secondPass(input, values, firstPass, names.isName);
  return {
    values: { ...values, feedback: feedback.value, restated },
    raw: {
      sentence: sentence.raw,
      surroundings: surroundings.raw,
      session: session.raw,
      cosine: dense.cosine.raw,
      feedback: feedback.raw,
      rivals: rivals.raw,
      length: Float64Array.from(memories, ({ length }) => length),
    },
  };
}

type FirstPass = Omit<FeatureTable['values'], 'feedback' | 'restated'>;

function secondPass(
  { memories, query }: RankingInput,
  table: FirstPass,
  weights: FeatureWeights,
  isName: (lexeme: string) => boolean,
): { feedback: ScaledColumn; restated: Column } {
  const first = emptyColumn(memories.length);
  for (const feature of FEATURES.filter(
    (name): name is keyof FirstPass => !SECOND_PASS.has(name),
  )) {
    const column = table[feature];
    for (let i = 0; i < first.length; i++) {
      first[i] = (first[i] ?? 0) + weights[feature] * (column[i] ?? 0);
    }
  }
  const candidates = [...memories.keys()].filter((i) => memories[i]?.candidate);
  const ranking = bestFirst(first, candidates).slice(0, REREAD);
  const local = localTerms(memories, ranking);
  const asked = new Set(wordsOf(query.text).map(lightStem));
  const isKnown = (stem: string): boolean => asked.has(stem) || isName(stem);
  return {
    feedback: feedbackEvidence(local, ranking, first, isKnown),
    restated: restatedEvidence(memories, local, ranking),
  };
}
