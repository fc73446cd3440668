import { familiarReference, tagOf } from './names.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, notFound } from '../errors.ts';
import { empty, json, readJson, type Route } from '../router.ts';
import { importImage, loadImages, saveImages } from './archive.ts';
import { applyChanges } from './changes.ts';
import { commitContainer } from './commit.ts';
import { historyJson, inspectImage, listImages } from './inspect.ts';
import { pullImage } from './pull.ts';
import { pushImage } from './push.ts';
import { pruneImages, removeImage } from './remove.ts';
import { searchImages } from './search.ts';
import { credentialsOf } from './registries.ts';
import { manifestOf } from '../../runtime/index.ts';
import { reference as parse } from './store.ts';

export function imageRoutes(engine: DockerEngine): Route[] {
  const { images } = engine;
  return [
    { method: 'GET', pattern: '/images/json', handle: (request) => listImages(engine, request) },
    {
      method: 'POST',
      pattern: '/images/create',
      handle: (request) =>
        request.query.get('fromImage') === '' ? importImage(engine, request, applyChanges) : pullImage(engine, request),
    },
    { method: 'GET', pattern: '/images/search', handle: (request) => searchImages(engine, request) },
    { method: 'POST', pattern: '/images/prune', handle: (request) => pruneImages(engine, request) },
    { method: 'POST', pattern: '/images/load', handle: (request) => loadImages(engine, request) },
    { method: 'GET', pattern: '/images/get', handle: ({ query }) => saveImages(engine, query.all('names')) },
    { method: 'GET', pattern: '/images/{name...}/get', handle: ({ params }) => saveImages(engine, [params.name!]) },
    {
      method: 'GET',
      pattern: '/images/{name...}/json',
      handle: ({ params }) => json(inspectImage(engine, images.find(params.name!))),
    },
    {
      method: 'GET',
      pattern: '/images/{name...}/history',
      handle: ({ params }) => json(historyJson(engine, images.find(params.name!))),
    },
    {
      method: 'POST',
      pattern: '/images/{name...}/tag',
      handle: ({ params, query }) => {
        const stored = images.find(params.name!);
        const target = parse(tagOf(query.get('repo'), query.get('tag')));
        if (target.digest) throw badRequest('refusing to create a tag with a digest reference');
        if (target.repository === 'docker.io/library/scratch') throw badRequest("'scratch' is a reserved name");
        images.tag(stored, target);
        engine.events.emit('image', 'tag', stored.image.id, { name: familiarReference(target) });
        return empty(201);
      },
    },
    { method: 'POST', pattern: '/images/{name...}/push', handle: (request) => pushImage(engine, request) },
    {
      method: 'DELETE',
      pattern: '/images/{name...}',
      handle: ({ params, query }) =>
        json(removeImage(engine, params.name!, query.bool('force'), !query.bool('noprune'))),
    },
    {
      method: 'POST',
      pattern: '/commit',
      handle: async (request) => {
        await readJson(request);
        const { query } = request;
        const container = engine.containers.find(query.get('container'));
        const stored = commitContainer(engine, container, {
          repo: query.get('repo'),
          tag: query.get('tag'),
          comment: query.get('comment'),
          author: query.get('author'),
          changes: query.all('changes'),
        });
        return json({ Id: stored.image.id }, 201);
      },
    },
    {
      method: 'GET',
      pattern: '/distribution/{name...}/json',
      handle: ({ params, headers }) => {
        const image = engine.registry.resolve(parse(params.name!), credentialsOf(headers['x-registry-auth']), false);
        const manifest = manifestOf(image);
        return json({
          Descriptor: { mediaType: manifest.mediaType, digest: image.digest, size: JSON.stringify(manifest).length },
          Platforms: [{ architecture: image.architecture ?? 'amd64', os: 'linux' }],
        });
      },
    },
  ];
}

export { notFound };
