declare const __SLIPWAY_BUILD__: string | undefined;

/** Identifies this build of the engine; sessions say which build they were made with. */
export const build: string = typeof __SLIPWAY_BUILD__ === 'undefined' ? 'development' : __SLIPWAY_BUILD__;
