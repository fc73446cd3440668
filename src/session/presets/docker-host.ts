import { DockerEngine, dockerSocket, engineAnswers } from '../../engine/docker/index.ts';
import { Registries, RegistryServer } from '../../engine/runtime/index.ts';
import type { RoomDocker } from '../room.ts';
import type { EmptyRoom } from './index.ts';

const accounts = new Map([['learner', 'secret']]);

/** Installs Docker on the workstation: the client, the Engine behind its socket, registries on ports 5000 and 5001. */
export function furnishDocker({ world, network, programs, workstation }: EmptyRoom): DockerEngine {
  const { machine } = workstation;
  const registries = new Registries();
  registries.addServer(new RegistryServer('docker.io', { accounts }));
  const open = new RegistryServer('127.0.0.1:5000', { scheme: 'http' });
  const locked = new RegistryServer('127.0.0.1:5001', { scheme: 'http', accounts, privateReads: true });
  for (const [port, server] of [
    [5000, open],
    [5001, locked],
  ] as const) {
    registries.addServer(server);
    machine.net.listen(port, { protocol: 'http', http: server.handle }, '127.0.0.1');
  }
  const engine = new DockerEngine({ world, network, host: machine, programs, registries });
  machine.sockets.set(dockerSocket, engine.handle);
  workstation.install(['docker']);
  const plugins = '/usr/libexec/docker/cli-plugins';
  machine.fs.mkdir(plugins, { recursive: true });
  for (const name of ['buildx', 'compose']) machine.fs.writeFile(`${plugins}/docker-${name}`, '', { mode: 0o755 });
  world.registerState('registries', () => registries.snapshot());
  return engine;
}

/** The Engine as the session sees it. */
export function roomDocker(engine: DockerEngine): RoomDocker {
  return {
    handle: engine.handle,
    preload: (name) => engine.preload(name),
    answers: () => engineAnswers(engine),
    observe: (listener) => engine.events.onEvent(listener),
  };
}
