import { afterEach, expect, test } from 'vitest';
import { root } from '../engine/commands/docker/index.ts';
import { commandName, type Command } from '../engine/commands/docker/framework/command.ts';
import { Flags } from '../engine/commands/docker/framework/flags.ts';
import { ScriptRunner } from './runner.ts';

/** Nothing is accepted and ignored: each flag that a command declares is looked at while it runs. */

/** Arguments with which a command gets far enough to look at all of its flags. */
const usual: Readonly<Record<string, readonly string[]>> = {
  'container start': ['gone', '-ai gone2'],
  'container attach': ['short'],
  'container commit': ['web image'],
  'container cp': ['web:/etc/hosts .', 'hosts web:/tmp'],
  'container create': ['busybox', 'alpine:3.18'],
  'container exec': ['web true', '-d web true'],
  'container export': ['web -o x.tar'],
  'container inspect': ['web'],
  'container kill': ['web2'],
  'container logs': ['web'],
  'container ls': [''],
  'container prune': ['-f', '-f --filter until=1h'],
  'container restart': ['web'],
  'container rm': ['gone3'],
  'container run': ['--rm busybox true', '-d busybox true', '--rm alpine:3.17 true'],
  'container stats': ['--no-stream'],
  'container stop': ['web3'],
  'container update': ['-m 100m web'],
  'image history': ['busybox'],
  'image import': ['x.tar'],
  'image inspect': ['busybox'],
  'image load': ['-i y.tar'],
  'image ls': [''],
  'image prune': ['-f'],
  'image pull': ['busybox'],
  'image push': ['127.0.0.1:5000/busybox'],
  'image rm': ['127.0.0.1:5000/busybox'],
  'image save': ['-o y.tar busybox'],
  'network connect': ['net web'],
  'network create': ['net2'],
  'network disconnect': ['net web'],
  'network inspect': ['bridge'],
  'network ls': [''],
  'network prune': ['-f'],
  'network rm': ['net2'],
  'volume create': ['v'],
  'volume inspect': ['v'],
  'volume ls': [''],
  'volume prune': ['-f'],
  'volume rm': ['v'],
  'system df': [''],
  'system events': ['--until 0s'],
  'system info': [''],
  'system prune': ['-f'],
  'context create': ['mine --docker host=tcp://127.0.0.1:1'],
  'context export': ['mine'],
  'context import': ['other mine.dockercontext'],
  'context inspect': ['default'],
  'context ls': [''],
  'context update': ['mine --description x'],
  'context rm': ['mine'],
  inspect: ['web'],
  login: ['-u learner -p secret'],
  'manifest inspect': ['busybox'],
  search: ['nginx'],
  version: [''],
};

function leaves(command: Command, path: string): [string, Command][] {
  const below = (command.commands ?? []).flatMap((each) => leaves(each, `${path} ${commandName(each)}`.trim()));
  return command.run ? [[path, command], ...below] : below;
}

afterEach(() => (Flags.onRead = undefined));

test('every flag that a command declares is looked at, or refused', async () => {
  const runner = new ScriptRunner({ preset: 'laptop', files: { hosts: 'x\n' } });
  await runner.step({
    cmd: 'touch hosts; docker pull -q busybox; docker network create net; for n in web web2 web3; do docker run -d --name $n busybox sleep 10000; done; docker run -d --name short busybox sleep 20; docker run --name gone busybox true; docker run --name gone2 busybox true; docker run --name gone3 busybox true; docker tag busybox 127.0.0.1:5000/busybox; docker export -o x.tar web; docker save -o y.tar busybox',
  });
  const all = new Map(leaves(root, ''));
  const unread: string[] = [];
  for (const [path, lines] of Object.entries(usual)) {
    const command = all.get(path);
    expect(command, path).toBeDefined();
    const read = new Set<string>();
    Flags.onRead = (name) => read.add(name);
    for (const line of lines) await runner.step({ cmd: `docker ${path} ${line}`, stdin: '' });
    Flags.onRead = undefined;
    for (const flag of command!.flags ?? [])
      if (!flag.notSimulated && !read.has(flag.name)) unread.push(`${path} --${flag.name}`);
  }
  expect(unread).toEqual([]);
});
