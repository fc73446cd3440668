import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { supportTable } from './docker-support-table.ts';

test('docs/docker.md is what the code says; `node scripts/support-table.mjs` writes it', () => {
  expect(readFileSync('docs/docker.md', 'utf8')).toBe(supportTable());
});
