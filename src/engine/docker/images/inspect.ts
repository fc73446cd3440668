import { digestOf } from '../../runtime/index.ts';
import type { DockerEngine } from '../engine.ts';
import { Filters, untilTime } from '../filters.ts';
import { json, type Json, type RouteRequest } from '../router.ts';
import { rfc3339Nano, zeroTime } from '../time.ts';
import { configJson } from './details.ts';
import type { StoredImage } from './store.ts';

const overlay = (id: string, part: string) => `/var/lib/docker/overlay2/${digestOf(`overlay ${id}`).slice(7)}/${part}`;

/** Where the storage driver keeps a stack of layers, topmost last. */
export function graphDriver(layers: readonly { diffId: string }[], id?: string): Json {
  const ids = layers.map((layer, i) => `${layer.diffId} ${i}`);
  const top = id ?? ids.at(-1) ?? 'scratch';
  const below = (id === undefined ? ids.slice(0, -1) : ids).reverse().map((lower) => overlay(lower, 'diff'));
  const lower = id === undefined ? below : [overlay(`${id}-init`, 'diff').replace('/diff', '-init/diff'), ...below];
  return {
    Data: {
      ...(id === undefined ? {} : { ID: id }),
      ...(lower.length > 0 ? { LowerDir: lower.join(':') } : {}),
      MergedDir: overlay(top, 'merged'),
      UpperDir: overlay(top, 'diff'),
      WorkDir: overlay(top, 'work'),
    },
    Name: 'overlay2',
  };
}

export function inspectImage(engine: DockerEngine, stored: StoredImage): Json {
  const { image, details } = stored;
  const { tags, digests } = engine.images.names(stored);
  return {
    Id: image.id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: stored.parent,
    Comment: image.comment ?? '',
    Created: rfc3339Nano(details.created),
    DockerVersion: '',
    Author: image.author ?? '',
    Architecture: image.architecture ?? 'amd64',
    Os: 'linux',
    Size: details.size,
    GraphDriver: graphDriver(details.layers),
    RootFS: { Type: 'layers', Layers: details.layers.map((layer) => layer.diffId) },
    Metadata: { LastTagTime: stored.lastTagged === undefined ? zeroTime : rfc3339Nano(stored.lastTagged) },
    Config: Object.fromEntries(Object.entries(configJson(image.config)).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

export function historyJson(engine: DockerEngine, stored: StoredImage): Json[] {
  const { image, details } = stored;
  const sizes = [...details.layers];
  const rows: Json[] = [];
  // Ids are known for the image itself and for those that it was built from here.
  const ancestors: (StoredImage | undefined)[] = [stored];
  for (let at = stored; at.parent !== '';) {
    const parent = engine.images.byId(at.parent);
    if (!parent) break;
    ancestors.push(parent);
    at = parent;
  }
  for (const entry of details.history)
    rows.push({
      Id: '<missing>',
      Created: Math.floor(entry.created / 1000),
      CreatedBy: entry.createdBy,
      Tags: null,
      Size: entry.emptyLayer ? 0 : (sizes.shift()?.unpackedSize ?? 0),
      Comment: entry.comment ?? '',
    });
  rows.reverse();
  if (rows.length === 0)
    rows.push({
      Id: '',
      Created: Math.floor(details.created / 1000),
      CreatedBy: '',
      Tags: null,
      Size: details.size,
      Comment: image.comment ?? '',
    });
  ancestors.forEach((ancestor, i) => {
    if (!ancestor || !rows[i]) return;
    rows[i] = {
      ...rows[i],
      Id: ancestor.image.id,
      Tags: engine.images.names(ancestor).tags.length > 0 ? engine.images.names(ancestor).tags : null,
    };
  });
  return rows;
}

const accepted = ['before', 'dangling', 'label', 'label!', 'reference', 'since', 'until'];

/** `GET /images/json`: newest first. */
export function listImages(engine: DockerEngine, request: RouteRequest) {
  const filters = Filters.parse(request.query.get('filters'), accepted);
  const dangling = filters.bool('dangling');
  const bound = (name: 'before' | 'since') =>
    filters.get(name).map((image) => engine.images.find(image).details.created);
  const before = Math.min(...bound('before'), Infinity);
  const since = Math.max(...bound('since'), -Infinity);
  const until = Math.min(...filters.get('until').map((text) => untilTime(text, engine.world.clock.now())), Infinity);
  const all = request.query.bool('all');
  const rows: { created: number; row: Json }[] = [];
  for (const stored of engine.images.list()) {
    const { image, details } = stored;
    if (details.created >= before || details.created <= since || details.created >= until) continue;
    if (!filters.labels('label', image.config.labels) || !filters.withoutLabels('label!', image.config.labels))
      continue;
    let { tags, digests } = engine.images.names(stored);
    if (filters.has('reference')) {
      const wanted = (name: string) => filters.get('reference').some((pattern) => matchesReference(pattern, name));
      tags = tags.filter(wanted);
      digests =
        tags.length > 0
          ? digests.filter((digest) => tags.some((tag) => tag.startsWith(`${digest.split('@')[0]}:`)))
          : digests.filter(wanted);
      if (tags.length === 0 && digests.length === 0) continue;
    }
    const untagged = stored.tags.length === 0 && stored.digests.length === 0;
    if (dangling !== undefined && dangling !== (stored.tags.length === 0 && (untagged || dangling))) continue;
    if (untagged && engine.images.children(stored).length > 0 && !all) continue;
    rows.push({
      created: details.created,
      row: {
        Containers: -1,
        Created: Math.floor(details.created / 1000),
        Id: image.id,
        Labels: image.config.labels ?? null,
        ParentId: stored.parent,
        RepoDigests: digests,
        RepoTags: tags,
        SharedSize: request.query.bool('shared-size') ? sharedSize(engine, stored) : -1,
        Size: details.size,
      },
    });
  }
  rows.sort((a, b) => b.created - a.created);
  return json(rows.map(({ row }) => row));
}

/** Bytes of its layers that other images have as well. */
export function sharedSize(engine: DockerEngine, stored: StoredImage): number {
  return stored.details.layers
    .filter(({ digest }) =>
      engine.images
        .list()
        .some((other) => other !== stored && other.image.layers.some((layer) => layer.digest === digest)),
    )
    .reduce((sum, layer) => sum + layer.unpackedSize, 0);
}

/** reference.FamiliarMatch: shell patterns against the name with and without its tag. */
export function matchesReference(pattern: string, name: string): boolean {
  const glob = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('\\[', '[')
      .replaceAll('\\]', ']')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );
  const repository = name.replace(/(@sha256:[a-f0-9]+|:[\w.-]+)$/, '');
  return glob.test(name) || glob.test(repository);
}
