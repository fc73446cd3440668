import type { HttpResponse } from '../../network/index.ts';
import { familiarReference, familiarRepository, latency } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { EngineError, notFound } from '../errors.ts';
import { messages, type Json, type RouteRequest } from '../router.ts';
import { progressMessage } from './progress.ts';
import { canonicalHost, credentialsOf } from './registries.ts';
import { reference as parse } from './store.ts';

/** `POST /images/{name}/push?tag=`: without a tag all of the repository. */
export function pushImage(engine: DockerEngine, request: RouteRequest): HttpResponse {
  const tag = request.query.get('tag');
  const name = request.params.name!;
  const repository = parse(name);
  const credentials = credentialsOf(request.headers['x-registry-auth']);
  return messages(engine.world, async (send) => {
    await send({ status: `The push refers to repository [${repository.repository}]` });
    const local = engine.images
      .list()
      .flatMap((stored) =>
        stored.tags
          .filter((t) => t.startsWith(`${repository.repository}:`))
          .map((t) => ({ stored, tag: t.slice(repository.repository.length + 1) })),
      );
    if (local.length === 0)
      throw notFound(`An image does not exist locally with the tag: ${familiarRepository(repository.repository)}`);
    const chosen = tag === '' ? local.sort((a, b) => (a.tag < b.tag ? -1 : 1)) : local.filter((l) => l.tag === tag);
    if (chosen.length === 0)
      throw notFound(`tag does not exist: ${familiarReference({ ...repository, tag, digest: undefined })}`);
    for (const { stored, tag } of chosen) await pushOne(engine, { ...repository, tag }, stored, credentials, send);
  });
}

async function pushOne(
  engine: DockerEngine,
  reference: ReturnType<typeof parse>,
  stored: ReturnType<DockerEngine['images']['find']>,
  credentials: { username?: string; password?: string },
  send: (message: Json) => Promise<void>,
): Promise<void> {
  const { world } = engine;
  const host = canonicalHost(reference.registry);
  await world.sleep(latency.registryRoundTrip);
  engine.registry.reach(host);
  const layers = [...stored.details.layers].reverse();
  const message = (layer: (typeof layers)[number], status: string): Json => ({
    status,
    progressDetail: {},
    id: layer.diffId.slice(7, 19),
  });
  for (const layer of layers) await send(message(layer, 'Preparing'));
  const server = engine.registry.registries.server(host);
  const denied = new EngineError(403, 'denied: requested access to the resource is denied');
  const admitted = server?.admits(credentials.username, credentials.password) ?? false;
  if (!server) throw denied;
  if (host === 'docker.io') {
    const owner = reference.path.split('/')[0];
    const catalogued = engine.registry.registries.repository(reference.repository) !== undefined;
    // Without a token for the repository, layers that are public can still be mounted; the manifest can't be put.
    if (!admitted || owner !== credentials.username) {
      if (!catalogued && owner !== 'learner') throw denied;
      if (owner === 'library' && !catalogued) throw denied;
      for (const layer of layers) await send(message(layer, 'Layer already exists'));
      throw new EngineError(
        403,
        'errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n',
      );
    }
  } else if (!admitted)
    throw new EngineError(
      500,
      credentials.username === undefined ? 'no basic auth credentials' : 'unauthorized: authentication required',
    );
  for (const layer of layers) {
    if (server.hasLayer(layer.digest) || stored.image.key !== undefined) {
      await send(message(layer, 'Layer already exists'));
      continue;
    }
    const id = layer.diffId.slice(7, 19);
    const steps = Math.max(1, Math.min(8, Math.ceil(layer.unpackedSize / 5_000_000)));
    for (let step = 1; step <= steps; step++) {
      await world.sleep(layer.size / latency.registryBytesPerMs / steps);
      await send(progressMessage(id, 'Pushing', Math.round((layer.unpackedSize * step) / steps), layer.unpackedSize));
    }
    await send(message(layer, 'Pushed'));
  }
  await world.sleep(latency.registryRoundTrip);
  const tag = reference.tag ?? 'latest';
  server.push(reference.path, tag, stored.image);
  engine.images.addDigest(stored, reference.repository);
  const size = 317 + 210 * layers.length;
  await send({ status: `${tag}: digest: ${stored.image.digest} size: ${size}` });
  await send({ progressDetail: {}, aux: { Tag: tag, Digest: stored.image.digest, Size: size } });
  engine.events.emit('image', 'push', familiarReference(reference), { name: familiarRepository(reference.repository) });
}
