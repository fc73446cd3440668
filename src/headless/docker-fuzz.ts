import { root } from '../engine/commands/docker/index.ts';
import { commandName, type Command } from '../engine/commands/docker/framework/command.ts';
import type { Flag } from '../engine/commands/docker/framework/flags.ts';
import { Collector, pump, readerOf } from '../engine/world/index.ts';
import { createRoom, type Room } from '../session/room.ts';
import { nodeHop } from './hop.ts';
import { headlessEpoch } from './runner.ts';

/** Random Dockerfiles, Compose files and command lines of docker: each must end, with a status and a message. */

export interface DockerFuzzCase {
  args: readonly string[];
  stdin: string;
}

export interface DockerFuzzFailure extends DockerFuzzCase {
  why: string;
}

const patience = 600_000;
const workLimit = 400_000;
/** Cases after which a fresh world is made. */
const worldLife = 400;

const words = [
  'busybox', 'alpine', 'nosuch', 'scratch', 'a', 'b', '0', '1', '', '.', '..', '/', '/app', './x', 'x.txt', '*.txt', '[', '[a-', '$A', '${A}', '${A:-x}',
  '${A:+$B}', '${A', '${}', '${A:?e}', '${A/x/y}', '${A#*}', '"q"', "'s'", '"un', "'un", '\\', '\\\\', '`', '#', '=', 'A=1', 'A=', '=1', 'A="x y"',
  'A B', 'as', 'AS', '--from=a', '--from=0', '--from=9', '--from=busybox', '--from', '--chown=1:1', '--chown=nobody', '--chmod=755', '--chmod=9',
  '--mount=type=cache,target=/c', '--mount=type=bind', '--mount=type=x', '--mount=', '--link', '--platform=linux/arm64', '--foo', '80', '80/tcp',
  '80-90', '90-80', 'x/y', '70000', '["a","b"]', '["a"', '[]', '[1]', "['a']", '["/bin/sh","-c"]', '<<EOF', '<<-E', '<<"E"', 'NONE', 'CMD x',
  '--interval=5s', '--interval=x', '--retries=-1', 'http://127.0.0.1:9/x', 'echo hi', 'exit 3', 'cat /etc/passwd', 'mkdir -p /d && touch /d/f',
  'nosuchprogram', 'USER', 'RUN x', 'ONBUILD RUN x', 'SIGTERM', 'root', '1000:1000', 'é', '日本', '\u0000', 'a:b:c', 'A/B', '@sha256:x',
] as const; // prettier-ignore

const instructions = [
  'FROM', 'FROM', 'RUN', 'RUN', 'COPY', 'COPY', 'ADD', 'ENV', 'ARG', 'LABEL', 'CMD', 'ENTRYPOINT', 'EXPOSE', 'WORKDIR', 'USER', 'VOLUME', 'SHELL',
  'STOPSIGNAL', 'HEALTHCHECK', 'ONBUILD', 'MAINTAINER', 'from', 'Run', 'FOO', 'FORM', '#', '# syntax=x', '# escape=`', '', 'EOF',
] as const; // prettier-ignore

const composeLines = [
  'services:', '  web:', '    image: busybox', '    build: .', '    command: echo hi', '    command: [', '    ports:', '      - "80:80"', '      - x',
  '    depends_on:', '      - web', '      - db', '  db:', '    imagee: x', '    environment:', '      A: ${B', '      A: ${B:-c}', '      - A=1', 'volumes:',
  '  data:', 'networks:', 'version: "3"', '\tx', 'name: P', '    volumes:', '      - data:/d', '      - .:/x:ro', '    extends: db', '    scale: 2', '    healthcheck: x',
] as const; // prettier-ignore

const arguments_ = [
  'web', 'nosuch', 'busybox', 'busybox:latest', 'a:b:c', 'UPPER', '', '-', '.', '/', '--', 'sh', '-c', 'exit 3', 'x=y', '80:80', 'a,b', '{{.ID}}', '{{.X',
  'json', 'table {{.ID}}', '1', '-1', '1x', '5s', 'name=web', 'status=x', '=', 'bridge', 'net', 'vol', 'vol:/x', '/x:/y', 'container:web', 'always', 'on-failure:2',
  'linux/amd64', 'plain', 'type=local,dest=/tmp/o', 'id=s,src=/etc/hosts', 'up', 'down', 'ps', 'config', '-f', '-d', '-it', '--rm', '-q', '-a',
] as const; // prettier-ignore

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pathsOf(command: Command, above: readonly string[] = []): { path: string[]; flags: readonly Flag[] }[] {
  return (command.commands ?? []).flatMap((next) => {
    const path = [...above, commandName(next)];
    return next.commands ? pathsOf(next, path) : [{ path, flags: next.flags ?? [] }];
  });
}

