import { commandName, type Command } from '../engine/commands/kubectl/framework/command.ts';
import type { FlagSpec } from '../engine/commands/kubectl/framework/flags.ts';
import { allFlags, type CommandPath } from '../engine/commands/kubectl/framework/help.ts';
import { root } from '../engine/commands/kubectl/verbs/index.ts';
import { Collector, pump, readerOf } from '../engine/world/index.ts';
import { createRoom, type Room } from '../session/room.ts';
import { applyRich, rich } from './differential/families/rich/index.ts';
import { nodeHop } from './hop.ts';
import { headlessEpoch } from './runner.ts';

/** Random command lines of real verbs, flags and broken arguments: each must end, with a status and a message. */

export interface FuzzFailure {
  args: readonly string[];
  why: string;
}

/** Virtual ms after which a command is interrupted, as watches and proxies must be. */
const patience = 600_000;
/** Engine steps one command may take. */
const workLimit = 400_000;
/** Commands after which a fresh world is made. */
const worldLife = 500;

const words = [
  'pods',
  'po',
  'deploy',
  'deploy/web',
  'svc/web',
  'pod/full',
  'full',
  'web',
  'cm',
  'cm/settings',
  'settings',
  'nodes',
  'node/127.0.0.1',
  '127.0.0.1',
  'all',
  'pods,svc',
  'nope',
  'nope/x',
  'x',
  '',
  '/',
  'a/b/c',
  '-',
  ',',
  'po,',
  'a=b',
  'a-',
  'a=b:NoSchedule',
  'c=img:1',
  'hpa/web',
  'widgets',
  'wd/one',
  'crd',
  'secret/creds',
  'pv',
  'sts/db',
  'job/once',
  'csr/ann',
  'events',
  'team',
  'ns/team',
  'quota',
  '80',
  '80:8080',
  ':80',
  '__proto__',
  'constructor',
  'ä',
  '日本',
  '\u0000',
  'a b',
  '{.items[*].metadata.name}',
  '{',
  '{{',
  '{{.items}}',
  '%s',
  '..',
  '*',
  'get',
  'pods.v1.',
  'deploy.v1.apps',
  'Pod',
  'PODS',
] as const;

const values = [
  ...words,
  'json',
  'yaml',
  'name',
  'wide',
  'jsonpath={.kind}',
  'jsonpath={..}',
  'jsonpath={[?(@.a==',
  'go-template={{range .items}}{{end}}',
  'go-template={{index .items 9}}',
  'custom-columns=A:.metadata.name',
  'custom-columns=A',
  'kyaml',
  'client',
  'server',
  'none',
  'true',
  'false',
  'maybe',
  '0',
  '1',
  '-1',
  '99999999999999999999',
  '1.5',
  '0x10',
  '1s',
  '1h',
  '-1s',
  '1x',
  'app=web',
  'app in (web)',
  '!app',
  '=',
  'metadata.name=web',
  'status.phase=Running',
  'kube-system',
  'default',
  'team',
  'rich-workloads.yaml',
  'rich-custom.yaml',
  'broken.yaml',
  'empty',
  'dir',
  'nope.yaml',
  '-',
  '/dev/null',
  'http://127.0.0.1:1/x',
  'https://127.0.0.1:6443',
  'ftp://x',
  ':1',
  '{"metadata":{"labels":{"a":"b"}}}',
  '[{"op":"add","path":"/metadata/labels/x","value":"y"}]',
  '{}',
  '[]',
  'null',
  '"',
  "'",
  'cpu=1',
  'cpu=x',
  'get,list',
  'pods/log',
  '* * * * *',
  'u',
  'ns:sa',
  'None',
  '10.96.3.3',
  'h/p=s:80',
  '50%',
  'merge',
  'strategic',
  'condition=Available',
  'jsonpath={.kind}=Pod',
  'delete',
  'create',
  'background',
  'orphan',
  '.metadata.name',
  '/api/v1',
  '/healthz',
] as const;

/** What most commands can do something with. */
const subjects = [
  'pods',
  'deploy',
  'deploy/web',
  'deploy web',
  'svc/web',
  'po/full',
  'po plain',
  'cm settings',
  'cm/settings x=y',
  'nodes 127.0.0.1',
  '127.0.0.1',
  'sts/db',
  'ds agent',
  'hpa/web',
  'widgets',
  'wd/one',
  'all',
  'svc,deploy',
  'cm a=b c-',
  'deploy web a=img:2',
  'new-name',
  'secret/creds',
  'crd/widgets.shop.example.com',
  'ns team',
  'full',
  'deploy/web svc/web',
  'kind-kind',
  'get pods',
  'rolebinding readers',
] as const;

/** Values that a flag of this name or type takes. */
const fitting: Readonly<Record<string, readonly string[]>> = {
  output: [
    'json',
    'yaml',
    'name',
    'wide',
    'kyaml',
    'jsonpath={.metadata.name}',
    'custom-columns=A:.kind',
    'go-template={{.kind}}',
  ],
  'dry-run': ['none', 'client', 'server'],
  filename: [
    'rich-workloads.yaml',
    'rich-custom.yaml',
    'rich-network.yaml',
    'rich-policies.yaml',
    'dir',
    '-',
    'broken.yaml',
  ],
  selector: ['app=web', 'app', '!app', 'app in (web,x)', 'app!=web', 'nope=x'],
  'field-selector': ['metadata.name=web', 'metadata.namespace!=x', 'status.phase=Running'],
  namespace: ['default', 'team', 'nope'],
  patch: ['{"metadata":{"labels":{"a":"b"}}}', '{}', '[]', 'metadata: {annotations: {y: z}}', '{"spec":null}'],
  for: ['condition=Available', 'delete', 'create', 'jsonpath={.kind}=Pod'],
  image: ['nginx', 'a/b:c', 'img:1'],
  int: ['0', '1', '3', '-1', '80'],
  int32: ['0', '1', '3', '80'],
  int64: ['0', '1', '500'],
  duration: ['1s', '5s', '0', '1m'],
  bool: ['true', 'false'],
};

