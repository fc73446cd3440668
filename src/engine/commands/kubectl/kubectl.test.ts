import { expect, test } from 'vitest';
import { KubectlMachine } from './kubectl.test-support.ts';

const manifest = `apiVersion: v1
kind: ConfigMap
metadata:
  name: conf
data:
  a: "1"
`;

test('apply creates, leaves alone, changes and removes', async () => {
  const machine = new KubectlMachine({ 'conf.yaml': manifest });
  expect(await machine.kubectl('apply -f conf.yaml')).toEqual({
    stdout: 'configmap/conf created\n',
    stderr: '',
    exit: 0,
  });
  expect((await machine.kubectl('apply -f conf.yaml')).stdout).toBe('configmap/conf unchanged\n');
  machine.write('conf.yaml', manifest.replace('a: "1"', 'b: "2"'));
  expect((await machine.kubectl('apply -f conf.yaml')).stdout).toBe('configmap/conf configured\n');
  expect((await machine.kubectl('get cm conf -o jsonpath={.data}')).stdout).toBe('{"b":"2"}');
});

test('flags may stand anywhere and in all their forms', async () => {
  const machine = new KubectlMachine();
  for (const line of [
    'get ns default -oname',
    '-o name get ns default',
    'get -o=name ns/default',
    'get ns default --output name',
  ])
    expect((await machine.kubectl(line)).stdout).toBe('namespace/default\n');
});

test('wrong flags and commands are refused in the words of the real program', async () => {
  const machine = new KubectlMachine();
  const refused = async (line: string) => {
    const { stdout, stderr, exit } = await machine.kubectl(line);
    expect([stdout, exit]).toEqual(['', 1]);
    return stderr;
  };
  expect(await refused('get ns --foo')).toBe("error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n");
  expect(await refused('get -x')).toBe(
    "error: unknown shorthand flag: 'x' in -x\nSee 'kubectl get --help' for usage.\n",
  );
  expect(await refused('get -n')).toBe(
    "error: flag needs an argument: 'n' in -n\nSee 'kubectl get --help' for usage.\n",
  );
  expect(await refused('gett pods')).toBe(
    'error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\n',
  );
  expect(await refused('delete cm x --timeout=5')).toBe(
    'error: invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"\nSee \'kubectl delete --help\' for usage.\n',
  );
});

test('a connection that is refused is said to be', async () => {
  const machine = new KubectlMachine();
  const { stderr, exit } = await machine.kubectl('get pods -s https://127.0.0.1:1');
  expect(exit).toBe(1);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  );
});

test('a broken document does not keep the others from being applied', async () => {
  const machine = new KubectlMachine({
    'two.yaml': `${manifest}---\nkind: Foo\napiVersion: v9\nmetadata: {name: x}\n`,
  });
  const { stdout, stderr, exit } = await machine.kubectl('apply -f two.yaml');
  expect(stdout).toBe('configmap/conf created\n');
  expect(exit).toBe(1);
  expect(stderr).toContain('no matches for kind "Foo" in version "v9"');
});
