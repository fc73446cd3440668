import type { Image, Registries } from '../../runtime/index.ts';
import {
  decodeBase64,
  familiarReference,
  familiarRepository,
  type ImageReference,
  type World,
} from '../../world/index.ts';
import { EngineError, notFound, serverError } from '../errors.ts';

export interface Credentials {
  username?: string;
  password?: string;
}

/** `X-Registry-Auth`: base64url of JSON. */
export function credentialsOf(header: string | undefined): Credentials {
  if (!header) return {};
  try {
    const bytes = decodeBase64(header) ?? new Uint8Array();
    const { username, password } = JSON.parse(new TextDecoder().decode(bytes)) as Credentials;
    return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  } catch {
    return {};
  }
}

const window = 6 * 3_600_000;
const pullLimit = { anonymous: 100, account: 200 };

/** The Engine as a client of registries: what they answer, and the Engine's words for it. */
export class RegistryClient {
  readonly #world: World;
  readonly #registries: Registries;
  /** Whether something listens at an address of this host. */
  readonly #listens: (address: string, port: number) => boolean;
  #hubPulls: number[] = [];
  /** Whether there is a way out of this host. */
  readonly #online: () => boolean;

  constructor(
    world: World,
    registries: Registries,
    listens: (address: string, port: number) => boolean,
    online: () => boolean = () => true,
  ) {
    this.#world = world;
    this.#online = online;
    this.#registries = registries;
    this.#listens = listens;
  }

  get online(): boolean {
    return this.#online();
  }

  get registries(): Registries {
    return this.#registries;
  }

  /** Loopback registries may speak plain HTTP. */
  scheme(host: string): 'http' | 'https' {
    return isLoopback(host) ? 'http' : 'https';
  }

  /** @throws EngineError 500 with the Go client's text when nobody answers there */
  reach(host: string, path = '/v2/'): void {
    const actual = host === 'docker.io' ? (path.startsWith('/v1/') ? 'index.docker.io' : 'registry-1.docker.io') : host;
    const url = `${this.scheme(host)}://${actual}${path}`;
    const name = actual.replace(/:\d+$/, '');
    const port = Number(/:(\d+)$/.exec(actual)?.[1] ?? (isLoopback(host) ? 80 : 443));
    if (isLoopback(host)) {
      const address = name === 'localhost' ? '127.0.0.1' : name;
      if (!this.#listens(address, port))
        throw serverError(`Get "${url}": dial tcp ${address}:${port}: connect: connection refused`);
      return;
    }
    if (!this.online || !this.#registries.knows(host))
      throw serverError(`Get "${url}": dial tcp: lookup ${name}: no such host`);
  }

  /** The image a reference stands for. @throws EngineError in the Engine's words */
  resolve(reference: ImageReference, credentials: Credentials, count = true): Image {
    const host = canonicalHost(reference.registry);
    this.reach(reference.registry);
    const server = this.#registries.server(host);
    if (server?.privateReads && !server.admits(credentials.username, credentials.password)) {
      const url = `${this.scheme(host)}://${reference.registry}/v2/${reference.path}/manifests/${reference.tag ?? reference.digest}`;
      throw serverError(
        `Head "${url}": ${credentials.username === undefined ? 'no basic auth credentials' : 'unauthorized: authentication required'}`,
      );
    }
    const image = this.#registries.find({ ...reference, registry: host });
    if (image) {
      if (host === 'docker.io' && count) this.#countPull(credentials);
      return image;
    }
    const exists =
      this.#registries.repository(reference.repository) !== undefined || (server?.tags(reference.path).length ?? 0) > 0;
    if (host === 'docker.io' && !exists)
      throw notFound(
        `pull access denied for ${familiarRepository(reference.repository)}, repository does not exist or may require 'docker login': ` +
          'denied: requested access to the resource is denied',
      );
    throw notFound(`manifest for ${familiarReference(reference)} not found: manifest unknown: manifest unknown`);
  }

  #countPull(credentials: Credentials): void {
    const now = this.#world.clock.elapsed;
    this.#hubPulls = this.#hubPulls.filter((time) => time > now - window);
    const limit = credentials.username === undefined ? pullLimit.anonymous : pullLimit.account;
    if (this.#hubPulls.length >= limit)
      throw new EngineError(
        429,
        `toomanyrequests: You have reached your ${credentials.username === undefined ? 'unauthenticated ' : ''}pull rate limit. https://www.docker.com/increase-rate-limit`,
      );
    this.#hubPulls.push(now);
  }

  snapshot(): unknown {
    return this.#hubPulls;
  }
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host);
}

export function canonicalHost(host: string): string {
  return host.replace(/^localhost(?=:|$)/, '127.0.0.1');
}
