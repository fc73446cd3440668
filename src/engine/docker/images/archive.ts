import type { DirectoryNode, TarEntry } from '../../world/index.ts';
import {
  applyTarEntries,
  familiarRepository,
  readTar,
  TarError,
  tarEntriesOf,
  tarOf,
  toBytes,
  writeTar,
} from '../../world/index.ts';
import { digestOf, type HistoryEntry, type Image, type ImageConfig, type Layer } from '../../runtime/index.ts';
import type { HttpResponse } from '../../network/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, notFound, serverError } from '../errors.ts';
import { messages, readBytes, type Json, type RouteRequest } from '../router.ts';
import { rfc3339Nano } from '../time.ts';
import { configJson } from './details.ts';
import { reference as parse, type StoredImage } from './store.ts';

/**
 * `docker save` archives: `manifest.json`, a configuration and layers by digest. All of an image's files are in its
 * topmost layer's archive here; the others keep their sizes only.
 */
export function saveImages(engine: DockerEngine, names: readonly string[]): HttpResponse {
  const chosen = new Map<StoredImage, string[]>();
  for (const name of names) {
    const stored = engine.images.lookup(name);
    if (!stored) throw notFound(`reference does not exist`);
    const tags = chosen.get(stored) ?? [];
    const own = engine.images.names(stored).tags;
    const isId = /^(sha256:)?[a-f0-9]+$/.test(name) && !own.includes(`${name}:latest`);
    if (!isId) {
      const { repository, tag } = parse(name);
      const tagged = name.includes(':')
        ? [`${familiarRepository(repository)}:${tag}`]
        : own.filter((t) => t.startsWith(`${familiarRepository(repository)}:`));
      for (const each of tagged) if (!tags.includes(each)) tags.push(each);
    }
    chosen.set(stored, tags);
  }
  const entries: TarEntry[] = [];
  const file = (name: string, data: Uint8Array | string) =>
    entries.push({ name, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, data: toBytes(data) });
  const manifest: Json[] = [];
  for (const [stored, tags] of chosen) {
    const { image, details } = stored;
    const configName = `blobs/sha256/${image.id.slice(7)}`;
    const layers = details.layers.map((layer) => `blobs/sha256/${layer.digest.slice(7)}`);
    file(configName, JSON.stringify(savedConfig(stored)));
    layers.forEach((name, i) => {
      if (!entries.some((e) => e.name === name))
        file(name, i === layers.length - 1 ? tarOf('', image.rootfs()) : writeTar([]));
    });
    manifest.push({ Config: configName, RepoTags: tags.length > 0 ? tags : null, Layers: layers });
  }
  file('manifest.json', JSON.stringify(manifest));
  return { status: 200, headers: { 'content-type': 'application/x-tar' }, body: writeTar(entries) };
}

function savedConfig({ image, details }: StoredImage): Json {
  return {
    architecture: image.architecture ?? 'amd64',
    os: 'linux',
    created: rfc3339Nano(details.created),
    ...(image.author ? { author: image.author } : {}),
    ...(image.comment ? { comment: image.comment } : {}),
    config: configJson(image.config),
    rootfs: { type: 'layers', diff_ids: details.layers.map((layer) => layer.diffId) },
    history: details.history,
    'slipway.digest': image.digest,
    'slipway.config': image.config,
    'slipway.layers': details.layers,
  };
}

/** `POST /images/load`. */
export async function loadImages(engine: DockerEngine, request: RouteRequest): Promise<HttpResponse> {
  const body = await readBytes(request);
  return messages(engine.world, async (send) => {
    let entries: TarEntry[];
    try {
      entries = readTar(body);
    } catch (error) {
      if (!(error instanceof TarError)) throw error;
      throw serverError(`Error processing tar file(exit status 1): ${error.message}`);
    }
    const byName = new Map(entries.map((entry) => [entry.name, entry.data ?? new Uint8Array()]));
    const manifest = byName.get('manifest.json');
    if (!manifest) throw serverError('invalid archive: does not contain a manifest.json');
    for (const item of JSON.parse(new TextDecoder().decode(manifest)) as {
      Config: string;
      RepoTags: string[] | null;
      Layers: string[];
    }[]) {
      const config = JSON.parse(new TextDecoder().decode(byName.get(item.Config))) as Json;
      const image = loadedImage(item, config, byName);
      for (const layer of image.layers)
        if (!engine.images.hasLayer(layer.digest))
          await send({
            status: 'Loading layer',
            progressDetail: { current: layer.size, total: layer.size },
            id: (layer.diffId ?? layer.digest).slice(7, 19),
          });
      const stored = engine.images.add(image);
      for (const tag of item.RepoTags ?? []) {
        engine.images.tag(stored, parse(tag));
        await send({ stream: `Loaded image: ${tag}\n` });
      }
      if (!item.RepoTags || item.RepoTags.length === 0) await send({ stream: `Loaded image ID: ${image.id}\n` });
      engine.events.emit('image', 'load', image.id, { name: image.id });
    }
  });
}

