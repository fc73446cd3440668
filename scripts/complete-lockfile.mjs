#!/usr/bin/env node
/**
 * Adds optional packages for other platforms to package-lock.json where npm left them out: a registry that lacks a platform's
 * package makes `npm install` drop it, and `npm ci` then refuses the lock file everywhere. Run it after every `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const platform = /-(darwin|linux|win32)-(arm64|x64)(?:-(gnu|musl|msvc))?$/;
let added = 0;
for (const [, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    const match = platform.exec(name);
    if (lock.packages[path] || !match || !/^\d+\.\d+\.\d+$/.test(version)) continue;
    const [, os, cpu, libc] = match;
    lock.packages[path] = {
      version,
      cpu: [cpu],
      ...(entry.dev && { dev: true }),
      ...(libc === 'musl' && { libc: ['musl'] }),
      ...(libc === 'gnu' && { libc: ['glibc'] }),
      optional: true,
      os: [os],
    };
    added++;
  }
}
const { '': root, ...rest } = lock.packages;
lock.packages = { '': root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, JSON.stringify(lock, null, 2) + '\n');
console.log(`${added} optional packages of other platforms added`);
