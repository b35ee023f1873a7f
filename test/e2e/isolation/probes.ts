import { ENCRYPTION_PROBES } from './encryption-probes.js';
import { FORGETTING_PROBES } from './forgetting-probes.js';
import { GRAPH_PROBES } from './graph-probes.js';
import { HIERARCHY_PROBES } from './hierarchy-probes.js';
import { LOCK_PROBES } from './lock-probes.js';
import { MEMORY_PROBES } from './memory-probes.js';
import { MERGING_PROBES } from './merging-probes.js';
import { NAMESPACE_PROBES } from './namespace-probes.js';
import type { OperationKey } from './operations.js';
import type { Probe } from './probe.js';
import { SERVICE_PROBES } from './service-probes.js';
import { TRANSFER_PROBES } from './transfer-probes.js';
import { TRUST_PROBES } from './trust-probes.js';

/** How each route is asked for what belongs to the other tenant. A route that is not here fails the build. */
export const PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  ...SERVICE_PROBES,
  ...MEMORY_PROBES,
  ...GRAPH_PROBES,
  ...HIERARCHY_PROBES,
  ...NAMESPACE_PROBES,
  ...LOCK_PROBES,
  ...FORGETTING_PROBES,
  ...MERGING_PROBES,
  ...ENCRYPTION_PROBES,
  ...TRANSFER_PROBES,
  ...TRUST_PROBES,
};
