import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [
    paraglideVitePlugin({ project: './project.inlang', outdir: './src/lib/paraglide', strategy: ['baseLocale'] }),
    sveltekit(),
  ],
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // Monaco is one large lazily loaded chunk.
    chunkSizeWarningLimit: 4096,
  },
});
