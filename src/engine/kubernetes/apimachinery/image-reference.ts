/** Image names (distribution/reference): `nginx`, `ghcr.io/a/b:1.2@sha256:…`. */

export interface ImageReference {
  /** `docker.io` when the name has none. */
  domain: string;
  /** With `library/` for official images. */
  path: string;
  tag?: string;
  digest?: string;
}

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = new RegExp(`^(?:${domainPart}(?:\\.${domainPart})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`);
const pathPart = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const path = new RegExp(`^${pathPart}(?:/${pathPart})*$`);
const tagFormat = /^[\w][\w.-]{0,127}$/;
const digestFormat = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** `ParseNormalizedNamed`. Throws an Error with the library's message. The tag isn't defaulted. */
export function parseImageReference(text: string): ImageReference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new Error(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const hasDomain = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  let host = hasDomain ? first : 'docker.io';
  let rest = hasDomain ? text.slice(slash + 1) : text;
  if (host === 'index.docker.io') host = 'docker.io';
  if (host === 'docker.io' && !rest.includes('/')) rest = `library/${rest}`;

  let digest: string | undefined;
  const at = rest.indexOf('@');
  if (at >= 0) {
    digest = rest.slice(at + 1);
    rest = rest.slice(0, at);
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
  }
  if (rest !== rest.toLowerCase()) {
    throw new Error(`invalid reference format: repository name (${rest}) must be lowercase`);
  }
  const fine =
    domain.test(host) &&
    path.test(rest) &&
    (tag === undefined || tagFormat.test(tag)) &&
    (digest === undefined || digestFormat.test(digest));
  if (!fine) throw new Error('invalid reference format');
  return {
    domain: host,
    path: rest,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}
