/** Writes docs/kubectl.md: which commands and flags of kubectl are simulated, as the code says. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const { supportTable } = await import(await bundle('src/engine/commands/kubectl/support-table.ts'));
const file = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs/kubectl.md');
writeFileSync(file, supportTable());
