import {
  applyTarEntries,
  FileSystem,
  readTar,
  TarError,
  tarOf,
  encodeBase64,
  type DirectoryNode,
} from '../../world/index.ts';
import type { HttpResponse } from '../../network/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest } from '../errors.ts';
import { credentialsOf } from '../images/registries.ts';
import { json, messages, readBytes, type Route, type RouteRequest, type URLQuery } from '../router.ts';
import { buildWithBuildKit, type BuildRequest } from './buildkit.ts';
import { classicBuild } from './classic.ts';
import { rfc3339Nano } from '../time.ts';

/** `POST /build`, `POST /build/prune`. */
export function buildRoutes(engine: DockerEngine): Route[] {
  return [
    {
      method: 'POST',
      pattern: '/build',
      handle: (request) => (request.query.get('version') === '2' ? buildkit(engine, request) : classicBuild(engine, request)),
    },
    { method: 'POST', pattern: '/build/prune', handle: ({ query }) => json(prune(engine, query)) },
    {
      method: 'POST',
      pattern: '/build/cancel',
      handle: () => json({}),
    },
  ];
} // prettier-ignore

/** A JSON object of strings in the query. @throws EngineError 400 */
export function stringMap(query: URLQuery, name: string): Map<string, string> {
  const text = query.get(name);
  if (text === '') return new Map();
  try {
    const value = JSON.parse(text) as Record<string, string | null>;
    return new Map(Object.entries(value).filter((entry): entry is [string, string] => entry[1] !== null));
  } catch (error) {
    throw badRequest(`error reading ${name}: ${(error as Error).message}`);
  }
}

/** @throws EngineError 400 */
export function unpack(bytes: Uint8Array): DirectoryNode {
  try {
    return applyTarEntries(readTar(bytes));
  } catch (error) {
    if (error instanceof TarError) throw badRequest(`Error reading build context: ${error.message}`);
    throw error;
  }
}

/**
 * A build with BuildKit's progress. The archive holds what a client's session would offer: `context/` and, beside it,
 * `dockerfile/` with the Dockerfile and .dockerignore, `secrets/` by id.
 */
async function buildkit(engine: DockerEngine, request: RouteRequest): Promise<HttpResponse> {
  const { query } = request;
  const fs = new FileSystem({ now: () => 0, root: unpack(await readBytes(request)) });
  const directory = (path: string): DirectoryNode => {
    const node = fs.lookup(path);
    return node?.type === 'directory' ? node : { type: 'directory', entries: new Map(), mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  };
  const file = (path: string) => (fs.lookup(path)?.type === 'file' ? fs.readText(path) : undefined);
  const secrets = new Map<string, Uint8Array>();
  for (const [id, node] of directory('/secrets').entries) if (node.type === 'file') secrets.set(decodeURIComponent(id), node.data);
  const build: BuildRequest = {
    dockerfile: query.get('dockerfile') || 'Dockerfile',
    text: file('/dockerfile/Dockerfile'),
    ignoreText: file('/dockerfile/.dockerignore'),
    context: directory('/context'),
    tags: query.all('t'),
    buildArgs: stringMap(query, 'buildargs'),
    labels: Object.fromEntries(stringMap(query, 'labels')),
    target: query.get('target'),
    platform: query.get('platform'),
    noCache: query.bool('nocache'),
    noCacheFilter: query.all('nocachefilter'),
    pull: query.bool('pull'),
    output: (['none', 'files', 'check'] as const).find((name) => name === query.get('output')) ?? 'image',
    secrets,
    credentials: credentialsOf(request.headers['x-registry-auth']),
    cancel: request.cancel,
  };
  return messages(engine.world, async (send) => {
    const end = await buildWithBuildKit(engine, engine.buildCache, build, (trace) => send({ id: 'moby.buildkit.trace', aux: trace }));
    const { files, ...rest } = end;
    await send({ id: 'slipway.build.end', aux: { ...rest, ...(files ? { files: encodeBase64(tarOf('', files)) } : {}) } });
  });
} // prettier-ignore

function prune(engine: DockerEngine, query: URLQuery): unknown {
  const all = query.bool('all');
  const inUse = new Set(engine.images.list().flatMap(({ image }) => image.layers.map((layer) => layer.digest)));
  const gone = engine.buildCache.prune(all, inUse);
  return {
    CachesDeleted: gone.length > 0 ? gone.map((record) => record.id) : null,
    SpaceReclaimed: gone.reduce((sum, record) => sum + (record.layer.unpackedSize ?? 0), 0),
  };
}

/** Entries of `BuildCache` in `GET /system/df`. */
export function buildCacheJson(engine: DockerEngine): unknown[] {
  const inUse = new Set(engine.images.list().flatMap(({ image }) => image.layers.map((layer) => layer.digest)));
  const byKey = new Map(engine.buildCache.list().map((record) => [record.key, record.id]));
  return engine.buildCache.list().map((record) => ({
    ID: record.id,
    Parents: byKey.has(record.parent) ? [byKey.get(record.parent)] : null,
    Type: 'regular',
    Description: record.description.replace(/^\[[^\]]*\] /, 'mount / from exec ').slice(0, 200),
    InUse: false,
    Shared: inUse.has(record.layer.digest),
    Size: record.layer.unpackedSize ?? 0,
    CreatedAt: rfc3339Nano(record.created),
    LastUsedAt: rfc3339Nano(record.lastUsed),
    UsageCount: record.uses + 1,
  }));
}
