import { directorySize, versions } from '../../world/index.ts';
import { buildCacheJson } from '../builder/routes.ts';
import type { DockerEngine } from '../engine.ts';
import { EngineError, notFound, serverError } from '../errors.ts';
import { eventFilters, wireEvent } from '../events.ts';
import { Filters } from '../filters.ts';
import { canonicalHost } from '../images/registries.ts';
import { inspectImage, sharedSize } from '../images/inspect.ts';
import { layerSize } from '../containers/inspect.ts';
import { commandText, statusText } from '../containers/list.ts';
import { empty, json, readJson, streaming, type Json, type Route } from '../router.ts';
import { parseTimestamp } from '../time.ts';
import { infoJson, versionJson } from './info.ts';

const notManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

export const pingHeaders: Record<string, string> = {
  'api-version': '1.51',
  'builder-version': '2',
  'docker-experimental': 'false',
  ostype: 'linux',
  swarm: 'inactive',
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  'content-type': 'text/plain; charset=utf-8',
};

export function systemRoutes(engine: DockerEngine): Route[] {
  const swarmOnly = (pattern: string): Route[] =>
    ['GET', 'POST'].map((method) => ({
      method,
      pattern,
      handle: () => {
        throw new EngineError(503, notManager);
      },
    }));
  return [
    { method: 'HEAD', pattern: '/_ping', handle: () => ({ ...empty(200), headers: pingHeaders }) },
    {
      method: 'GET',
      pattern: '/_ping',
      handle: () => ({ status: 200, headers: pingHeaders, body: new TextEncoder().encode('OK') }),
    },
    { method: 'GET', pattern: '/version', handle: () => json(versionJson()) },
    { method: 'GET', pattern: '/info', handle: () => json(infoJson(engine)) },
    {
      method: 'POST',
      pattern: '/auth',
      handle: async (request) => json(await login(engine, await readJson(request))),
    },
    {
      method: 'GET',
      pattern: '/events',
      handle: ({ query, cancel }) => {
        const filters = Filters.parse(query.get('filters'), eventFilters);
        const since = parseTimestamp(query.get('since'));
        const until = parseTimestamp(query.get('until'));
        return streaming(engine.world, (send) =>
          engine.events.follow(
            {
              filters,
              ...(since === undefined ? {} : { since }),
              ...(until === undefined ? {} : { until }),
              ...(cancel ? { cancel } : {}),
            },
            (event) => send(`${JSON.stringify(wireEvent(event))}\n`),
          ),
        );
      },
    },
    { method: 'GET', pattern: '/system/df', handle: () => json(diskUsage(engine)) },
    { method: 'GET', pattern: '/plugins', handle: () => json([]) },
    {
      method: 'GET',
      pattern: '/plugins/{name...}/json',
      handle: ({ params }) => {
        throw notFound(`plugin "${params.name}" not found`);
      },
    },
    {
      method: 'POST',
      pattern: '/swarm/leave',
      handle: () => {
        throw new EngineError(503, 'This node is not part of a swarm');
      },
    },
    {
      method: 'POST',
      pattern: '/swarm/init',
      handle: () => {
        throw new EngineError(501, 'slipway: swarm mode is not simulated');
      },
    },
    {
      method: 'POST',
      pattern: '/swarm/join',
      handle: () => {
        throw new EngineError(501, 'slipway: swarm mode is not simulated');
      },
    },
    ...[
      '/swarm',
      '/swarm/{rest...}',
      '/nodes',
      '/nodes/{rest...}',
      '/services',
      '/services/{rest...}',
      '/tasks',
      '/secrets',
      '/secrets/{rest...}',
      '/configs',
      '/configs/{rest...}',
    ].flatMap(swarmOnly),
  ];
}

/** @throws EngineError 401, 500 */
async function login(engine: DockerEngine, body: Json): Promise<Json> {
  const address = String(body.serveraddress ?? '');
  const given = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const hub = given === '' || given === 'index.docker.io' || given === 'docker.io';
  const host = hub ? 'docker.io' : canonicalHost(given);
  await engine.world.sleep(120);
  engine.registry.reach(host);
  const server = engine.registry.registries.server(host);
  if (server && !server.admits(String(body.username ?? ''), String(body.password ?? ''))) {
    if (hub)
      throw new EngineError(
        401,
        'Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password',
      );
    throw serverError(
      `login attempt to ${engine.registry.scheme(host)}://${given}/v2/ failed with status: 401 Unauthorized`,
    );
  }
  return { IdentityToken: '', Status: 'Login Succeeded' };
}

function diskUsage(engine: DockerEngine): Json {
  const { images, containers, volumes } = engine;
  const users = (id: string) => containers.list().filter((container) => container.imageId === id).length;
  const seen = new Map<string, number>();
  for (const stored of images.list())
    for (const layer of stored.details.layers) seen.set(layer.digest, layer.unpackedSize);
  return {
    LayersSize: [...seen.values()].reduce((sum, size) => sum + size, 0),
    Images: images
      .list()
      .map((stored) => {
        const full = inspectImage(engine, stored);
        return {
          Containers: users(stored.image.id),
          Created: Math.floor(stored.details.created / 1000),
          Id: stored.image.id,
          Labels: stored.image.config.labels ?? null,
          ParentId: stored.parent,
          RepoDigests: full.RepoDigests,
          RepoTags: full.RepoTags,
          SharedSize: sharedSize(engine, stored),
          Size: stored.details.size,
        };
      })
      .sort((a, b) => b.Created - a.Created),
    Containers: containers
      .list()
      .reverse()
      .map((container) => ({
        Id: container.id,
        Names: [`/${container.name}`],
        Image: container.config.Image,
        ImageID: container.imageId,
        Command: commandText(container.argv),
        Created: Math.floor(container.created / 1000),
        Ports: [],
        SizeRw: layerSize(container),
        SizeRootFs: container.stored.details.size,
        Labels: container.config.Labels,
        State: container.status,
        Status: statusText(container),
        HostConfig: { NetworkMode: container.hostConfig.NetworkMode },
        NetworkSettings: { Networks: null },
        Mounts: container.mounts,
      })),
    Volumes: volumes.list().map((volume) => ({
      ...volumes.json(volume),
      UsageData: { RefCount: volumes.users(volume).length, Size: directorySize(volume.files.root) },
    })),
    BuildCache: buildCacheJson(engine),
  };
}

export { versions };
