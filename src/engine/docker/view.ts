import { listContainers } from './containers/list.ts';
import type { DockerEngine } from './engine.ts';
import { inspectImage, historyJson, listImages } from './images/inspect.ts';
import { URLQuery, type Json, type RouteRequest } from './router.ts';
import type { HttpResponse } from '../network/index.ts';

/** Answers of the Engine API, taken together without letting time pass: what a picture of the host is made of. */
export interface EngineAnswers {
  /** `GET /containers/json?all=1` */
  containers: Json[];
  /** `GET /networks` */
  networks: Json[];
  /** `GET /images/json`, with `Layers`: the digests, and what `history` says of their sizes, the lowest first. */
  images: (Json & { Layers: { digest: string; size: number }[] })[];
}

export function engineAnswers(engine: DockerEngine): EngineAnswers {
  const request = (query: string): RouteRequest => ({
    method: 'GET',
    path: '/',
    headers: {},
    params: {},
    query: new URLQuery(query),
  });
  return {
    containers: parsed(listContainers(engine, request('all=1'))),
    networks: engine.networks.list().map((network) => network.json({})),
    images: parsed<Json[]>(listImages(engine, request(''))).map((image) => ({
      ...image,
      Layers: layersOf(engine, image),
    })),
  };
}

function layersOf(engine: DockerEngine, image: Json): { digest: string; size: number }[] {
  const stored = engine.images.find(String(image.Id));
  const digests = (inspectImage(engine, stored).RootFS as { Layers?: string[] }).Layers ?? [];
  const sizes = historyJson(engine, stored)
    .map((entry) => Number(entry.Size))
    .filter((size) => size > 0)
    .reverse();
  return digests.map((digest, i) => ({ digest, size: sizes[i] ?? 0 }));
}

function parsed<T = Json[]>(response: HttpResponse): T {
  return JSON.parse(new TextDecoder().decode(response.body as Uint8Array)) as T;
}
