import { familiarReference, familiarRepository } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { conflict } from '../errors.ts';
import { Filters, untilTime } from '../filters.ts';
import { json, type Json, type RouteRequest } from '../router.ts';
import { tryParse, type StoredImage } from './store.ts';

type Deleted = { Untagged: string } | { Deleted: string };

/** `DELETE /images/{name}`. @throws EngineError 404, 409 */
export function removeImage(engine: DockerEngine, name: string, force: boolean, prune = true): Deleted[] {
  const stored = engine.images.find(name);
  const { image } = stored;
  const short = image.id.slice(7, 19);
  const byId =
    image.id.startsWith(`sha256:${name.replace(/^sha256:/, '')}`) &&
    /^(sha256:)?[a-f0-9]+$/.test(name) &&
    !isName(stored, name);
  const done: Deleted[] = [];
  const users = engine.containers.list().filter((container) => container.imageId === image.id);
  const untag = (tag: string) => {
    stored.tags = stored.tags.filter((t) => t !== tag);
    done.push({ Untagged: familiarRepository(tag) });
    engine.events.emit('image', 'untag', image.id, { name: image.id });
  };
  const dropDigests = (repository?: string) => {
    for (const digest of stored.digests) {
      if (repository !== undefined && !digest.startsWith(`${repository}@`)) continue;
      stored.digests = stored.digests.filter((d) => d !== digest);
      done.push({ Untagged: familiarRepository(digest) });
    }
  };
  if (!byId) {
    const reference = tryParse(name);
    if (reference instanceof Error) throw engine.images.missing(name);
    const tag = `${reference.repository}:${reference.tag ?? 'latest'}`;
    const others = stored.tags.filter((t) => t !== tag);
    const lastTag =
      reference.digest === undefined ? others.length === 0 : stored.tags.length === 0 && stored.digests.length <= 1;
    if (lastTag && users.length > 0 && !force)
      throw conflict(
        `conflict: unable to remove repository reference "${name}" (must force) - container ${users[0]!.id.slice(0, 12)} is using its referenced image ${short}`,
      );
    if (reference.digest === undefined) {
      untag(tag);
      if (!others.some((t) => t.startsWith(`${reference.repository}:`))) dropDigests(reference.repository);
    } else {
      stored.digests = stored.digests.filter((d) => d !== `${reference.repository}@${reference.digest}`);
      done.push({ Untagged: familiarReference(reference) });
    }
    if (stored.tags.length > 0 || (stored.digests.length > 0 && !lastTag)) return done;
    // In use: only the name goes; its layers stay while a stopped container needs them.
    if (users.some((container) => container.running)) return done;
    if (engine.images.children(stored).length > 0) return done;
  } else {
    const repositories = new Set(stored.tags.map((t) => t.slice(0, t.lastIndexOf(':'))));
    if (repositories.size > 1 && !force)
      throw conflict(
        `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
      );
    const running = users.find((container) => container.running);
    if (running)
      throw conflict(
        `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container ${running.id.slice(0, 12)}`,
      );
    if (users.length > 0 && !force)
      throw conflict(
        `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${users[0]!.id.slice(0, 12)}`,
      );
    if (engine.images.children(stored).length > 0)
      throw conflict(`conflict: unable to delete ${short} (cannot be forced) - image has dependent child images`);
    // One repository's tags and digest at a time, in order.
    for (const tag of [...stored.tags]) {
      untag(tag);
      const repository = tag.slice(0, tag.lastIndexOf(':'));
      if (!stored.tags.some((t) => t.startsWith(`${repository}:`))) dropDigests(repository);
    }
    dropDigests();
  }
  deleteImage(engine, stored, done, users.length > 0, prune);
  return done;
}

function isName(stored: StoredImage, name: string): boolean {
  const reference = tryParse(name);
  return !(reference instanceof Error) && stored.tags.includes(`${reference.repository}:${reference.tag ?? 'latest'}`);
}

function deleteImage(engine: DockerEngine, stored: StoredImage, done: Deleted[], used: boolean, prune: boolean): void {
  const { image, details } = stored;
  engine.images.delete(stored);
  engine.events.emit('image', 'delete', image.id, { name: image.id });
  done.push({ Deleted: image.id });
  if (!used) {
    // Layers have the chain's id; the lowest one's is its own digest.
    for (let i = details.layers.length - 1; i >= 0; i--)
      if (!engine.images.hasLayer(details.layers[i]!.digest)) done.push({ Deleted: chainId(details.layers, i) });
  }
  const parent = prune && stored.parent !== '' ? engine.images.byId(stored.parent) : undefined;
  if (parent && parent.tags.length === 0 && parent.digests.length === 0 && engine.images.children(parent).length === 0)
    if (!engine.containers.list().some((container) => container.imageId === parent.image.id))
      deleteImage(engine, parent, done, false, prune);
}

function chainId(layers: readonly { diffId: string }[], i: number): string {
  return i === 0 ? layers[0]!.diffId : `sha256:${[...layers[i]!.diffId.slice(7)].reverse().join('')}`;
}

const accepted = ['dangling', 'label', 'label!', 'until'];

/** `POST /images/prune`. */
export function pruneImages(engine: DockerEngine, request: RouteRequest) {
  const filters = Filters.parse(request.query.get('filters'), accepted);
  const danglingOnly = filters.bool('dangling') ?? true;
  const until = Math.min(...filters.get('until').map((text) => untilTime(text, engine.world.clock.now())), Infinity);
  const deleted: Deleted[] = [];
  let reclaimed = 0;
  const used = new Set(engine.containers.list().map((container) => container.imageId));
  const candidates = engine.images.list().sort((a, b) => ((a.tags[0] ?? '' < (b.tags[0] ?? '')) ? -1 : 1));
  for (const stored of candidates) {
    const { image, details } = stored;
    if (!engine.images.byId(image.id) || used.has(image.id) || details.created >= until) continue;
    if (!filters.labels('label', image.config.labels) || !filters.withoutLabels('label!', image.config.labels))
      continue;
    if (danglingOnly && stored.tags.length > 0) continue;
    if (engine.images.children(stored).length > 0) continue;
    const freed = details.layers.filter(
      (layer) =>
        !engine.images.inBuildCache(layer.digest) &&
        engine.images
          .list()
          .every((other) => other === stored || !other.image.layers.some((l) => l.digest === layer.digest)),
    );
    deleted.push(...removeImage(engine, image.id, true));
    reclaimed += freed.reduce((sum, layer) => sum + layer.unpackedSize, 0);
  }
  if (deleted.length > 0) engine.events.emit('image', 'prune', '', { reclaimed: String(reclaimed) });
  const body: Json = { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
  return json(body);
}
