import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { hashesMatch, hashToken, OperatorToken } from '@soma/tenancy';

interface BearerRequest {
  readonly headers: { readonly authorization?: string };
}

/** Lets the operator's token through; without one configured, nobody. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(private readonly operator: OperatorToken) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<BearerRequest>();
    const [, token] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
    const { hash } = this.operator;
    if (hash && token !== undefined && hashesMatch(hashToken(token), hash)) return true;
    throw new UnauthorizedException('Send the token of SOMA_ADMIN_TOKEN as a bearer token.');
  }
}
