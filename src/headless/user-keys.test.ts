import { describe, expect, it } from 'vitest';
import { ScriptRunner } from './runner.ts';

/**
 * Keys that JavaScript's objects have already, or treat in a way of their own, are data like any other in a ConfigMap,
 * a label or an environment variable.
 */
const keys = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf'];

const block = (keys: readonly string[], value: string, indent = '  ') =>
  keys.map((key) => `${indent}${key}: ${value}\n`).join('');

const configMap = (value: string, names = keys) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: odd\n  labels:\n    constructor: ${value}\ndata:\n${block(names, value)}`;

const all = (value: string, names = keys) => Object.fromEntries(names.map((key) => [key, value]));

async function machine(files: Record<string, string> = {}) {
  const runner = new ScriptRunner({ preset: 'kind-4', files });
  const sh = async (cmd: string) => {
    const { stdout, stderr, exit } = await runner.step({ cmd });
    expect({ cmd, stderr, exit }).toEqual({ cmd, stderr: '', exit: 0 });
    return stdout;
  };
  const data = async () => JSON.parse(await sh('kubectl get configmap odd -o json')).data as unknown;
  return { sh, data };
}

describe('keys that objects have already', () => {
  it('are applied, changed and taken away again', async () => {
    const { sh, data } = await machine({
      'a.yaml': configMap('one'),
      'b.yaml': configMap('two'),
      'c.yaml': configMap('three', ['plain']),
    });
    await sh('kubectl apply -f a.yaml');
    expect(await data()).toEqual(all('one'));
    expect(await sh('kubectl apply -f a.yaml')).toBe('configmap/odd unchanged\n');
    expect(await sh('kubectl apply -f b.yaml')).toBe('configmap/odd configured\n');
    expect(await data()).toEqual(all('two'));
    expect(await sh('kubectl get configmap odd -o yaml')).toContain(`data:\n${block(keys, 'two')}`);
    expect(await sh('kubectl get configmap odd -o jsonpath={.data.__proto__}{.data.constructor}')).toBe('twotwo');
    expect(await sh("kubectl get configmap odd -o go-template='{{.data.__proto__}}{{.data.toString}}'")).toBe('twotwo');
    expect(await sh("kubectl get configmap odd -o json | jq -r '.data.__proto__, .data.constructor'")).toBe(
      'two\ntwo\n',
    );
    expect(await sh('kubectl get configmap -l constructor=two -o name')).toBe('configmap/odd\n');
    expect(await sh('kubectl get configmap -l toString -o name')).toBe('');
    await sh('kubectl apply -f c.yaml');
    expect(await data()).toEqual({ plain: 'three' });
  });

  it('are applied by the server', async () => {
    const { sh, data } = await machine({
      'a.yaml': configMap('one'),
      'b.yaml': configMap('two'),
      'c.yaml': configMap('three', ['plain']),
    });
    for (const [file, expected] of [
      ['a', all('one')],
      ['b', all('two')],
      ['c', { plain: 'three' }],
    ] as const) {
      await sh(`kubectl apply --server-side -f ${file}.yaml`);
      expect(await data()).toEqual(expected);
    }
  });

  it('are changed by every type of patch', async () => {
    const patched = (type: string) => `kubectl patch configmap odd --type ${type} -p`;
    for (const key of keys) {
      const { sh, data } = await machine();
      await sh('kubectl create configmap odd --from-literal=a=b');
      await sh(`${patched('merge')} '{"data":{"${key}":"x"}}'`);
      expect(await data()).toEqual(all('x', [key]) && { a: 'b', ...all('x', [key]) });
      await sh(`${patched('merge')} '{"data":{"${key}":null}}'`);
      expect(await data()).toEqual({ a: 'b' });
      await sh(`${patched('strategic')} '{"data":{"${key}":"y"}}'`);
      expect(await data()).toEqual({ a: 'b', ...all('y', [key]) });
      await sh(`${patched('strategic')} '{"data":{"${key}":null}}'`);
      expect(await data()).toEqual({ a: 'b' });
      await sh(`${patched('json')} '[{"op":"add","path":"/data/${key}","value":"z"}]'`);
      expect(await data()).toEqual({ a: 'b', ...all('z', [key]) });
      await sh(`${patched('json')} '[{"op":"copy","from":"/data/${key}","path":"/data/c"}]'`);
      await sh(`${patched('json')} '[{"op":"remove","path":"/data/${key}"}]'`);
      expect(await data()).toEqual({ a: 'b', c: 'z' });
    }
  });

  it('are labels, annotations and environment variables', async () => {
    const { sh } = await machine();
    await sh('kubectl create configmap odd --from-literal=__proto__=p --from-literal=constructor=c');
    expect(await sh('kubectl label configmap odd constructor=l toString=t')).toBe('configmap/odd labeled\n');
    await sh('kubectl annotate configmap odd valueOf=v');
    expect(await sh('kubectl get configmap odd -L constructor,valueOf --no-headers | tr -s " "')).toMatch(/ l \n$/);
    await sh('kubectl label configmap odd constructor-');
    const { metadata, data } = JSON.parse(await sh('kubectl get configmap odd -o json'));
    expect(metadata.labels).toEqual({ toString: 't' });
    expect(metadata.annotations).toEqual({ valueOf: 'v' });
    expect(data).toEqual({ ...all('p', ['__proto__']), constructor: 'c' });
    expect(await sh('kubectl describe configmap odd')).toMatch(/__proto__:\n----\np\n/);
    await sh(
      `kubectl run env --image=busybox --restart=Never --overrides='${JSON.stringify({
        apiVersion: 'v1',
        spec: {
          containers: [
            { name: 'env', image: 'busybox', command: ['env'], envFrom: [{ configMapRef: { name: 'odd' } }] },
          ],
        },
      })}'`,
    );
    await sh('kubectl wait --for=jsonpath={.status.phase}=Succeeded pod/env --timeout=60s');
    const lines = (await sh('kubectl logs env')).split('\n');
    expect(lines).toEqual(expect.arrayContaining(['__proto__=p', 'constructor=c']));
  });

  it('are generated and patched by kustomize', async () => {
    const { sh } = await machine({
      'kustomization.yaml': `configMapGenerator:
- name: made
  literals: [__proto__=p, constructor=c]
resources: [a.yaml]
labels:
- pairs: { toString: t }
patches:
- patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata: { name: odd }
    data: { __proto__: patched }
`,
      'a.yaml': configMap('one'),
    });
    const built = await sh('kubectl kustomize .');
    expect(built).toContain('data:\n  __proto__: p\n  constructor: c\n');
    expect(built).toContain('  __proto__: patched\n  constructor: one\n');
    expect(built).toContain('    constructor: one\n    toString: t\n');
  });

  it('leave the objects of the program alone', async () => {
    const { sh } = await machine({
      'a.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'odd' } }).replace(
        /}$/,
        ',"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}',
      ),
    });
    await sh('kubectl create --validate=ignore -f a.json');
    await sh(`kubectl patch configmap odd --type merge -p '{"data":{"__proto__":"x"}}'`);
    expect(await sh(`echo '{"__proto__":{"polluted":1}}' | jq -c '. * {"__proto__":{"a":2}}'`)).toBe(
      '{"__proto__":{"polluted":1,"a":2}}\n',
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('names that objects have already', () => {
  it('are no commands, builtins, options, resources, fields or variables', async () => {
    const runner = new ScriptRunner({ preset: 'kind-4', files: {} });
    const results: object[] = [];
    const expected: object[] = [];
    for (const [cmd, stdout, stderr] of [
      ['constructor', '', 'bash: constructor: command not found\n'],
      ['__proto__', '', 'bash: __proto__: command not found\n'],
      ['type toString', '', 'bash: type: toString: not found\n'],
      ['set -o valueOf', '', 'bash: set: valueOf: invalid option name\n'],
      ['trap : constructor', '', 'bash: trap: constructor: invalid signal specification\n'],
      ['echo "[$constructor][${__proto__}][${toString:-none}]"', '[][][none]\n', ''],
      ['__proto__=a; constructor=b; echo "$__proto__ $constructor"; unset __proto__ constructor', 'a b\n', ''],
      [
        'declare -A m; m[__proto__]=1; m[constructor]=2; echo "${m[__proto__]} ${m[constructor]} ${#m[@]}"',
        '1 2 2\n',
        '',
      ],
      [
        `awk 'BEGIN { a["__proto__"]++; a["constructor"]++; a["constructor"]++; print a["__proto__"], a["constructor"], ("toString" in a), length(a) }'`,
        '1 2 0 2\n',
        '',
      ],
      [`jq -nc '{a: 1} | .constructor, has("toString"), ({} | .__proto__)'`, 'null\nfalse\nnull\n', ''],
      ['kubectl constructor', '', 'error: unknown command "constructor" for "kubectl"\n'],
      ['kubectl get constructor', '', `error: the server doesn't have a resource type "constructor"\n`],
      ['kubectl get __proto__', '', `error: the server doesn't have a resource type "__proto__"\n`],
      [
        'kubectl get pods --constructor',
        '',
        "error: unknown flag: --constructor\nSee 'kubectl get --help' for usage.\n",
      ],
      [
        'kubectl explain pod.constructor',
        'KIND:       Pod\nVERSION:    v1\n\n',
        'error: field "constructor" does not exist\n',
      ],
      ["kubectl get nodes -o jsonpath='{.items[0].toString}{.constructor}'", '', ''],
      ["kubectl get namespace default -o go-template='{{.toString}}'", '<no value>', ''],
      [
        'kubectl get namespace default -o custom-columns=A:.constructor,B:.metadata.toString --no-headers',
        '<none>   <none>\n',
        '',
      ],
    ] as const) {
      const result = await runner.step({ cmd });
      results.push({ cmd, stdout: result.stdout, stderr: result.stderr.replace('bash: line 1: ', 'bash: ') });
      expected.push({ cmd, stdout, stderr });
    }
    expect(results).toEqual(expected);
  });
});
