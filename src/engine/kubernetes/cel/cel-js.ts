import * as library from '@marcbachmann/cel-js';

/** The CEL library. It stands alone here so that the page can bring it later (vite.config.ts): no prompt needs it. */
export const celJs = (): typeof library => library;
