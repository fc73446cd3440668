import { decodeBase64, encodeBase64, FsError, parentPath, toBytes } from '../../../world/index.ts';
import type { Process } from '../../../process/index.ts';

interface Contents {
  auths?: Record<string, { auth?: string }>;
  currentContext?: string;
  [name: string]: unknown;
}

/** `~/.docker/config.json`. */
export class ConfigFile {
  readonly #process: Process;
  readonly directory: string;

  constructor(process: Process, directory: string) {
    this.#process = process;
    this.directory = process.path(
      directory || process.env.get('DOCKER_CONFIG') || `${process.env.get('HOME') ?? '/root'}/.docker`,
    );
  }

  get path(): string {
    return `${this.directory}/config.json`;
  }

  read(): Contents {
    try {
      return JSON.parse(this.#process.machine.fs.readText(this.path)) as Contents;
    } catch (error) {
      if (error instanceof FsError || error instanceof SyntaxError) return {};
      throw error;
    }
  }

  write(contents: Contents): void {
    const { fs } = this.#process.machine;
    const { uid, gid } = this.#process.user;
    if (!fs.exists(parentPath(this.path))) fs.mkdir(parentPath(this.path), { recursive: true, mode: 0o700, uid, gid });
    fs.writeFile(this.path, JSON.stringify(contents, null, '\t'), { mode: 0o600, uid, gid });
  }

  get currentContext(): string {
    return this.read().currentContext ?? '';
  }

  credentials(server: string): { username: string; password: string } | undefined {
    const auth = this.read().auths?.[server]?.auth;
    const bytes = auth ? decodeBase64(auth) : undefined;
    if (!bytes) return undefined;
    const text = new TextDecoder().decode(bytes);
    const colon = text.indexOf(':');
    return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  }

  store(server: string, username: string, password: string): void {
    const contents = this.read();
    contents.auths = { ...contents.auths, [server]: { auth: encodeBase64(toBytes(`${username}:${password}`)) } };
    this.write(contents);
  }

  erase(server: string): void {
    const contents = this.read();
    if (!contents.auths) return;
    contents.auths = Object.fromEntries(Object.entries(contents.auths).filter(([name]) => name !== server));
    this.write(contents);
  }

  /** `X-Registry-Auth` for a registry. */
  authHeader(registry: string): Record<string, string> {
    const server = registry === 'docker.io' ? hubServer : registry;
    const known = this.credentials(server);
    if (!known) return { 'x-registry-auth': encodeUrl('{}') };
    return { 'x-registry-auth': encodeUrl(JSON.stringify({ ...known, serveraddress: server })) };
  }
}

function encodeUrl(text: string): string {
  return encodeBase64(toBytes(text)).replaceAll('+', '-').replaceAll('/', '_');
}

/** How Docker Hub is called where credentials are kept. */
export const hubServer = 'https://index.docker.io/v1/';
