import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KubectlMachine } from './kubectl.test-support.ts';
import { supportTable } from './support-table.ts';

test('docs/kubectl.md is what the code says; `node scripts/support-table.mjs` writes it', () => {
  expect(readFileSync('docs/kubectl.md', 'utf8')).toBe(supportTable());
});

test('flags that are not simulated say so, unless they ask for nothing', async () => {
  const machine = new KubectlMachine({ 'kustomization.yaml': 'resources: []\n' });
  const refused = await machine.kubectl('kustomize . --enable-helm');
  expect(refused).toEqual({ stdout: '', stderr: 'slipway: --enable-helm is not simulated\n', exit: 1 });
  expect((await machine.kubectl('kustomize . --enable-helm=false --profile=none')).exit).toBe(0);
  expect((await machine.kubectl('version --client --profile=cpu')).stderr).toBe(
    'slipway: --profile is not simulated\n',
  );
});
