import { z } from 'zod';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
/** Each is a value of a label of metrics. */
const MOST = 16;

const namesIn = (list: string): string[] => list.split(',').map((name) => name.trim());

/** The setting SOMA_TENANT_CLASSES. */
export const tenantClassesSetting = z
  .string()
  .default('standard')
  .refine((list) => {
    const names = namesIn(list);
    const isDistinct = new Set(names).size === names.length && names.length <= MOST;
    return isDistinct && names.every((name) => NAME.test(name));
  }, `is up to ${MOST} different names, such as standard,gold`);

/** The names, in the order of the setting: the first is of tenants without one of their own. */
export function tenantClassesOf(list: string): readonly [string, ...string[]] {
  const [first = '', ...others] = namesIn(list);
  return [first, ...others];
}
