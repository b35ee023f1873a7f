import { ApiParam } from '@nestjs/swagger';

export const ApiTenant = () => ApiParam({ name: 'tenant', description: 'Id of the tenant.' });
