import type { HttpHandler, HttpResponse } from '../network/index.ts';
import { decodeBase64, toBytes } from '../world/index.ts';
import type { Image } from './image.ts';

/** What a registry keeps beyond the catalogue: images that were pushed to it, and who may. */
export class RegistryServer {
  /** `docker.io`, `127.0.0.1:5000`. */
  readonly host: string;
  /** Names and passwords; undefined: open to everybody. */
  readonly accounts: ReadonlyMap<string, string> | undefined;
  /** Reading needs an account, too. */
  readonly privateReads: boolean;
  readonly scheme: 'http' | 'https';
  readonly #repositories = new Map<string, { tags: Map<string, Image>; digests: Map<string, Image> }>();
  readonly #layers = new Set<string>();

  constructor(
    host: string,
    options: { accounts?: ReadonlyMap<string, string>; privateReads?: boolean; scheme?: 'http' | 'https' } = {},
  ) {
    this.host = host;
    this.accounts = options.accounts;
    this.privateReads = options.privateReads ?? false;
    this.scheme = options.scheme ?? 'https';
  }

  /** Whether a name and a password open it. */
  admits(user: string | undefined, password: string | undefined): boolean {
    if (!this.accounts) return true;
    return user !== undefined && this.accounts.get(user) === password;
  }

  find(path: string, reference: { tag?: string | undefined; digest?: string | undefined }): Image | undefined {
    const repository = this.#repositories.get(path);
    if (reference.digest !== undefined) return repository?.digests.get(reference.digest);
    return repository?.tags.get(reference.tag ?? 'latest');
  }

  hasLayer(digest: string): boolean {
    return this.#layers.has(digest);
  }

  push(path: string, tag: string, image: Image): void {
    let repository = this.#repositories.get(path);
    if (!repository) this.#repositories.set(path, (repository = { tags: new Map(), digests: new Map() }));
    repository.tags.set(tag, image);
    repository.digests.set(image.digest, image);
    for (const layer of image.layers) this.#layers.add(layer.digest);
  }

  repositories(): string[] {
    return [...this.#repositories.keys()].sort();
  }

  tags(path: string): string[] {
    return [...(this.#repositories.get(path)?.tags.keys() ?? [])].sort();
  }

  snapshot(): unknown {
    return [...this.#repositories].map(([path, { tags }]) => [path, [...tags].map(([tag, image]) => [tag, image.id])]);
  }

  /** The part of the distribution API that people ask with curl. */
  readonly handle: HttpHandler = (request) => {
    const [path = '/'] = request.path.split('?');
    const given = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const [user, password] = given === undefined ? [] : decodeBasic(given);
    if (this.privateReads && !this.admits(user, password))
      return answer(
        401,
        { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }] },
        { 'www-authenticate': 'Basic realm="Registry Realm"' },
      );
    if (path === '/v2' || path === '/v2/') return answer(200, {});
    if (path === '/v2/_catalog') return answer(200, { repositories: this.repositories() });
    const list = /^\/v2\/(.+)\/tags\/list$/.exec(path)?.[1];
    if (list !== undefined)
      return this.#repositories.has(list)
        ? answer(200, { name: list, tags: this.tags(list) })
        : unknown('NAME_UNKNOWN', 'repository name not known to registry', { name: list });
    const manifest = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(path);
    if (manifest) {
      const [, name = '', reference = ''] = manifest;
      const image = this.find(name, reference.includes(':') ? { digest: reference } : { tag: reference });
      if (!image) return unknown('MANIFEST_UNKNOWN', 'manifest unknown', { Tag: reference });
      return {
        status: 200,
        headers: {
          'content-type': 'application/vnd.docker.distribution.manifest.v2+json',
          'docker-content-digest': image.digest,
        },
        body: toBytes(JSON.stringify(manifestOf(image), null, 3)),
      };
    }
    return {
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: toBytes('404 page not found\n'),
    };
  };
}

function answer(status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'docker-distribution-api-version': 'registry/2.0',
      ...headers,
    },
    body: toBytes(`${JSON.stringify(value)}\n`),
  };
}

function unknown(code: string, message: string, detail: unknown): HttpResponse {
  return answer(404, { errors: [{ code, message, detail }] });
}

function decodeBasic(text: string): [string, string] {
  const decoded = new TextDecoder().decode(decodeBase64(text) ?? new Uint8Array());
  const colon = decoded.indexOf(':');
  return [decoded.slice(0, colon), decoded.slice(colon + 1)];
}

/** The schema 2 manifest of an image. */
export function manifestOf(image: Image): Record<string, unknown> {
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: 1000 + 700 * image.layers.length,
      digest: image.id,
    },
    layers: image.layers.map(({ digest, size }) => ({
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      size,
      digest,
    })),
  };
}