/** Commands that wait for ever, or for another machine, by their nature. */
const waiting = new Set(['events', 'stats', 'system events', 'container stats', 'system dial-stdio']);

/** Endless cases; the same for a seed. */
export function* dockerCases(seed: number): Generator<DockerFuzzCase> {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const some = <T>(list: readonly T[], most: number): T[] =>
    list.length === 0 ? [] :
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(list));
  const paths = pathsOf(root).filter(({ path }) => !waiting.has(path.join(' ')));
  const dockerfile = (): string => {
    const lines = random() < 0.85 ? [pick(['FROM busybox', 'FROM busybox AS a', 'ARG A=busybox\nFROM $A', 'FROM scratch'])] : [];
    for (let n = Math.floor(random() * 7); n > 0; n--) lines.push(`${pick(instructions)} ${some(words, 4).join(' ')}${random() < 0.1 ? ' \\' : ''}`);
    return lines.join('\n') + (random() < 0.9 ? '\n' : '');
  }; // prettier-ignore
  for (;;) {
    const kind = random();
    if (kind < 0.5) {
      const extra = random() < 0.3 ? [pick(['--no-cache', '--target=a', '--build-arg=A=alpine', '-q', '--pull', '--check', '--label=x', '-t=a:b', '--platform=linux/arm64', '--progress=rawjson', '--output=type=cacheonly'])] : []; // prettier-ignore
      const file = dockerfile();
      yield random() < 0.5
        ? { args: ['build', ...extra, '-'], stdin: file }
        : { args: ['build', ...extra, '-f', '-', '.'], stdin: file };
    } else if (kind < 0.65) {
      yield { args: ['compose', '-f', '-', pick(['config', 'up', 'ps', 'build', 'down', 'logs', 'pull'])], stdin: `${some(composeLines, 12).join('\n')}\n` }; // prettier-ignore
    } else {
      const { path, flags } = pick(paths);
      const given = some(flags, 2).flatMap((flag) => (flag.type === 'bool' ? [`--${flag.name}`] : [`--${flag.name}`, pick(arguments_)]));
      yield { args: [...path, ...given, ...some(arguments_, 3)], stdin: '' };
    }
  }
} // prettier-ignore

function newRoom(): Room {
  const room = createRoom({
    preset: 'laptop',
    seed: 1,
    epoch: headlessEpoch,
    files: { 'x.txt': 'x\n', Dockerfile: 'FROM busybox\nCOPY x.txt /\n' },
    testHooks: false,
  });
  room.docker?.preload('busybox');
  return room;
}

/** @returns the cases that ended badly */
export async function fuzzDocker(
  count: number,
  seed: number,
  progress: (done: number, failures: number) => void = () => {},
): Promise<DockerFuzzFailure[]> {
  const failures: DockerFuzzFailure[] = [];
  const cases = dockerCases(seed);
  let room = newRoom();
  for (let n = 0; n < count; n++) {
    if (n % worldLife === 0) {
      room = newRoom();
      progress(n, failures.length);
    }
    const next = cases.next().value as DockerFuzzCase;
    const why = await runOne(room, next);
    if (why === undefined) continue;
    failures.push({ ...next, why });
    room = newRoom();
  }
  return failures;
}

async function runOne(room: Room, { args, stdin }: DockerFuzzCase): Promise<string | undefined> {
  const host = room.workstation;
  const { queue } = room.world;
  const [stdout, stderr] = [new Collector(), new Collector()];
  const builder = args[0] === 'build' && stdin.length % 3 === 0 ? [['DOCKER_BUILDKIT', '0'] as const] : [];
  const child = host.start(['docker', ...args], {
    cwd: host.home,
    env: new Map([...host.environment, ['COLUMNS', '80'], ...builder]),
    user: host.user,
    group: 'new',
    stdin: readerOf(stdin),
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
      await run(30_000, 50_000);
      if (child.status === undefined) host.machine.processes.signal(-child.group, 'SIGINT');
      await run(30_000, 50_000);
      if (child.status === undefined && args[0] === 'build') return 'hangs: not even an interrupt ends it';
      if (child.status === undefined) host.machine.processes.signal(-child.group, 'SIGKILL');
      return undefined;
    }
  } catch (error) {
    return `throws: ${(error as Error).stack}`;
  }
  const [err, out] = [stderr.text(), stdout.text()];
  if (/internal error|TypeError|RangeError|ReferenceError|\[object Object\]/.test(err)) return `says: ${err}`;
  if (child.status !== 0 && err === '' && out === '' && !args.some((arg) => /exit 3|^-q|--quiet|sh$/.test(arg)))
    return `exits with ${child.status} and says nothing`;
  return undefined;
}
