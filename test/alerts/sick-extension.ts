import { setTimeout as sleep } from 'node:timers/promises';

interface Draft {
  readonly memory?: { readonly tags: readonly string[] };
}

/** A memory with this tag makes its hook throw, or be late. */
export const FAILS = 'fails';
export const IS_LATE = 'late';

const LATE_MS = 1_500;

/** An extension that is at fault when it is asked to be. */
export default {
  name: 'sick',
  api: 1,
  hooks: {
    async beforeStore(_scope: unknown, { memory }: Draft): Promise<undefined> {
      if (memory?.tags.includes(FAILS)) throw new Error('as it was asked to');
      if (memory?.tags.includes(IS_LATE)) await sleep(LATE_MS);
    },
  },
};
