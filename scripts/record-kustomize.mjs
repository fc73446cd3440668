/**
 * Records what the real kubectl prints for the cases of conformance/kustomize/*.txt, into the .json beside each.
 * A case is `=== NAME`, its commands (`$ …`) and its files (`-- PATH --`).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { realClients } from './real-clients.mjs';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../conformance/kustomize');
/** Where the cases are said to lie. */
const home = '/home/learner/work';

function parse(text) {
  const cases = [];
  for (const part of text.split(/^=== /m).slice(1)) {
    const [head, ...sections] = part.split(/^-- (?=.* --$)/m);
    const [id, ...commands] = head.trimEnd().split('\n');
    const files = {};
    for (const section of sections) {
      const end = section.indexOf(' --\n');
      files[section.slice(0, end < 0 ? section.indexOf(' --') : end)] = end < 0 ? '' : section.slice(end + 4);
    }
    cases.push({ id, commands: commands.map((c) => c.replace(/^\$ /, '')), files });
  }
  return cases;
}

function run(cmd, dir, bin) {
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: '/home/learner',
    KUBECONFIG: '/nonexistent',
    LANG: 'C.UTF-8',
    COLUMNS: '80',
    TERM: 'xterm',
  };
  let result;
  try {
    const stdout = execFileSync('bash', ['-c', `${cmd} 2>.stderr`], { cwd: dir, env, encoding: 'utf8' });
    result = { stdout, exit: 0 };
  } catch (error) {
    result = { stdout: error.stdout ?? '', exit: error.status };
  }
  const here = (text) => text.replaceAll(dir, home);
  const stderr = readFileSync(path.join(dir, '.stderr'), 'utf8');
  rmSync(path.join(dir, '.stderr'));
  return { cmd, stdout: here(result.stdout), stderr: here(stderr), exit: result.exit };
}

const bin = realClients();
if (!bin) process.exit(1);
for (const name of readdirSync(folder).filter((n) => n.endsWith('.txt'))) {
  const recorded = parse(readFileSync(path.join(folder, name), 'utf8')).map(({ id, commands, files }) => {
    const dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'kustomize-')));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.join(dir, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(dir, file), content);
    }
    const steps = commands.map((cmd) => run(cmd, dir, bin));
    rmSync(dir, { recursive: true });
    return { id, files, steps };
  });
  writeFileSync(path.join(folder, name.replace(/\.txt$/, '.json')), `${JSON.stringify(recorded, undefined, 1)}\n`);
  console.log(name, recorded.length);
}