function loadedImage(
  item: { Config: string; Layers: string[] },
  config: Json,
  files: ReadonlyMap<string, Uint8Array>,
): Image {
  const own = config['slipway.config'] as ImageConfig | undefined;
  const layers =
    (config['slipway.layers'] as Layer[] | undefined) ??
    item.Layers.map((name) => ({ digest: digestOf(name), size: files.get(name)?.length ?? 0 }));
  let root: DirectoryNode | undefined;
  const id = `sha256:${item.Config.replace(/^.*\//, '').replace(/\.json$/, '')}`;
  return {
    id,
    digest: (config['slipway.digest'] as string | undefined) ?? digestOf(`manifest ${id}`),
    layers,
    size: layers.reduce((sum, layer) => sum + layer.size, 0),
    config: own ?? {},
    created: Date.parse(String(config.created ?? '')) || 0,
    history: (config.history as HistoryEntry[] | undefined) ?? [],
    rootfs: () => {
      if (!root)
        for (const name of item.Layers) root = applyTarEntries(readTar(files.get(name) ?? new Uint8Array()), root);
      return root!;
    },
  };
}

/** An image of a whole file tree: commit, import and the last step of a build make one. */
export function makeImage(options: {
  world: DockerEngine['world'];
  parent?: StoredImage | undefined;
  config: ImageConfig;
  root: DirectoryNode;
  /** Bytes that the new layer has; none without. */
  layerSize?: number;
  createdBy: string;
  comment?: string;
  author?: string;
}): Image {
  const { world, parent, config, root, layerSize, createdBy, comment, author } = options;
  const created = world.clock.now();
  const parentLayers = parent ? parent.details.layers : [];
  const seed = world.random.stream('docker images').hex(64);
  const layer: Layer[] =
    layerSize === undefined
      ? []
      : [
          {
            digest: digestOf(`layer ${seed}`),
            diffId: digestOf(`diff ${seed}`),
            size: Math.ceil(layerSize * 0.45) + 100,
            unpackedSize: layerSize,
          },
        ];
  const layers = [...parentLayers, ...layer];
  const entry: HistoryEntry = {
    created,
    createdBy,
    ...(comment ? { comment } : {}),
    ...(layer.length === 0 ? { emptyLayer: true } : {}),
  };
  const id = digestOf(`config ${seed}`);
  return {
    id,
    digest: digestOf(`manifest ${seed}`),
    layers,
    size: layers.reduce((sum, l) => sum + l.size, 0),
    config,
    created,
    ...(author ? { author } : {}),
    ...(comment ? { comment } : {}),
    history: [...(parent ? parent.details.history : []), entry],
    rootfs: () => root,
  };
}

/** `POST /images/create?fromSrc=…`: an archive of files becomes an image. */
export async function importImage(
  engine: DockerEngine,
  request: RouteRequest,
  applyChanges: (config: ImageConfig, changes: readonly string[]) => ImageConfig,
): Promise<HttpResponse> {
  const { query } = request;
  const body = query.get('fromSrc') === '-' ? await readBytes(request) : undefined;
  if (!body) throw badRequest(`slipway: importing from a URL is not simulated`);
  const repo = query.get('repo');
  const reference = repo === '' ? undefined : parse(query.get('tag') === '' ? repo : `${repo}:${query.get('tag')}`);
  let root: DirectoryNode;
  try {
    root = applyTarEntries(readTar(body));
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    throw serverError(error.message);
  }
  const size = tarEntriesOf('', root).reduce((sum, entry) => sum + (entry.data?.length ?? 0), 0);
  const message = query.get('message') || 'Imported from -';
  const image = makeImage({
    world: engine.world,
    config: applyChanges({ env: {} }, query.all('changes')),
    root,
    layerSize: size,
    createdBy: '',
    comment: message,
  });
  const stored = engine.images.add(image);
  if (reference) engine.images.tag(stored, reference);
  engine.events.emit('image', 'import', image.id, { name: image.id });
  return messages(engine.world, async (send) => {
    await send({ status: image.id });
  });
}
