import { expect, test } from 'vitest';
import { KubectlMachine } from './kubectl.test-support.ts';

const kuberc = `apiVersion: kubectl.config.k8s.io/v1beta1
kind: Preference
defaults:
- command: config view
  options:
  - {name: output, default: json}
aliases:
- name: crt
  command: create configmap
  prependArgs: [pre]
  appendArgs: ["--from-literal=a=b", "--dry-run=client"]
  options: [{name: output, default: name}]
- name: get
  command: config view
`;

const machine = (text: string) => new KubectlMachine({ '/home/learner/.kube/kuberc': text });

test('defaults of flags hold unless the command line says otherwise', async () => {
  expect((await machine(kuberc).kubectl('config view')).stdout).toMatch(/^\{\n/);
  expect((await machine(kuberc).kubectl('config view -o yaml')).stdout).toMatch(/^apiVersion: v1\n/);
  const off = await machine(kuberc).run(['config', 'view'], { env: { KUBERC: 'off' } });
  expect(off.stdout).toMatch(/^apiVersion: v1\n/);
  const gate = await machine(kuberc).run(['config', 'view'], { env: { KUBECTL_KUBERC: 'false' } });
  expect(gate.stdout).toMatch(/^apiVersion: v1\n/);
});

test('aliases put arguments before and after what is typed, and never hide a command', async () => {
  expect(await machine(kuberc).kubectl('crt')).toEqual({ exit: 0, stdout: 'configmap/pre\n', stderr: '' });
  expect((await machine(kuberc).kubectl('crt extra')).stderr).toBe(
    "error: exactly one NAME is required, got 2\nSee 'kubectl crt -h' for help and examples\n",
  );
  expect((await machine(kuberc).kubectl('get')).stderr).toContain('You must specify the type of resource to get');
});

test.each([
  [
    'xx',
    'kuberc: no preferences loaded from /home/learner/.kube/kuberc: no valid preferences found in /home/learner/.kube/kuberc, use --v=5 to see details',
  ],
  [
    kuberc.replace('name: crt', 'name: a1'),
    'error occurred while applying preferences invalid alias name, can only include alphabetical characters\n',
  ],
  [kuberc.replace('name: get', 'name: crt'), 'error occurred while applying preferences duplicate alias name crt\n'],
  [
    kuberc.replace('name: output, default: json', 'name: nope, default: x'),
    'error occurred while applying preferences invalid flag nope for command config view\n',
  ],
])('broken preferences are told: %#', async (text, expected) => {
  expect((await machine(text).kubectl('config view')).stderr).toBe(expected);
});
