import type { Factory } from '../client/factory.ts';
import { CommandError, RequestError } from '../framework/errors.ts';
import { FsError, readAll, type ByteReader } from '../../../world/index.ts';
import { ConnectionError, openInput, type Process } from '../../../process/index.ts';
import { isReader } from '../../../network/index.ts';
import type { BadItem, Info, Source } from './result.ts';

/** Endings of the files that are taken from a directory. */
const extensions = ['.json', '.yaml', '.yml'];

export interface FilePath {
  /** Name in messages. */
  source: string;
  read(): Promise<string>;
}

/**
 * The files that an argument of `-f` names.
 * @throws CommandError `the path "x" does not exist` …
 */
export function expandPath(factory: Factory, name: string, recursive: boolean): FilePath[] {
  const { process } = factory;
  if (name === '-')
    return [{ source: 'STDIN', read: async () => decode(await readAll(process.stdin, process.cancel)) }];
  if (/^https?:\/\//.test(name)) return [{ source: name, read: () => download(factory, name) }];
  const { fs } = process.machine;
  if (isStream(process.path(name)))
    return [{ source: name, read: async () => decode(await readAll(openFile(process, name), process.cancel)) }];
  const names = fs.exists(process.path(name)) ? [name] : glob(factory, name);
  if (names.length === 0) throw new CommandError(`the path ${JSON.stringify(name)} does not exist`);
  const found = names.flatMap((n) => walk(factory, n, recursive, true));
  if (found.length === 0)
    throw new CommandError(
      `error reading [${names.join(' ')}]: recognized file extensions are [${extensions.join(' ')}]`,
    );
  return found.map((file) => ({
    source: file,
    read: () => {
      try {
        return Promise.resolve(fs.readText(process.path(file)));
      } catch (error) {
        if (error instanceof FsError)
          return Promise.reject(new CommandError(`open ${file}: ${error.message.toLowerCase()}`));
        throw error;
      }
    },
  }));
}

/** Descriptors and devices, as `<(…)` and `/dev/stdin` are. */
function isStream(path: string): boolean {
  return /^\/(dev|proc\/self\/fd)\//.test(path);
}

function openFile(process: Process, path: string): ByteReader {
  try {
    return openInput(process, path);
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`the path ${JSON.stringify(path)} does not exist`);
    throw error;
  }
}

function walk(factory: Factory, path: string, recursive: boolean, top: boolean): string[] {
  const { process } = factory;
  const { fs } = process.machine;
  const node = fs.lookup(process.path(path));
  if (node?.type !== 'directory') return top || extensions.some((e) => path.endsWith(e)) ? [path] : [];
  if (!top && !recursive) return [];
  return fs.readdir(process.path(path)).flatMap((entry) => walk(factory, joinPath(path, entry), recursive, false));
}

function joinPath(directory: string, entry: string): string {
  const base = directory.replace(/\/+$/, '').replace(/^\.\//, '');
  return base === '.' ? entry : `${base}/${entry}`;
}

/** filepath.Glob: `*`, `?` and `[…]` in one directory level each. */
function glob(factory: Factory, pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) return [];
  const { process } = factory;
  const { fs } = process.machine;
  let found = pattern.startsWith('/') ? ['/'] : [''];
  for (const part of pattern.split('/').filter((p) => p !== '')) {
    const matches = globPattern(part);
    found = found.flatMap((base) => {
      const dir = process.path(base === '' ? '.' : base);
      if (fs.lookup(dir)?.type !== 'directory') return [];
      return fs
        .readdir(dir)
        .filter((entry) => matches.test(entry))
        .map((entry) => (base === '' ? entry : base === '/' ? `/${entry}` : `${base}/${entry}`));
    });
  }
  return found;
}

/** One level of a glob; a class of characters that is none matches nothing. */
function globPattern(part: string): RegExp {
  const source = part.replace(/\[\^?[^\]]+\]|[.+^${}()|[\]\\*?]/g, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    return token.length > 1 ? token : `\\${token}`;
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /(?!)/;
  }
}

async function download(factory: Factory, url: string): Promise<string> {
  try {
    const response = await factory.process.fetch(url, { method: 'GET', headers: {} });
    if (response.status !== 200)
      throw new CommandError(
        `unable to read URL ${JSON.stringify(url)}, server reported ${response.status}, status code=${response.status}`,
      );
    return decode(isReader(response.body) ? await readAll(response.body, factory.process.cancel) : response.body);
  } catch (error) {
    if (error instanceof ConnectionError) throw new RequestError('GET', url, error.message);
    throw error;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function fileSource(
  path: FilePath,
  parse: (source: string, text: string) => AsyncGenerator<Info | BadItem>,
): Source {
  return async function* () {
    yield* parse(path.source, await path.read());
  };
}
