import { MAX_COORDINATE_BYTES } from '@soma/core';
import { z } from 'zod';

const ID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const NUMBER = String.raw`\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*`;

const COORDINATE = `${NUMBER}(?:,${NUMBER}){0,63}`;

/** What stands in the path of a memory: its id or its coordinate. */
export const ADDRESS_PATTERN = `^(?:${ID}|${COORDINATE})$`;

/**
 * A coordinate as clients write it. The API says its form and `parseCoordinate` holds to it, whose
 * error names the part that is wrong.
 */
export const coordinateSchema = z
  .string()
  .min(1)
  .max(MAX_COORDINATE_BYTES)
  .meta({ pattern: `^${COORDINATE}$` });
