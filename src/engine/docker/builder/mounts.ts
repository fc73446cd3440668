import { FileSystem, normalizePath, type DirectoryNode, type World } from '../../world/index.ts';
import type { BuildCache } from './cache.ts';
import type { StagePlan } from './plan.ts';
import type { RunMount } from './run-mounts.ts';
import type { SandboxMount } from './sandbox.ts';
import type { BaseImage } from './sources.ts';

/** A secret (or an SSH agent) that a command needs and that nobody gave. */
export class SecretMissing extends Error {
  override name = 'SecretMissing';
}

/** The file systems that `RUN --mount` puts in; secrets may go into `env`. @throws SecretMissing */
export function mountsOf(
  world: World,
  cache: BuildCache,
  secrets: ReadonlyMap<string, Uint8Array>,
  mounts: readonly RunMount[],
  rootOf: (from: StagePlan | BaseImage | undefined) => DirectoryNode,
  env: Map<string, string>,
): SandboxMount[] {
  const made: SandboxMount[] = [];
  const now = () => world.clock.now();
  for (const mount of mounts) {
    const path = normalizePath(mount.target.startsWith('/') ? mount.target : `/${mount.target}`);
    switch (mount.type) {
      case 'cache':
        made.push({ path, fs: cache.directory(mount.id || path), readOnly: mount.readOnly });
        break;
      case 'tmpfs':
        made.push({ path, fs: new FileSystem({ now }) });
        break;
      case 'bind': {
        const whole = new FileSystem({ now, root: rootOf(mount.from) });
        const node = whole.lookup(normalizePath(`/${mount.source}`));
        if (!node) throw new SecretMissing(`failed to calculate checksum of ref: ${JSON.stringify(normalizePath(`/${mount.source}`))}: not found`);
        if (node.type === 'directory') made.push({ path, fs: new FileSystem({ now, root: node }), readOnly: mount.readOnly });
        else if (node.type === 'file') made.push({ path, node });
        break;
      }
      case 'secret': {
        const data = secrets.get(mount.id);
        if (!data) {
          if (mount.required) throw new SecretMissing(`secret ${mount.id}: not found`);
          break;
        }
        if (mount.env !== '') env.set(mount.env, new TextDecoder().decode(data));
        if (mount.target !== '') made.push({ path, node: { type: 'file', data, mode: 0o400, uid: 0, gid: 0, mtime: now() } });
        break;
      }
      case 'ssh':
        throw new SecretMissing('slipway: RUN --mount=type=ssh is not simulated');
    }
  }
  return made;
} // prettier-ignore
