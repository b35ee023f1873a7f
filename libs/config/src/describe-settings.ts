import { z } from 'zod';
import { settingsSchema } from './settings.js';

/** One environment variable as the documents show it. */
export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  /** Absent: there is none, the setting is off until given. */
  readonly default?: string;
  /** In words: `a whole number from 0 to 65535`. */
  readonly accepts: string;
}

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: string | number;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** Every setting in the order of the schema, which is the only place where they are written down. */
export function describeSettings(): SettingDescription[] {
  const { properties = {} } = z.toJSONSchema(settingsSchema, { io: 'output' });
  return Object.entries(properties).map(([name, schema]) => {
    const property = schema as Property;
    return {
      name,
      description: property.description ?? '',
      ...(property.default !== undefined && { default: String(property.default) }),
      accepts: accepts(property),
    };
  });
}

function accepts(property: Property): string {
  if (property.enum) return property.enum.map((value) => `\`${value}\``).join(', ');
  if (property.type === 'integer') {
    return `a whole number from ${property.minimum ?? 'any'} to ${property.maximum ?? 'any'}`;
  }
  if (property.format === 'uri') return 'a URL';
  if (property.pattern) return `text that matches \`${property.pattern}\``;
  const least = property.minLength ?? 0;
  return least > 1 ? `text of at least ${least} characters` : 'text';
}
