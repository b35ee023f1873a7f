import type { TenantScope } from '@soma/core';
import { type DigestSource, extractDigest } from '@soma/hierarchy';
import { Digester, type MadeDigest } from './digester.js';

/** Characters of English to a token of o200k_base, rather too few. */
const CHARACTERS_A_TOKEN = 4;
const WIDE = /[\u1100-\uffff]/g;

/** A bound that costs nothing: the vocabulary itself takes 75 MB, and a digest need not be exact. */
export const roughTokens = (text: string): number =>
  Math.ceil(text.length / CHARACTERS_A_TOKEN) + (text.match(WIDE)?.length ?? 0);

/** Picks sentences of the sources; the same sources give the same digest. */
export class ExtractiveDigester extends Digester {
  digest(
    _scope: TenantScope,
    sources: readonly DigestSource[],
    maxTokens: number,
  ): Promise<MadeDigest> {
    const { text, sentences } = extractDigest(sources, maxTokens, roughTokens);
    return Promise.resolve({
      text,
      record: { method: 'extractive' },
      cited: [...new Set(sentences.map(({ source }) => source))],
    });
  }
}
