import type { ImageConfig } from '../../runtime/index.ts';
import type { DirectoryNode } from '../../world/index.ts';
import type { DockerContainer } from '../containers/container.ts';
import { layerChanges, layerSize } from '../containers/inspect.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest } from '../errors.ts';
import { familiarReference } from '../../world/index.ts';
import { makeImage } from './archive.ts';
import { applyChanges } from './changes.ts';
import { reference as parse, type StoredImage } from './store.ts';

/** A container's configuration as an image's. */
export function imageConfigOf(container: DockerContainer): ImageConfig {
  const { config, image } = container;
  const env: Record<string, string> = {};
  for (const entry of config.Env) {
    const at = entry.indexOf('=');
    if (at > 0) env[entry.slice(0, at)] = entry.slice(at + 1);
  }
  return {
    ...image.config,
    env,
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    workingDir: config.WorkingDir,
    user: config.User,
    labels: config.Labels,
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    ...(config.StopSignal ? { stopSignal: config.StopSignal } : {}),
  };
}

/** `POST /commit`. @throws EngineError 400, 404 */
export function commitContainer(
  engine: DockerEngine,
  container: DockerContainer,
  options: { repo: string; tag: string; comment: string; author: string; changes: readonly string[] },
): StoredImage {
  const { repo, tag, comment, author, changes } = options;
  const reference = repo === '' ? undefined : parse(tag === '' ? repo : `${repo}:${tag}`);
  if (reference?.digest) throw badRequest('cannot commit to digest reference');
  const root = committedFiles(container);
  const image = makeImage({
    world: engine.world,
    parent: container.stored,
    config: applyChanges(imageConfigOf(container), changes),
    root,
    layerSize: layerSize(container),
    createdBy: container.argv.join(' '),
    comment,
    author,
  });
  const stored = engine.images.add(image, engine.images.byId(container.imageId) ? container.imageId : '');
  if (reference) engine.images.tag(stored, reference);
  engine.events.emit('container', 'commit', container.id, {
    ...container.attributes,
    comment,
    imageID: image.id,
    imageRef: reference ? familiarReference(reference) : '',
  });
  return stored;
}

/** The container's files without what the Engine itself put there. */
function committedFiles(container: DockerContainer): DirectoryNode {
  const { root } = container.files;
  void layerChanges(container);
  const etc = root.entries.get('etc');
  const before = container.image.rootfs().entries.get('etc');
  if (etc?.type !== 'directory') return root;
  const entries = new Map(etc.entries);
  for (const name of ['hosts', 'hostname', 'resolv.conf']) {
    const old = before?.type === 'directory' ? before.entries.get(name) : undefined;
    if (old) entries.set(name, old);
    else entries.delete(name);
  }
  return { ...root, entries: new Map([...root.entries, ['etc', { ...etc, entries }]]) };
}
