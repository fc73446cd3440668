import { dnsServer, publicDns } from '../engine/network/dns.ts';
import type { Network } from '../engine/network/index.ts';
import { root, type User } from '../engine/process/index.ts';
import { createHostFiles } from '../engine/shell/index.ts';
import { FileSystem, type World } from '../engine/world/index.ts';
import { WorkstationHost } from './host.ts';
import { programs, tools } from './programs.ts';
import type { RoomOptions } from './room.ts';

export const learner: User = { name: 'learner', uid: 1000, gid: 1000, home: '/home/learner' };

/** Who sits at the workstation: Docker's recordings and tutorials are root's. */
function userOf(preset: string): User {
  return preset === 'laptop' ? root : learner;
}

/** The laptop that the learner sits at, with the session's files in `~/work`. */
export function createWorkstation(world: World, network: Network, options: RoomOptions): WorkstationHost {
  const user = userOf(options.preset);
  const fs = new FileSystem({ now: () => world.clock.now() });
  createHostFiles(fs, {
    hostname: 'laptop',
    programs: [...tools.keys()],
    users: [user],
    cpus: 8,
  });
  const work = `${user.home}/work`;
  fs.mkdir(work, { recursive: true, uid: user.uid, gid: user.gid });
  for (const [name, text] of Object.entries(options.files ?? {})) {
    const path = name.startsWith('/') ? name : `${work}/${name}`;
    fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true, uid: user.uid, gid: user.gid });
    fs.writeFile(path, text, { uid: user.uid, gid: user.gid });
  }
  const net = network.addNamespace('laptop', ['192.168.1.20/24']);
  // systemd-resolved's stub, which /etc/resolv.conf names.
  net.listen(53, dnsServer(publicDns(network)), '127.0.0.53');
  return new WorkstationHost({
    world,
    network,
    name: 'laptop',
    role: 'workstation',
    fs,
    net,
    programs: new Map(programs),
    user,
  });
}
