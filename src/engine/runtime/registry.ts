import type { Image } from './image.ts';
import { catalogue } from './catalogue/registry.ts';
import type { Repository } from './catalogue/repository.ts';
import type { ImageReference } from './reference.ts';
import { RegistryServer } from './registry-server.ts';

/** Why an image could not be pulled; `code` is the gRPC code and `message` the text of containerd's resolver. */
export class PullError extends Error {
  override name = 'PullError';
  readonly code: 'NotFound' | 'Unknown' | 'Unavailable' | 'Canceled';
  constructor(code: PullError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The image registries of the simulated world, as one directory of repositories. */
export class Registries {
  readonly #repositories = new Map<string, Repository>();
  readonly #hosts = new Set<string>();
  readonly #servers = new Map<string, RegistryServer>();

  constructor(repositories: readonly Repository[] = catalogue) {
    for (const repository of repositories) this.add(repository);
  }

  add(repository: Repository): void {
    this.#repositories.set(repository.name, repository);
    this.#hosts.add(repository.name.slice(0, repository.name.indexOf('/')));
  }

  /** Makes a registry known that people push to. */
  addServer(server: RegistryServer): void {
    this.#servers.set(server.host, server);
  }

  /** The registry at a host name, as far as it takes images. */
  server(host: string): RegistryServer | undefined {
    return this.#servers.get(host);
  }

  /** Whether there is a registry of that name. */
  knows(host: string): boolean {
    return this.#hosts.has(host) || this.#servers.has(host);
  }

  /** A repository of the catalogue: `docker.io/library/nginx`. */
  repository(name: string): Repository | undefined {
    return this.#repositories.get(name);
  }

  /** All of the catalogue. */
  repositories(): readonly Repository[] {
    return [...this.#repositories.values()];
  }

  /** The image of a reference, or undefined. */
  find({ registry, path, repository, tag, digest }: ImageReference): Image | undefined {
    const pushed = this.#servers.get(registry)?.find(path, { tag, digest });
    if (pushed) return pushed;
    const known = this.#repositories.get(repository);
    return digest ? known?.byDigest(digest) : known?.image(tag ?? 'latest');
  }

  snapshot(): unknown {
    return [...this.#servers].map(([host, server]) => [host, server.snapshot()]);
  }

  /** @throws PullError with the reason, without the "failed to pull" around it. */
  resolve(reference: ImageReference): Image {
    const { canonical, registry } = reference;
    const fail = (code: PullError['code'], detail: string) =>
      new PullError(code, `failed to resolve reference "${canonical}": ${detail}`);
    const server = this.#servers.get(registry);
    const pushed = server?.privateReads ? undefined : server?.find(reference.path, reference);
    if (pushed) return pushed;
    if (!this.#hosts.has(registry) && !server)
      throw fail(
        'Unknown',
        `failed to do request: Head "https://${registry}/v2/${reference.path}/manifests/${reference.tag ?? reference.digest}": ` +
          `dial tcp: lookup ${registry.replace(/:\d+$/, '')}: no such host`,
      );
    const repository = this.#repositories.get(reference.repository);
    if (!repository) {
      if (registry === 'docker.io')
        throw fail(
          'Unknown',
          'pull access denied, repository does not exist or may require authorization: ' +
            'server message: insufficient_scope: authorization failed',
        );
      throw fail('NotFound', `${canonical}: not found`);
    }
    const image = reference.digest
      ? repository.byDigest(reference.digest)
      : repository.image(reference.tag ?? 'latest');
    if (!image) throw fail('NotFound', `${canonical}: not found`);
    return image;
  }
}
