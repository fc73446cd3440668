import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';
import { bundle, sourceHash } from './scripts/bundle.mjs';

/**
 * Keeps late code (src/session/late.ts) out of the engine's first chunk: in place of src/session/late-names.ts it gets
 * what that module exports, and the CEL library is the one that comes with the late code.
 */
const lateCode = (): Plugin => ({
  name: 'slipway:late-code',
  async load(id) {
    if (id.endsWith('/src/session/late-names.ts')) {
      const { lateNames } = (await import(await bundle('src/session/late-names.ts'))) as { lateNames: unknown };
      return `export const lateNames = ${JSON.stringify(lateNames)};`;
    }
    if (id.endsWith('/src/engine/kubernetes/cel/cel-js.ts')) {
      const late = JSON.stringify(fileURLToPath(new URL('./src/session/late.ts', import.meta.url)));
      return `import { lateCode } from ${late};\nexport const celJs = () => lateCode().cel;`;
    }
    return undefined;
  },
});

export default defineConfig({
  plugins: [
    paraglideVitePlugin({ project: './project.inlang', outdir: './src/lib/paraglide', strategy: ['baseLocale'] }),
    sveltekit(),
    lateCode(),
  ],
  // Sessions name the build they were made with (src/session/build.ts).
  define: { __SLIPWAY_BUILD__: JSON.stringify(sourceHash()) },
  worker: { format: 'es', plugins: () => [lateCode()] },
  build: {
    target: 'es2023',
    // Monaco is one large lazily loaded chunk.
    chunkSizeWarningLimit: 4096,
  },
});
