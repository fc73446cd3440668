import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** Kit hashes the scripts it writes itself, not those that stand in the template. */
const templateScripts = [
  ...readFileSync(new URL('src/app.html', import.meta.url), 'utf8').matchAll(/<script>([\s\S]*?)<\/script>/g),
].map(
  ([, text = '']) => /** @type {`sha256-${string}`} */ (`sha256-${createHash('sha256').update(text).digest('base64')}`),
);

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ fallback: '404.html' }),
    paths: { base: /** @type {'' | `/${string}`} */ (process.env.SLIPWAY_BASE ?? '') },
    output: { preloadStrategy: 'modulepreload' },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['self'],
        'script-src': ['self', ...templateScripts],
        // xterm, Monaco and cytoscape set styles from script.
        'style-src': ['self', 'unsafe-inline'],
        'img-src': ['self', 'data:'],
        'font-src': ['self', 'data:'],
        'connect-src': ['self'],
        'worker-src': ['self'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['none'],
      },
    },
    prerender: {
      // Steps (#step) are drawn by the page, which shows one at a time.
      handleMissingId: 'ignore',
    },
  },
};
