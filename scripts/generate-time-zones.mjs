#!/usr/bin/env node
/**
 * Writes src/engine/kubernetes/apimachinery/time-zones.generated.ts from the system's IANA time zone database: of each
 * zone the rule that holds from now on (the POSIX TZ string at the end of its file). The engine may not ask `Intl`.
 *
 *   node scripts/generate-time-zones.mjs [/usr/share/zoneinfo]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const source = process.argv[2] ?? '/usr/share/zoneinfo';
const [head, ...lines] = readFileSync(path.join(source, 'tzdata.zi'), 'utf8').split('\n');
const names = lines.flatMap((line) => {
  const [kind, first, second] = line.split(' ');
  return kind === 'Z' ? [first] : kind === 'L' ? [second] : [];
});

const zones = new Map();
for (const name of names.sort()) {
  const file = path.join(source, name);
  if (!existsSync(file)) continue;
  const rule = readFileSync(file, 'latin1').trimEnd().split('\n').at(-1);
  zones.set(rule, [...(zones.get(rule) ?? []), name]);
}

const body = [...zones].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, of]) => `  '${rule}': '${of.join(' ')}',`);
writeFileSync(
  'src/engine/kubernetes/apimachinery/time-zones.generated.ts',
  `// Made by scripts/generate-time-zones.mjs from the IANA time zone database, ${head.replace(/^# /, '')}.
/* prettier-ignore */
/** POSIX TZ rule → the zones that follow it. */
export const zonesByRule: Readonly<Record<string, string>> = {
${body.join('\n')}
};
`,
);
