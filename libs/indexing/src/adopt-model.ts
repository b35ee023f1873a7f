import { Logger } from '@nestjs/common';
import type { EmbedderSource } from '@soma/embedding';
import type { ConsistencyStore } from './consistency-store.js';
import type { ModelStore } from './model-store.js';
import type { ModelVectors } from './model-vectors.js';

/** With more tenants, something is stored. */
const MOST_TENANTS_ASKED = 200;

/**
 * At start: the model that the configuration names becomes the active one of a service that has
 * stored nothing yet. Else the one that its vectors are of stays active, with a warning.
 * @throws when the configuration cannot reach that one.
 */
export async function adoptModel(
  store: ModelStore,
  source: EmbedderSource,
  memories: { readonly tenants: ConsistencyStore; readonly vectors: ModelVectors },
): Promise<void> {
  const { configured } = source;
  const active = await activeModel(store);
  if (active === undefined) await store.adopt(configured);
  if (active === undefined || active === configured) return;
  if (await isUnused(memories)) {
    await store.replaceUnused(configured);
    return;
  }
  try {
    source.open(active);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The memories have vectors of ${active}, the configuration names ${configured}, and the first ` +
        `cannot be used: ${reason} The service does not start, for no search by meaning would find ` +
        'them. Configure a provider for it; then change the model with `soma admin reembed`.',
      { cause: error },
    );
  }
  new Logger('EmbeddingModels').warn(
    `The configuration names the embedding model ${configured}, but the memories have vectors of ` +
      `${active}, which stays in use. Change it with: soma admin reembed`,
  );
}

const activeModel = async (store: ModelStore): Promise<string | undefined> =>
  (await store.all()).find(({ state }) => state === 'active')?.model;

async function isUnused({
  tenants,
  vectors,
}: {
  readonly tenants: ConsistencyStore;
  readonly vectors: ModelVectors;
}): Promise<boolean> {
  const scopes = await tenants.tenants(MOST_TENANTS_ASKED + 1);
  if (scopes.length > MOST_TENANTS_ASKED) return false;
  for (const scope of scopes) {
    if ((await vectors.count(scope, '')).memories > 0) return false;
  }
  return true;
}
