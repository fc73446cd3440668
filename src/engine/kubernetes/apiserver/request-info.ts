/** What a request line says (k8s.io/apiserver/pkg/endpoints/request). */
export interface RequestInfo {
  readonly path: string;
  readonly query: Query;
  /** Undefined for paths outside /api and /apis/<group>/<version>. */
  readonly target: ResourceTarget | undefined;
}

export interface ResourceTarget {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** What follows the subresource, for proxies. */
  readonly rest: readonly string[];
  /** The deprecated /watch/ form of the path. */
  readonly watch: boolean;
}

/** Query parameters; a name may come several times. */
export class Query {
  readonly #values = new Map<string, string[]>();

  constructor(text: string) {
    for (const pair of text.split('&')) {
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const name = unescapeQuery(at < 0 ? pair : pair.slice(0, at));
      const value = at < 0 ? '' : unescapeQuery(pair.slice(at + 1));
      // Go leaves out pairs it cannot unescape.
      if (name === undefined || value === undefined) continue;
      const values = this.#values.get(name);
      if (values) values.push(value);
      else this.#values.set(name, [value]);
    }
  }

  /** The first value; '' counts as absent. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0] || undefined;
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** As metav1 options read booleans: `0`, `false` and nothing are false, anything else is true. */
  bool(name: string): boolean {
    const value = this.#values.get(name)?.[0];
    return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
  }

  get size(): number {
    return this.#values.size;
  }
}

const namespaceSubresources = new Set(['status', 'finalize']);

export function parseRequest(requestPath: string): RequestInfo {
  const at = requestPath.indexOf('?');
  const path = at < 0 ? requestPath : requestPath.slice(0, at);
  const query = new Query(at < 0 ? '' : requestPath.slice(at + 1));
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(unescapePath);
  return { path, query, target: targetOf(parts) };
}

function targetOf(parts: readonly string[]): ResourceTarget | undefined {
  let group = '';
  let version: string;
  let rest: string[];
  if (parts[0] === 'api' && parts.length > 2) {
    version = parts[1]!;
    rest = parts.slice(2);
  } else if (parts[0] === 'apis' && parts.length > 3) {
    group = parts[1]!;
    version = parts[2]!;
    rest = parts.slice(3);
  } else {
    return undefined;
  }
  const watch = rest[0] === 'watch' && rest.length > 1;
  if (watch) rest.shift();
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && !namespaceSubresources.has(rest[2]!)) {
    namespace = rest[1]!;
    rest = rest.slice(2);
  }
  const [resource, name, subresource, ...more] = rest;
  return { group, version, resource: resource!, namespace, name, subresource, rest: more, watch };
}

function unescapePath(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function unescapeQuery(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
