import type { OpenAPIObject } from '@nestjs/swagger';
import { SomaError } from '@soma/core';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

interface Path {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
  readonly isWrittenOut: boolean;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Refuses a method that no route has at this path, naming in `Allow` those that have one. A path
 * without any route is passed on.
 */
export function assertMethod(document: Pick<OpenAPIObject, 'paths'>): RequestHandler {
  const paths = Object.entries(document.paths).map(([path, item]) => pathOf(path, item));
  return (request: Request, response: Response, next: NextFunction): void => {
    const methods = methodsAt(paths, request.path);
    if (methods.length === 0 || methods.includes(request.method)) {
      next();
      return;
    }
    response.setHeader('Allow', methods.join(', '));
    next(
      new SomaError(
        'METHOD_NOT_ALLOWED',
        `${request.method} is not answered here; ${methods.join(', ')} are.`,
      ),
    );
  };
}

function pathOf(path: string, item: object): Path {
  const escaped = path.replaceAll(/[.*+?^$|()[\]\\]/g, String.raw`\$&`);
  return {
    pattern: new RegExp(`^${escaped.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
    methods: METHODS.filter((method) => method.toLowerCase() in item),
    isWrittenOut: !path.includes('{'),
  };
}

/** `/memories/search` is no address of `/memories/{address}`: a path that is written out comes first. */
function methodsAt(paths: readonly Path[], asked: string): string[] {
  const matching = paths.filter(({ pattern }) => pattern.test(asked));
  const found = matching.find(({ isWrittenOut }) => isWrittenOut) ?? matching[0];
  const methods = found?.methods ?? [];
  return methods.includes('GET') ? [...methods, 'HEAD'] : [...methods];
}
