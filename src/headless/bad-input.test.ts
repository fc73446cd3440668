import { describe, expect, it } from 'vitest';
import { ScriptRunner } from './runner.ts';

/** A fresh kind-4 in which one command line is run. */
async function run(
  cmd: string,
  files: Record<string, string> = {},
  options: { stdin?: string; interrupt_after_s?: number } = {},
) {
  const runner = new ScriptRunner({ preset: 'kind-4', files });
  const result = await runner.step({ cmd, ...options });
  // Whatever came in, the next command must work.
  expect(await runner.step({ cmd: 'kubectl get nodes -o name | wc -l' })).toMatchObject({ stdout: '4\n', exit: 0 });
  return result;
}

describe('YAML that is none', () => {
  it('empty, blank, comments only', async () => {
    for (const text of ['', '\n\n', '# nothing\n', '---\n---\n'])
      expect(await run('kubectl apply -f a.yaml', { 'a.yaml': text })).toMatchObject({
        stdout: '',
        stderr: 'error: no objects passed to apply\n',
        exit: 1,
      });
  });

  it('tabs for indentation', async () => {
    const { stderr, exit } = await run('kubectl apply -f a.yaml', {
      'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n',
    });
    expect(stderr).toBe(
      'error: error parsing a.yaml: error converting YAML to JSON: yaml: line 4: found character that cannot start any token\n',
    );
    expect(exit).toBe(1);
  });

  it('an alias bomb', async () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 1; i < 12; i++) {
      const [name, before] = [String.fromCharCode(97 + i), String.fromCharCode(96 + i)];
      lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`);
    }
    const started = performance.now();
    const { stderr, exit } = await run('kubectl apply -f bomb.yaml', { 'bomb.yaml': lines.join('\n') });
    expect(stderr).toContain('document contains excessive aliasing');
    expect(exit).toBe(1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('binary data', async () => {
    const { stderr, exit } = await run('head -c 3000 /dev/urandom > b.yaml; kubectl apply -f b.yaml');
    expect(stderr).toContain('error: error parsing b.yaml: ');
    expect(exit).toBe(1);
  });

  it('one of ten megabytes', async () => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  a: "${'x'.repeat(10_000_000)}"\n`;
    const { stderr, exit } = await run('kubectl create -f big.yaml', { 'big.yaml': text });
    expect(stderr).toContain('Request entity is too large: limit is 3145728');
    expect(exit).toBe(1);
  });
});

describe('manifests with mistakes', () => {
  it('an unknown field', async () => {
    const { stderr } = await run('kubectl apply -f a.yaml', {
      'a.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replicaz: 3\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec: {containers: [{name: c, image: nginx}]}\n',
    });
    expect(stderr).toBe(
      'Error from server (BadRequest): error when creating "a.yaml": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replicaz"\n',
    );
  });

  it('a kind that does not exist', async () => {
    const { stderr } = await run('kubectl apply -f a.yaml', {
      'a.yaml': 'apiVersion: v1\nkind: Pood\nmetadata:\n  name: a\n',
    });
    expect(stderr).toBe(
      'error: resource mapping not found for name: "a" namespace: "" from "a.yaml": no matches for kind "Pood" in version "v1"\nensure CRDs are installed first\n',
    );
  });
});

describe('command lines with mistakes', () => {
  it('unknown commands and flags', async () => {
    expect(await run('kubctl get pods')).toMatchObject({
      stderr: 'bash: line 1: kubctl: command not found\n',
      exit: 127,
    });
    expect((await run('kubectl gett pods')).stderr).toContain('error: unknown command "gett" for "kubectl"');
    expect(await run('kubectl get pods --nosuch')).toMatchObject({
      stderr: "error: unknown flag: --nosuch\nSee 'kubectl get --help' for usage.\n",
      exit: 1,
    });
    expect((await run('kubectl get poods')).stderr).toBe('error: the server doesn\'t have a resource type "poods"\n');
  });

  it('an unterminated quote', async () => {
    expect((await run("echo 'a")).stderr).toContain("unexpected EOF while looking for matching `''");
  });
});

describe('runaway programs', () => {
  it('yes | head ends', async () => {
    expect(await run('yes | head -n 3')).toMatchObject({ stdout: 'y\ny\ny\n', exit: 0 });
  });

  it('an endless loop ends with Ctrl-C', async () => {
    expect((await run('while true; do :; done', {}, { interrupt_after_s: 2 })).exit).toBe(130);
  });

  it('a fork bomb runs into the process limit, not into memory', async () => {
    const { stderr } = await run(':(){ :|:& };:; sleep 5', {}, { interrupt_after_s: 20 });
    expect(stderr).toMatch(/fork: (retry: )?Resource temporarily unavailable|^$/);
  });

  it('endless recursion ends with an error', async () => {
    const { stderr } = await run('f() { f; }; f');
    expect(stderr).toContain('maximum function nesting level exceeded');
  });
});
