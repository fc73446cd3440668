/** An image reference, taken apart as the `distribution/reference` package does. */
export interface ImageReference {
  /** Host name of the registry, e.g. `docker.io`. */
  registry: string;
  /** e.g. `library/nginx`. */
  path: string;
  /** `docker.io/library/nginx`. */
  repository: string;
  tag: string | undefined;
  /** `sha256:…` */
  digest: string | undefined;
  /** Fully qualified, tag `latest` if neither tag nor digest was given. */
  canonical: string;
}

/** The text is no image reference; `message` is the Go package's. */
export class InvalidReference extends Error {
  override name = 'InvalidReference';
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const domainPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?$/;
const tagPattern = /^[\w][\w.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** @throws InvalidReference */
export function parseReference(text: string): ImageReference {
  const bad = (detail = '') => new InvalidReference(`invalid reference format${detail}`);
  if (text === '') throw bad();
  if (/^[a-f0-9]{64}$/.test(text))
    throw new InvalidReference(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const [named, digest, ...more] = text.split('@') as [string, string?, ...string[]];
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) throw bad();
  const slash = named.indexOf('/');
  const first = named.slice(0, slash);
  const qualified = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  let registry = qualified ? first : 'docker.io';
  if (registry === 'index.docker.io') registry = 'docker.io';
  const remote = qualified ? named.slice(slash + 1) : named;
  const colon = remote.lastIndexOf(':');
  const tag = colon > remote.lastIndexOf('/') ? remote.slice(colon + 1) : undefined;
  let path = tag === undefined ? remote : remote.slice(0, colon);
  if (registry === 'docker.io' && !path.includes('/')) path = `library/${path}`;
  if (path !== path.toLowerCase() && pathPattern.test(path.toLowerCase()))
    throw bad(`: repository name (${path}) must be lowercase`);
  if (!domainPattern.test(registry) || !pathPattern.test(path) || (tag !== undefined && !tagPattern.test(tag)))
    throw bad();
  if (path.length > 255) throw new InvalidReference('repository name must not be more than 255 characters');
  const repository = `${registry}/${path}`;
  const suffix = (tag === undefined ? (digest ? '' : ':latest') : `:${tag}`) + (digest ? `@${digest}` : '');
  return {
    registry,
    path,
    repository,
    tag: tag ?? (digest ? undefined : 'latest'),
    digest,
    canonical: repository + suffix,
  };
}

/** A repository as Docker shows it: without `docker.io/` and `library/`. */
export function familiarRepository(repository: string): string {
  return repository.replace(/^docker\.io\/library\//, '').replace(/^docker\.io\//, '');
}

/** A reference as Docker shows it: `nginx:1.27`, `nginx@sha256:…`. */
export function familiarReference({ repository, tag, digest }: ImageReference): string {
  const name = familiarRepository(repository);
  return name + (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}