const files: Record<string, string> = {
  ...rich,
  'broken.yaml': 'a: b: c\n\t',
  empty: '',
  'dir/a.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dir"}}',
};

/** A stream of random numbers in [0, 1): mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pathsOf(command: Command, parents: readonly Command[] = []): CommandPath[] {
  const path = [...parents, command] as unknown as CommandPath;
  return [path, ...(command.commands ?? []).flatMap((sub) => pathsOf(sub, path))];
}

/** Arguments for kubectl, the same ones for the same seed. */
export function* commandLines(seed: number): Generator<readonly string[]> {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const isLikely = (chance: number) => random() < chance;
  const all = pathsOf(root);
  const valueFor = (spec: FlagSpec): string => {
    if (!isLikely(0.7)) return pick(values);
    if (spec.values) return pick(spec.values);
    return pick(fitting[spec.name] ?? fitting[spec.type] ?? values);
  };
  const flagWord = (spec: FlagSpec): string[] => {
    const name = spec.shorthand && isLikely(0.25) ? `-${spec.shorthand}` : `--${spec.name}`;
    if (isLikely(spec.type === 'bool' ? 0.9 : 0.03)) return [name];
    const value = valueFor(spec);
    return name.startsWith('--') && isLikely(0.5) ? [`${name}=${value}`] : [name, value];
  };
  for (;;) {
    const path = pick(all);
    const global = new Set(path[0].flags);
    const [own, inherited] = [allFlags(path).filter((f) => !global.has(f)), [...global]];
    const line = path.slice(1).map(commandName);
    const rest: string[] = [];
    if (isLikely(0.7)) rest.push(...pick(subjects).split(' '));
    for (let n = Math.floor(random() * 2.5); n > 0; n--) rest.push(pick(words));
    const insert = (...more: string[]) => rest.splice(Math.floor(random() * (rest.length + 1)), 0, ...more);
    for (let n = Math.floor(random() * 4); n > 0 && own.length > 0; n--) insert(...flagWord(pick(own)));
    for (const spec of own) if (spec.required && isLikely(0.8)) insert(...flagWord(spec));
    if (isLikely(0.15)) insert(...flagWord(pick(inherited)));
    if (isLikely(0.05)) insert(pick(['--', '--nope', '-Z', '--help', '-h=x', '---']));
    if (isLikely(0.02)) line.reverse();
    yield [...line, ...rest];
  }
}

/** Runs command lines and returns those that did not end well. */
export async function fuzzKubectl(
  count: number,
  seed: number,
  progress: (done: number, failures: number) => void = () => {},
): Promise<FuzzFailure[]> {
  const failures: FuzzFailure[] = [];
  const lines = commandLines(seed);
  let room: Room | undefined;
  for (let n = 0; n < count; n++) {
    if (n % worldLife === 0) {
      room = createRoom({ preset: 'bare-apiserver', seed: 1, epoch: headlessEpoch, files, testHooks: false });
      for (const line of applyRich) await runOne(room, line.split(' ').slice(1));
      progress(n, failures.length);
    }
    const args = lines.next().value as readonly string[];
    const why = await runOne(room!, args);
    if (why === undefined) continue;
    failures.push({ args, why });
    // What went wrong may have left something behind.
    room = createRoom({ preset: 'bare-apiserver', seed: 1, epoch: headlessEpoch, files, testHooks: false });
  }
  return failures;
}

/** @returns what is wrong with how the command ended */
async function runOne(room: Room, args: readonly string[]): Promise<string | undefined> {
  const host = room.workstation;
  const { queue } = room.world;
  const [stdout, stderr] = [new Collector(), new Collector()];
  const child = host.start(['kubectl', ...args], {
    cwd: `${host.home}/work`,
    env: new Map([...host.environment, ['COLUMNS', '80'], ['KUBE_EDITOR', 'true']]),
    user: host.user,
    group: 'new',
    stdin: readerOf(''),
    stdout,
    stderr,
    tty: false,
  });
  const run = (virtualMs: number, steps: number) =>
    pump(queue, nodeHop, { until: queue.now + virtualMs, maxSteps: steps, stop: () => child.status !== undefined });
  try {
    await run(patience, workLimit);
    if (child.status === undefined) {
      host.machine.processes.signal(-child.group, 'SIGINT');
      await run(10_000, 50_000);
      if (child.status === undefined) return 'hangs: not even an interrupt ends it';
      return undefined;
    }
  } catch (error) {
    return `throws: ${(error as Error).stack}`;
  }
  const err = stderr.text();
  if (/internal error|TypeError|RangeError|ReferenceError|\[object Object\]|\bundefined\b|\bNaN\b/.test(err))
    return `says: ${err}`;
  if (child.status !== 0 && err === '' && stdout.text() === '') return `exits with ${child.status} and says nothing`;
  return undefined;
}
