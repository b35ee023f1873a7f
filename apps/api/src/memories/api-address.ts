import { ApiParam } from '@nestjs/swagger';
import { ADDRESS_PATTERN } from '@soma/memory';

/** How the last part of `/memories/{address}` is documented. */
export const ApiAddress = () =>
  ApiParam({
    name: 'address',
    description: 'Coordinate or id of the memory.',
    schema: { type: 'string', maxLength: 512, pattern: ADDRESS_PATTERN, example: '1,2,3' },
  });
