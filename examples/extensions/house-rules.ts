import type { Extension } from '@soma/extensions';

const CARD = /\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b/g;

/**
 * Rules of a house, as hooks: card numbers are not kept, what is tagged `keep` is not deleted one by
 * one, drafts are not recalled, and a result says how old it is. `SOMA_EXTENSIONS` names this file.
 */
const houseRules: Extension = {
  name: 'house-rules',
  api: 1,
  hooks: {
    beforeStore(_scope, draft) {
      const said = draft.kind === 'store' ? draft.memory : draft.changes;
      if (said.tags?.includes('forbidden'))
        return { refuse: 'The tag "forbidden" is not used here.' };
      const content = said.content?.replaceAll(CARD, '[card number]');
      if (content === said.content) return undefined;
      return draft.kind === 'store'
        ? { memory: { ...draft.memory, content } }
        : { changes: { ...draft.changes, content } };
    },
    beforeRecall: () => ({ filter: { not: { tags: 'draft' } } }),
    afterRecall(_scope, { memories }) {
      const ageOf = (createdAt: string) => Date.now() - Date.parse(createdAt);
      return {
        annotations: Object.fromEntries(
          memories.map(({ id, created_at: at }) => [
            id,
            { age_seconds: Math.round(ageOf(at) / 1000) },
          ]),
        ),
      };
    },
    beforeDelete(_scope, order) {
      if (order.kind !== 'memory' || !order.memory.tags.includes('keep')) return undefined;
      return { refuse: 'What is tagged "keep" stays: take the tag away first.' };
    },
  },
};

export default houseRules;
