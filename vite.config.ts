import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { sourceHash } from './scripts/bundle.mjs';

export default defineConfig({
  plugins: [
    paraglideVitePlugin({ project: './project.inlang', outdir: './src/lib/paraglide', strategy: ['baseLocale'] }),
    sveltekit(),
  ],
  // Sessions name the build they were made with (src/session/build.ts).
  define: { __SLIPWAY_BUILD__: JSON.stringify(sourceHash()) },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // Monaco is one large lazily loaded chunk.
    chunkSizeWarningLimit: 4096,
  },
});
