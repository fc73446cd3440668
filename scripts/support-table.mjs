/** Writes docs/kubectl.md and docs/docker.md: which commands and flags are simulated, as the code says. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

for (const [name, source] of [
  ['kubectl', 'src/engine/commands/kubectl/support-table.ts'],
  ['docker', 'src/engine/commands/docker/docker-support-table.ts'],
]) {
  const { supportTable } = await import(await bundle(source));
  const file = path.resolve(path.dirname(fileURLToPath(import.meta.url)), `../docs/${name}.md`);
  writeFileSync(file, supportTable());
}
