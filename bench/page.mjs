/** The page's part of the benchmarks: sizes and times of the built site in headless Chromium on loopback. */
import { brotliCompressSync, constants } from 'node:zlib';
import { chromium } from '@playwright/test';
import { browserPath, launchFlags } from '../scripts/browser.mjs';
import { serveSite } from '../scripts/serve-site.mjs';
import { pictureBenchmarks } from './picture.mjs';

const runs = 5;

function brotliSize(buffer) {
  return brotliCompressSync(buffer, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

/** Loads the sandbox in a fresh browser context. @returns ms until the prompt, and what had been loaded by then */
async function firstPage(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const bodies = [];
  let counting = true;
  context.on('response', (response) => {
    if (counting && response.url().startsWith(url)) bodies.push(response.body().catch(() => Buffer.alloc(0)));
  });
  const started = performance.now();
  await page.goto(`${url}sandbox`, { waitUntil: 'commit' });
  await page.waitForFunction(
    () => /\$\s*$/.test(document.querySelector('.xterm-rows')?.textContent?.trimEnd() ?? ''),
    null,
    { polling: 20 },
  );
  const ms = performance.now() - started;
  counting = false;
  const size = (await Promise.all(bodies)).reduce((sum, body) => sum + (body.length > 0 ? brotliSize(body) : 0), 0);
  await context.close();
  return { ms, size };
}

export async function pageBenchmarks() {
  const site = await serveSite(0);
  const browser = await chromium.launch({ executablePath: browserPath(), args: launchFlags });
  const loads = [];
  for (let i = 0; i < runs; i++) loads.push(await firstPage(browser, site.url));
  const picture = await pictureBenchmarks(browser, site.url);
  await browser.close();
  site.close();
  const by = (pick) => loads.map(pick).sort((a, b) => a - b)[Math.floor(runs / 2)];
  return [
    { name: 'first page: the prompt accepts typing', value: by((l) => l.ms), unit: 'ms', bar: '≤ 1000 ms' },
    { name: 'loaded until then, brotli', value: by((l) => l.size) / 1024, unit: 'KB', bar: '≤ 450 KB' },
    ...picture,
  ];
}
