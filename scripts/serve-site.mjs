#!/usr/bin/env node
/** Serves the built site (build/) on loopback, as any static host would, and prints its address. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const site = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../build');
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

function fileFor(pathname) {
  const target = path.join(site, path.normalize(pathname));
  if (!target.startsWith(site)) return undefined;
  for (const candidate of [target, `${target}.html`, path.join(target, 'index.html')])
    if (existsSync(candidate) && statSync(candidate).isFile()) return candidate;
  return undefined;
}

/** @param {number} port 0: any free one @returns {Promise<{url: string, close: () => void}>} */
export function serveSite(port) {
  const server = http.createServer((request, response) => {
    let pathname;
    try {
      pathname = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    } catch {
      return response.writeHead(400).end('bad request');
    }
    const file = fileFor(pathname);
    const found = file ?? path.join(site, '404.html');
    if (!existsSync(found)) return response.writeHead(404).end('not found');
    const immutable = pathname.includes('/_app/immutable/');
    response.writeHead(file ? 200 : 404, {
      'content-type': types[path.extname(found)] ?? 'application/octet-stream',
      'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    // A rebuild may take the file away meanwhile.
    createReadStream(found)
      .on('error', () => response.destroy())
      .pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () =>
      resolve({ url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(path.join(site, 'index.html'))) {
    console.error('build/ is missing: run `npm run build` first');
    process.exit(1);
  }
  const wanted = Number(process.env.PORT ?? 4173);
  const { url } = await serveSite(wanted).catch(() => serveSite(0));
  console.log(`Slipway is at ${url} (Ctrl-C stops it)`);
}
