import type { Network } from '../../engine/network/index.ts';
import type { Program, User } from '../../engine/process/index.ts';
import { FileSystem, type World } from '../../engine/world/index.ts';
import { WorkstationHost } from '../host.ts';
import { programs } from '../programs.ts';
import type { RoomOptions } from '../room.ts';

export const learner: User = { name: 'learner', uid: 1000, gid: 1000, home: '/home/learner' };

/** Programs besides the text tools that a workstation has. */
export interface WorkstationTools {
  /** Names in /usr/local/bin, e.g. `kubectl`. */
  clients: readonly string[];
  /** Programs that only this preset has. */
  own?: ReadonlyMap<string, Program>;
  kubeconfig?: string;
}

/** The laptop that the learner sits at, with the session's files in `~/work`. */
export function createWorkstation(
  world: World,
  network: Network,
  options: RoomOptions,
  tools: WorkstationTools,
): WorkstationHost {
  const fs = new FileSystem({ now: () => world.clock.now() });
  layFiles(fs, tools);
  const work = `${learner.home}/work`;
  fs.mkdir(work, { recursive: true, uid: learner.uid, gid: learner.gid });
  for (const [name, text] of Object.entries(options.files ?? {})) {
    const path = name.startsWith('/') ? name : `${work}/${name}`;
    fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true, uid: learner.uid, gid: learner.gid });
    fs.writeFile(path, text, { uid: learner.uid, gid: learner.gid });
  }
  if (tools.kubeconfig !== undefined) {
    fs.mkdir(`${learner.home}/.kube`, { recursive: true, uid: learner.uid, gid: learner.gid });
    fs.writeFile(`${learner.home}/.kube/config`, tools.kubeconfig, { mode: 0o600, uid: learner.uid, gid: learner.gid });
  }
  const net = network.addNamespace('laptop', ['192.168.1.20']);
  return new WorkstationHost({
    world,
    network,
    name: 'laptop',
    role: 'workstation',
    fs,
    net,
    programs: new Map([...programs, ...(tools.own ?? [])]),
    user: learner,
  });
}

const profile = `if [ -f ~/.bashrc ]; then
  . ~/.bashrc
fi
`;

const bashrc = `HISTCONTROL=ignoreboth
PS1='\\[\\e]0;\\u@\\h: \\w\\a\\]\\[\\e[1;32m\\]\\u@\\h\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]\\$ '
alias ls='ls --color=auto'
alias ll='ls -l'
alias grep='grep --color=auto'
alias k=kubectl
`;

function layFiles(fs: FileSystem, tools: WorkstationTools): void {
  for (const dir of ['/bin', '/usr/bin', '/usr/local/bin', '/etc', '/tmp', '/dev', '/root', learner.home])
    fs.mkdir(dir, { recursive: true });
  fs.makeDevice('/dev/null', 'null');
  fs.writeFile(`${learner.home}/.profile`, profile, { uid: learner.uid, gid: learner.gid });
  fs.writeFile(`${learner.home}/.bashrc`, bashrc, { uid: learner.uid, gid: learner.gid });
  fs.setAttributes(learner.home, { uid: learner.uid, gid: learner.gid });
  fs.setAttributes('/tmp', { mode: 0o1777 });
  for (const name of programs.keys()) fs.writeFile(`/usr/bin/${name}`, '', { mode: 0o755, program: name });
  fs.writeFile('/bin/bash', '', { mode: 0o755, program: 'bash' });
  fs.writeFile('/bin/sh', '', { mode: 0o755, program: 'sh' });
  for (const name of [...tools.clients, ...(tools.own?.keys() ?? [])])
    fs.writeFile(`/usr/local/bin/${name}`, '', { mode: 0o755, program: name });
}
