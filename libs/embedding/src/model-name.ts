/** What a model's name says of it. */
export type ModelSpec =
  | { readonly provider: 'hash'; readonly dimension: number }
  | {
      readonly provider: 'openai';
      /** As the provider calls it. */
      readonly model: string;
      readonly dimension: number;
      /** Dimensions of the hash it is joined with; absent when it stands alone. */
      readonly hash?: number;
    };

const HASH = /^hash-v1:([1-9]\d*)$/;
const PROVIDER = /^openai:(.+?):([1-9]\d*)(?:\+hash-v1:([1-9]\d*))?$/;

/** Undefined for a name that no embedder of this version has. */
export function parseModelName(name: string): ModelSpec | undefined {
  const hash = HASH.exec(name);
  if (hash) return { provider: 'hash', dimension: Number(hash[1]) };
  const [, model, dimension, joined] = PROVIDER.exec(name) ?? [];
  if (model === undefined) return undefined;
  const spec = { provider: 'openai', model, dimension: Number(dimension) } as const;
  return joined === undefined ? spec : { ...spec, hash: Number(joined) };
}

/** The `model` of the embedder that these make; `parseModelName` reads it back. */
export function modelName(spec: ModelSpec): string {
  if (spec.provider === 'hash') return `hash-v1:${spec.dimension}`;
  const name = `openai:${spec.model}:${spec.dimension}`;
  return spec.hash === undefined ? name : `${name}+hash-v1:${spec.hash}`;
}
