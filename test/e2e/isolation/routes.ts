import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ROUTE_ACCESS, type RouteAccess } from '@soma/tenancy';
import { operationKey, type OperationKey } from './operations.js';

export interface Route {
  readonly operation: OperationKey;
  /** Undefined when neither the handler nor its class says who may call it. */
  readonly access: RouteAccess | undefined;
}

/** Every route of every controller in every module of the application. */
export function controllerRoutes(app: NestExpressApplication): Route[] {
  const modules = [...app.get(ModulesContainer).values()];
  return routesOf(
    modules.flatMap((module) =>
      [...module.controllers.values()].flatMap(({ metatype }) =>
        typeof metatype === 'function' ? [metatype as Type<object>] : [],
      ),
    ),
  );
}

export function routesOf(controllers: readonly Type<object>[]): Route[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, object>;
    return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name] ?? {};
      const path = metadata<string>(PATH_METADATA, handler);
      if (path === undefined) return [];
      const method = RequestMethod[metadata<RequestMethod>(METHOD_METADATA, handler) ?? 0] ?? '';
      const parts = [metadata<string>(PATH_METADATA, controller) ?? '', path];
      const access =
        metadata<RouteAccess>(ROUTE_ACCESS, handler) ??
        metadata<RouteAccess>(ROUTE_ACCESS, controller);
      return [{ operation: operationKey(method, openApiPath(parts.join('/'))), access }];
    });
  });
}

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** How Nest registers middleware for every path: it answers nothing and passes on. */
const MIDDLEWARE = '/{/*splat}';

/** What Express itself answers, whoever registered it. */
export function expressRoutes(app: NestExpressApplication): OperationKey[] {
  const { router } = app.getHttpAdapter().getInstance() as { router: { stack: readonly Layer[] } };
  return router.stack
    .flatMap(({ route }) =>
      route && openApiPath(route.path) !== MIDDLEWARE
        ? Object.keys(route.methods).map((method) => operationKey(method, openApiPath(route.path)))
        : [],
    )
    .sort();
}

/** `memories/:address` as `/memories/{address}`. */
function openApiPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  return `/${parts.map((part) => part.replace(/^:(\w+)$/, '{$1}')).join('/')}`;
}

function metadata<Value>(key: string, target: object): Value | undefined {
  return Reflect.getMetadata(key, target) as Value | undefined;
}
