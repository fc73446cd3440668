import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { KubectlMachine } from '../kubectl.test-support.ts';

/** What the real kubectl printed; `node scripts/record-kustomize.mjs` records it anew from the .txt files. */
const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../../../conformance/kustomize');

interface Case {
  id: string;
  files: Record<string, string>;
  steps: { cmd: string; stdout: string; stderr: string; exit: number }[];
}

/** What differs between two runs of the real program too. */
const stable = (text: string) =>
  text.replace(/0xc[0-9a-f]{9}/g, '0xc000000000').replace(/^I\d{4} [\d:.]+ +\d+ /gm, 'I ');

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const cases = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Case[];
  describe(file.replace('.json', ''), () => {
    test.each(cases)('$id', async ({ files, steps }) => {
      const machine = new KubectlMachine(files);
      for (const step of steps) {
        const [program, ...args] = step.cmd.split(/\s+/);
        if (program !== 'kubectl') {
          const [name = ''] = args;
          const at = `/home/learner/work/${name}`;
          const shown = program === 'ls' ? `${machine.fs.readdir(at).join('\n')}\n` : machine.fs.readText(at);
          expect(shown).toBe(step.stdout);
          continue;
        }
        const { stdout, stderr, exit } = await machine.run(args);
        if (stderr.startsWith('slipway: ')) {
          expect(exit).toBe(1);
          continue;
        }
        expect({ stdout, stderr: stable(stderr), exit }).toEqual({
          stdout: step.stdout,
          stderr: stable(step.stderr),
          exit: step.exit,
        });
      }
    });
  });
}
