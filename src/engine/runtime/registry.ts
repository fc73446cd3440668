import type { Image } from './image.ts';
import { catalogue } from './catalogue/registry.ts';
import type { Repository } from './catalogue/repository.ts';
import type { ImageReference } from './reference.ts';

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

  constructor(repositories: readonly Repository[] = catalogue) {
    for (const repository of repositories) this.add(repository);
  }

  add(repository: Repository): void {
    this.#repositories.set(repository.name, repository);
    this.#hosts.add(repository.name.slice(0, repository.name.indexOf('/')));
  }

  /** @throws PullError with the reason, without the "failed to pull" around it. */
  resolve(reference: ImageReference): Image {
    const { canonical, registry } = reference;
    const fail = (code: PullError['code'], detail: string) =>
      new PullError(code, `failed to resolve reference "${canonical}": ${detail}`);
    if (!this.#hosts.has(registry))
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
