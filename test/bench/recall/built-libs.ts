import { registerHooks } from 'node:module';

const LIB = /^@soma\/([a-z-]+)$/;

/** Preloaded (`node --import`): lets a benchmark import the built libraries as the services do. */
registerHooks({
  resolve(specifier, context, next) {
    const lib = LIB.exec(specifier)?.[1];
    if (lib === undefined) return next(specifier, context);
    return next(new URL(`../../../dist/libs/${lib}/src/index.js`, import.meta.url).href, context);
  },
});
