import { latency, type ImageReference } from '../../world/index.ts';
import { familiarReference, familiarRepository } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import type { HttpResponse } from '../../network/index.ts';
import type { Image } from '../../runtime/index.ts';
import { badRequest, EngineError } from '../errors.ts';
import { messages, type Json, type RouteRequest } from '../router.ts';
import { progressMessage } from './progress.ts';
import { canonicalHost, credentialsOf, type Credentials } from './registries.ts';
import { reference as parse } from './store.ts';

type Send = (message: Json) => Promise<void>;

const systems = new Set(['linux', 'windows', 'darwin', 'freebsd']);
const architectures = new Set([
  'amd64',
  'arm64',
  'arm',
  '386',
  'ppc64le',
  's390x',
  'riscv64',
  'x86_64',
  'aarch64',
  'armhf',
]);

/** @throws EngineError for what is neither a system nor an architecture */
export function checkPlatform(platform: string): void {
  if (platform === '') return;
  const parts = platform.split('/');
  const ok =
    parts.length === 1
      ? systems.has(parts[0]!) || architectures.has(parts[0]!)
      : systems.has(parts[0]!) && parts.length <= 3;
  if (!ok) throw badRequest(`"${platform}": unknown operating system or architecture: invalid argument`);
}

/** `POST /images/create?fromImage=…`: errors before the first byte have a status, later ones are messages. */
export async function pullImage(engine: DockerEngine, request: RouteRequest): Promise<HttpResponse> {
  const { query } = request;
  const name = query.get('fromImage');
  const tag = query.get('tag');
  const credentials = credentialsOf(request.headers['x-registry-auth']);
  checkPlatform(query.get('platform'));
  await engine.world.sleep(latency.registryRoundTrip, request.cancel);
  const all = tag === '' && !/[:@][^/]+$/.test(name);
  const reference = parse(
    tag === '' ? name : tag.includes(':') && tag.startsWith('sha256') ? `${name}@${tag}` : `${name}:${tag}`,
  );
  if (all) return pullAll(engine, reference, credentials, request);
  const image = engine.registry.resolve(reference, credentials);
  return messages(engine.world, async (send) => {
    const newer = await pullOne(engine, reference, image, send, request);
    await finish(reference, newer, send);
  });
}

async function finish(reference: ImageReference, newer: boolean, send: Send): Promise<void> {
  const name = familiarReference(reference);
  await send({
    status: newer ? `Status: Downloaded newer image for ${name}` : `Status: Image is up to date for ${name}`,
  });
}

function pullAll(
  engine: DockerEngine,
  reference: ImageReference,
  credentials: Credentials,
  request: RouteRequest,
): HttpResponse {
  const host = canonicalHost(reference.registry);
  engine.registry.reach(host);
  const repository = engine.registry.registries.repository(reference.repository);
  const pushed = engine.registry.registries.server(host)?.tags(reference.path) ?? [];
  const tags = [...new Set([...(repository?.tags ?? []), ...pushed])].sort();
  if (tags.length === 0) engine.registry.resolve(reference, credentials);
  return messages(engine.world, async (send) => {
    let newer = false;
    for (const tag of tags) {
      const one = parse(`${reference.repository}:${tag}`);
      newer = (await pullOne(engine, one, engine.registry.resolve(one, credentials, false), send, request)) || newer;
    }
    const name = familiarRepository(reference.repository);
    await send({ status: `Status: ${newer ? 'Downloaded newer image' : 'Image is up to date'} for ${name}` });
  });
}

/** Pulls one image. @returns whether the name is new, or stands for another image now */
export async function pullOne(
  engine: DockerEngine,
  reference: ImageReference,
  image: Image,
  send: Send,
  request: Pick<RouteRequest, 'cancel'>,
): Promise<boolean> {
  const { images, world } = engine;
  const id = reference.digest && reference.tag === undefined ? reference.canonical : (reference.tag ?? 'latest');
  await send({ status: `Pulling from ${reference.path}`, id });
  const present = images.byId(image.id);
  if (!present) await fetchLayers(engine, image, send, request);
  const stored = images.add(image);
  const name = reference.digest ? undefined : `${reference.repository}:${reference.tag ?? 'latest'}`;
  const digestName = `${reference.repository}@${image.digest}`;
  const newer = name === undefined ? !stored.digests.includes(digestName) : !stored.tags.includes(name);
  if (name !== undefined) images.tag(stored, reference, false);
  images.addDigest(stored, reference.repository);
  await send({ status: `Digest: ${image.digest}` });
  if (newer)
    engine.events.emit('image', 'pull', familiarReference(reference), {
      name: familiarRepository(reference.repository),
    });
  await world.sleep(0, request.cancel);
  return newer;
}

async function fetchLayers(
  engine: DockerEngine,
  image: Image,
  send: Send,
  request: Pick<RouteRequest, 'cancel'>,
): Promise<void> {
  const { world, images } = engine;
  const short = (digest: string) => digest.slice(7, 19);
  const missing = image.layers.filter((layer) => !images.hasLayer(layer.digest));
  for (const layer of image.layers)
    await send({
      status: missing.includes(layer) ? 'Pulling fs layer' : 'Already exists',
      progressDetail: {},
      id: short(layer.digest),
    });
  for (const layer of missing.slice(3)) await send({ status: 'Waiting', progressDetail: {}, id: short(layer.digest) });
  await world.sleep(2 * latency.registryRoundTrip, request.cancel);
  // Three at a time share the line: the small ones are there first.
  const order = missing.map((layer, i) => ({ layer, i })).sort((a, b) => a.layer.size - b.layer.size || b.i - a.i);
  for (const { layer } of order) {
    const steps = Math.max(1, Math.min(10, Math.ceil(layer.size / 4_000_000)));
    for (let step = 1; step <= steps; step++) {
      await world.sleep(layer.size / latency.registryBytesPerMs / steps, request.cancel);
      await send(
        progressMessage(short(layer.digest), 'Downloading', Math.round((layer.size * step) / steps), layer.size),
      );
    }
    await send({ status: 'Verifying Checksum', progressDetail: {}, id: short(layer.digest) });
    await send({ status: 'Download complete', progressDetail: {}, id: short(layer.digest) });
  }
  for (const layer of missing) {
    const steps = Math.max(1, Math.min(5, Math.ceil(layer.size / 10_000_000)));
    for (let step = 1; step <= steps; step++) {
      await world.sleep(layer.size / (4 * latency.registryBytesPerMs) / steps, request.cancel);
      await send(
        progressMessage(short(layer.digest), 'Extracting', Math.round((layer.size * step) / steps), layer.size),
      );
    }
    await send(progressMessage(short(layer.digest), 'Extracting', layer.size, layer.size));
    await send({ status: 'Pull complete', progressDetail: {}, id: short(layer.digest) });
  }
}

export { EngineError };
