import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';
import { bundle, sourceHash } from './scripts/bundle.mjs';

/**
 * The engine's first chunk knows late programs by name only: in place of src/session/late-names.ts it gets what that
 * module exports.
 */
const lateNames = (): Plugin => ({
  name: 'slipway:late-names',
  async load(id) {
    if (!id.endsWith('/src/session/late-names.ts')) return undefined;
    const { lateNames } = (await import(await bundle('src/session/late-names.ts'))) as { lateNames: unknown };
    return `export const lateNames = ${JSON.stringify(lateNames)};`;
  },
});

export default defineConfig({
  plugins: [
    paraglideVitePlugin({ project: './project.inlang', outdir: './src/lib/paraglide', strategy: ['baseLocale'] }),
    sveltekit(),
    lateNames(),
  ],
  // Sessions name the build they were made with (src/session/build.ts).
  define: { __SLIPWAY_BUILD__: JSON.stringify(sourceHash()) },
  worker: { format: 'es', plugins: () => [lateNames()] },
  build: {
    target: 'es2023',
    // Monaco is one large lazily loaded chunk.
    chunkSizeWarningLimit: 4096,
  },
});
