import { IndexEntries } from './index-entries.ts';
import { Ledger } from './ledger.ts';
import { RequestLog } from './request-log.ts';
import type { FaultReport } from './report.ts';
import type { Service, Tenant } from './service.ts';
import { Truth } from './truth.ts';
import type { Stores } from './verify.ts';

/** What every part of the suite is given. */
export interface Plan {
  /** For the servers, logs and mounts of this run. */
  readonly dir: string;
  readonly full: boolean;
  readonly abort: AbortSignal;
  readonly progress: (message: string) => void;
  /** Takes what one fault came to. */
  readonly report: (report: FaultReport) => void;
  /** Whether this fault was asked for; unless by name, the short form does without some. */
  readonly wants: (fault: string, inShortForm?: boolean) => boolean;
}

/** One fault's tenant with all that is known of it. */
export interface Trial {
  readonly tenant: Tenant;
  readonly ledger: Ledger;
  readonly log: RequestLog;
}

export async function newTrial(service: Service): Promise<Trial> {
  return { tenant: await service.tenant(), ledger: new Ledger(), log: new RequestLog() };
}

export const COLLECTION_PREFIX = 'soma';

/** The stores behind the service, to be looked at past it. */
export function openStores(environment: Readonly<Record<string, string>>): Stores {
  const { SOMA_POSTGRES_OWNER_URL = '', SOMA_MILVUS_ADDRESS = '' } = environment;
  return {
    truth: new Truth(SOMA_POSTGRES_OWNER_URL),
    index: new IndexEntries(SOMA_MILVUS_ADDRESS, COLLECTION_PREFIX),
  };
}
