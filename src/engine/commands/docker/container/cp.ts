import {
  applyTarEntries, baseName, decodeBase64, FsError, humanSize, nodeOfTarEntry, parentPath, readAll, readTar, resolvePath, tarEntriesOf,
  writeTar, type TarEntry,
} from '../../../world/index.ts'; // prettier-ignore
import type { Command, Context } from '../framework/command.ts';
import { CliError, DaemonError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

export const cp: Command = {
  use: 'cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-',
  moreUse: 'docker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  short: 'Copy files/folders between a container and the local filesystem',
  args: [2, 2],
  flags: [
    flag('archive,a', 'bool', 'Keep owner and group'),
    flag('follow-link,L', 'bool', 'Follow links in SRC_PATH'),
    flag('quiet,q', 'bool', 'No progress'),
  ],
  run: async (context) => {
    const [source = '', target = ''] = context.args;
    if (source === '') throw new CliError('source can not be empty');
    if (target === '') throw new CliError('destination can not be empty');
    const from = split(source);
    const to = split(target);
    if (from.container !== '' && to.container !== '') throw new CliError('copying between containers is not supported');
    if (from.container !== '') return fromContainer(context, from.container, from.path, to.path);
    if (to.container !== '') return toContainer(context, from.path, to.container, to.path);
    throw new CliError('must specify at least one container source');
  },
};

/** `CONTAINER:PATH`; paths with a slash before the colon are local. */
function split(text: string): { container: string; path: string } {
  if (text.startsWith('/')) return { container: '', path: text };
  const at = text.indexOf(':');
  if (at <= 0 || text.startsWith('.')) return { container: '', path: text };
  return { container: text.slice(0, at), path: text.slice(at + 1) };
}

interface PathStat {
  name: string;
  mode: number;
  linkTarget: string;
}

const isDirectory = (stat: PathStat) => stat.mode >= 2 ** 31;

function statOf(header: string | undefined): PathStat {
  return JSON.parse(new TextDecoder().decode(decodeBase64(header ?? '') ?? new Uint8Array())) as PathStat;
}

function local(error: unknown, what: string, path: string): never {
  if (!(error instanceof FsError)) throw error;
  throw new CliError(`${what} ${path}: ${error.message.toLowerCase()}`);
}

async function copied({ process, flags }: Context, size: number, to: string): Promise<void> {
  if (!flags.bool('quiet') && process.isatty.stderr)
    await process.printError(`Successfully copied ${humanSize(size, 3)} to ${to}\n`);
}

async function fromContainer(context: Context, container: string, path: string, target: string): Promise<void> {
  const { client, process, flags } = context;
  const { fs } = process.machine;
  const url = `/containers/${encodeURIComponent(container)}/archive`;
  const absolute = path === '' ? '' : path.startsWith('/') ? path : `/${path}`;
  if (target !== '-') {
    const parent = parentPath(process.path(target));
    if (!fs.exists(parent)) throw new CliError(`invalid output path: directory "${parent}" does not exist`);
  }
  let source = absolute;
  if (flags.bool('follow-link')) {
    const stat = statOf(
      (await client.request('HEAD', url, { query: { path: source } })).headers['x-docker-container-path-stat'],
    );
    if (stat.linkTarget !== '') source = resolvePath(parentPath(source), stat.linkTarget);
  }
  const response = await client.request('GET', url, { query: { path: source } });
  const { body } = response;
  const data = body instanceof Uint8Array ? body : await readAll(body, process.cancel);
  if (target === '-') return process.stdout.write(data, process.cancel);
  const stat = statOf(response.headers['x-docker-container-path-stat']);
  const entries = readTar(data);
  const top = isDirectory(stat) ? stat.name : baseName(source);
  const contents = /\/\.$/.test(path);
  let place = process.path(target);
  const present = fs.lookup(place);
  const asDirectory = target.endsWith('/') || target.endsWith('/.') || target === '.' || target === '..';
  if (isDirectory(stat)) {
    if (present && present.type !== 'directory') throw new CliError('cannot copy directory');
    if (present && !contents) place = `${place}/${top}`;
  } else if (present?.type === 'directory') place = `${place}/${top}`;
  else if (asDirectory && !present) throw new CliError('no such directory');
  place = process.path(place);
  const { uid, gid } = flags.bool('archive') ? { uid: undefined, gid: undefined } : process.user;
  try {
    for (const entry of entries) {
      const rest = entry.name
        .split('/')
        .filter(Boolean)
        .slice(top === '/' ? 0 : 1)
        .join('/');
      const to = rest === '' ? place : `${place}/${rest}`;
      if (entry.type === 'directory') {
        if (!fs.exists(to))
          fs.mkdir(to, { recursive: true, mode: entry.mode, uid: uid ?? entry.uid, gid: gid ?? entry.gid });
        continue;
      }
      const node = nodeOfTarEntry(entry);
      if (node) fs.putNode(to, { ...node, uid: uid ?? entry.uid, gid: gid ?? entry.gid });
    }
  } catch (error) {
    local(error, 'open', place);
  }
  await copied(context, data.length, place);
}

async function toContainer(context: Context, source: string, container: string, path: string): Promise<void> {
  const { client, process, flags } = context;
  const { fs } = process.machine;
  const url = `/containers/${encodeURIComponent(container)}/archive`;
  let target = path.startsWith('/') ? path : `/${path}`;
  const stat = await client
    .request('HEAD', url, { query: { path: target } })
    .then((response) => statOf(response.headers['x-docker-container-path-stat']))
    .catch((error: unknown) => {
      if (error instanceof DaemonError && error.status === 404 && !error.reason.startsWith('No such container'))
        return undefined;
      throw error;
    });
  if (stat && stat.linkTarget !== '') target = resolvePath(parentPath(target), stat.linkTarget);
  if (source === '-') {
    const data = await readAll(process.stdin, process.cancel);
    if (stat && !isDirectory(stat)) throw new CliError(`destination "${container}:${path}" must be a directory`);
    await client.request('PUT', url, { query: { path: target, noOverwriteDirNonDir: true }, data });
    return;
  }
  const place = process.path(source).replace(/(.)\/$/, '$1');
  const node = fs.lookup(place, flags.bool('follow-link') || source.endsWith('/'));
  if (!node) throw new CliError(`lstat ${place}: no such file or directory`);
  const contents = /(^|\/)\.$/.test(source);
  const wantsDirectory = path.endsWith('/') || path.endsWith('/.');
  const late = (reason: string) => {
    const time = new Date(Math.floor(process.world.clock.now() / 1000) * 1000).toISOString().replace('.000', '');
    const closed = (what: string) => `time="${time}" level=error msg="${what}: io: read/write on closed pipe"\n`;
    return new CliError(`${closed(`Can't add file ${place} to tar`)}${closed("Can't close tar writer")}${reason}`);
  };
  let directory: string;
  let name: string;
  if (stat && isDirectory(stat)) {
    directory = target;
    name = contents ? '' : baseName(place);
  } else if (node.type === 'directory') {
    if (stat) throw late('cannot copy directory');
    directory = parentPath(target);
    name = baseName(target);
  } else {
    if (wantsDirectory && !stat) throw late('no such directory');
    directory = parentPath(target);
    name = baseName(target);
  }
  const owner = flags.bool('archive') ? {} : { uid: 0, gid: 0 };
  const entries: TarEntry[] = tarEntriesOf(name, node).map((entry) => ({ ...entry, ...owner }));
  const data = writeTar(entries);
  await client.request('PUT', url, { query: { path: directory, noOverwriteDirNonDir: true }, data });
  await copied(context, data.length, `${container}:${path}`);
}

export { applyTarEntries };
