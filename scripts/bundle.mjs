/**
 * Bundles a TypeScript entry point for Node, once per state of the sources: later calls only hash the files.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Folders whose files can be part of a headless bundle. */
const sources = ['src/engine', 'src/session', 'src/headless', 'src/lessons', 'src/topology', 'package-lock.json'];

function* filesOf(entry) {
  if (!existsSync(entry)) return;
  if (statSync(entry).isFile()) return yield entry;
  for (const item of readdirSync(entry, { withFileTypes: true })) {
    const full = path.join(entry, item.name);
    if (item.isDirectory()) yield* filesOf(full);
    else if (!item.name.endsWith('.test.ts') && !item.name.endsWith('.md')) yield full;
  }
}

/** SHA-256 over names and contents of the sources. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const source of sources)
    for (const file of [...filesOf(path.join(root, source))].sort()) {
      hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  return hash.digest('hex').slice(0, 20);
}

/**
 * @param {string} entry path below the repository's root
 * @returns {Promise<string>} the bundle's path
 */
export async function bundle(entry) {
  const build = sourceHash();
  const name = path.basename(entry, '.ts');
  const dir = path.join(root, '.cache/bundles');
  const out = path.join(dir, `${name}-${build}.mjs`);
  if (existsSync(out)) return out;
  mkdirSync(dir, { recursive: true });
  const esbuild = await import('esbuild');
  await esbuild.build({
    entryPoints: [path.join(root, entry)],
    outfile: out,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'inline',
    sourcesContent: false,
    define: { __SLIPWAY_BUILD__: JSON.stringify(build) },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  for (const old of readdirSync(dir)) {
    const file = path.join(dir, old);
    if (old.startsWith(`${name}-`) && file !== out && Date.now() - statSync(file).mtimeMs > 3_600_000) unlinkSync(file);
  }
  return out;
}
