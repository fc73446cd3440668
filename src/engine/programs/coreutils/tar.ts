import { gunzipSync, gzipSync } from 'fflate';
import { openInput, openOutput } from '../../process/index.ts';
import {
  baseName,
  FsError,
  parentPath,
  readTar,
  resolvePath,
  TarError,
  writeTar,
  type FileSystem,
  type Node,
  type TarEntry,
} from '../../world/index.ts';
import { nodeOfTarEntry } from '../../world/tar-tree.ts';
import { parseOptions, type Options } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** tar: create, extract and list archives, with the messages of GNU tar or, where there is busybox, of its applet. */

const letters = 'ctxrf:vzC:pmhkOoTJjP';

const spec = {
  short: letters,
  long: {
    create: 'c',
    extract: 'x',
    get: 'x',
    list: 't',
    'file=': 'f',
    verbose: 'v',
    gzip: 'z',
    'directory=': 'C',
    'same-permissions': 'p',
    'preserve-permissions': 'p',
    'no-same-permissions': 'no-same-permissions',
    'no-same-owner': 'no-same-owner',
    'same-owner': 'same-owner',
    touch: 'm',
    dereference: 'h',
    'to-stdout': 'O',
    'keep-old-files': 'k',
    'absolute-names': 'P',
    'strip-components=': 'strip',
    'exclude=': 'exclude',
    'numeric-owner': 'numeric-owner',
  },
  status: 2,
};

export const tar = defineTool(async (tool) => {
  const options = parseOptions(tool, { ...spec, args: dashed(tool.args) });
  for (const unknown of ['j', 'J', 'r', 'T'])
    if (options.has(unknown)) throw new ToolError(`slipway: -${unknown} is not simulated`);
  const modes = ['c', 'x', 't'].filter((mode) => options.has(mode));
  if (modes.length > 1)
    throw new ToolError("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option", usage);
  switch (modes[0]) {
    case 'c':
      return create(tool, options);
    case 'x':
      return extract(tool, options);
    case 't':
      return list(tool, options);
    default:
      throw new ToolError("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options", usage);
  }
});

const usage = { status: 2, hint: "Try 'tar --help' or 'tar --usage' for more information." };

/** `tar cf x` is `tar -c -f x`: in the old style letters take their values from the words that follow, in order. */
function dashed(args: readonly string[]): string[] {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith('-')) return [...args];
  const out: string[] = [];
  for (const letter of first) {
    const takesValue = letters[letters.indexOf(letter) + 1] === ':' && letters.includes(letter);
    out.push(`-${letter}`);
    if (takesValue && rest.length > 0) out.push(rest.shift()!);
  }
  return [...out, ...rest];
}

function isBusybox({ busybox }: Tool): boolean {
  return busybox;
}

async function create(tool: Tool, options: Options): Promise<number> {
  if (options.operands.length === 0) {
    if (isBusybox(tool)) throw new ToolError('empty archive', { status: 1 });
    throw new ToolError('Cowardly refusing to create an empty archive', usage);
  }
  const entries: TarEntry[] = [];
  const directory = tool.path(options.value('C') ?? '.');
  let failed = false;
  let stripped = false;
  for (const operand of options.operands) {
    const path = resolvePath(directory, operand);
    const node = tool.fs.lookup(path, options.has('h'));
    const name = options.has('P') ? operand : operand.replace(/^\/+/, '');
    if (name !== operand && !stripped) {
      stripped = true;
      await tool.process.printError(
        isBusybox(tool)
          ? "tar: removing leading '/' from member names\n"
          : "tar: Removing leading `/' from member names\n",
      );
    }
    if (!node) {
      failed = true;
      const problem = isBusybox(tool) ? 'No such file or directory' : 'Cannot stat: No such file or directory';
      await tool.process.printError(`tar: ${operand}: ${problem}\n`);
    } else collect(tool.fs, path, name.replace(/\/+$/, '') || '.', node, options, entries);
  }
  const excluded = options.values('exclude');
  const kept = entries.filter(({ name }) => !excluded.some((pattern) => matches(pattern, name.replace(/\/$/, ''))));
  await writeArchive(tool, options, writeTar(kept));
  if (options.has('v')) {
    const text = kept.map(({ name }) => `${name}\n`).join('');
    if (toStdout(options)) await tool.process.printError(text);
    else tool.put(text);
  }
  if (!failed) return 0;
  await tool.process.printError(
    isBusybox(tool)
      ? 'tar: error exit delayed from previous errors\n'
      : 'tar: Exiting with failure status due to previous errors\n',
  );
  return isBusybox(tool) ? 1 : 2;
}

/** Adds a file, or a directory with all that is in it, mounts included. */
function collect(fs: FileSystem, path: string, name: string, node: Node, options: Options, into: TarEntry[]): void {
  const { mode, uid, gid, mtime } = node;
  const base = { mode, uid, gid, mtime };
  if (node.type === 'file') {
    const pax = node.program === undefined ? {} : { pax: { 'SLIPWAY.program': node.program } };
    into.push({ name, type: 'file', ...base, data: node.data, ...pax });
  } else if (node.type === 'symlink') into.push({ name, type: 'symlink', ...base, target: node.target });
  else if (node.type === 'directory') {
    into.push({ name: `${name}/`, type: 'directory', ...base });
    for (const child of fs.readdir(path).sort()) {
      const at = resolvePath(path, child);
      const below = fs.lookup(at, options.has('h'));
      if (below) collect(fs, at, `${name}/${child}`, below, options, into);
    }
  }
}

function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`(^|/)${source}(/|$)`).test(name);
}

function toStdout(options: Options): boolean {
  return (options.value('f') ?? '-') === '-';
}

async function writeArchive(tool: Tool, options: Options, archive: Uint8Array): Promise<void> {
  const data = options.has('z') ? gzipSync(archive, { mtime: 0 }) : archive;
  if (toStdout(options)) {
    if (tool.process.isatty.stdout)
      throw new ToolError('Refusing to write archive contents to terminal (missing -f option?)', { status: 2 });
    return tool.process.stdout.write(data, tool.process.cancel);
  }
  const writer = openOutput(tool.process, options.value('f')!);
  await writer.write(data, tool.process.cancel);
  writer.close();
}

/** The members of the archive that is read. @throws ToolError */
async function readArchive(tool: Tool, options: Options): Promise<TarEntry[]> {
  const file = options.value('f') ?? '-';
  let bytes: Uint8Array;
  try {
    const reader = file === '-' ? tool.process.stdin : openInput(tool.process, file);
    bytes = await tool.readAll(reader);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (isBusybox(tool)) throw new ToolError(`can't open '${file}': ${error.message}`, { status: 1 });
    await tool.process.printError(`tar: ${file}: Cannot open: ${error.message}\n`);
    throw new ToolError('Error is not recoverable: exiting now', { status: 2 });
  }
  const invalid = () =>
    isBusybox(tool)
      ? new ToolError('invalid tar magic', { status: 1 })
      : new ToolError(
          'This does not look like a tar archive\ntar: Exiting with failure status due to previous errors',
          { status: 2 },
        );
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes);
    if (bytes.length === 0 && isBusybox(tool)) throw new ToolError('short read', { status: 1 });
    return readTar(bytes);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    if (error instanceof TarError && /unexpected EOF/.test(error.message))
      throw new ToolError(
        isBusybox(tool) ? 'short read' : 'Unexpected EOF in archive\ntar: Error is not recoverable: exiting now',
        { status: isBusybox(tool) ? 1 : 2 },
      );
    throw invalid();
  }
}

/** The members that operands choose: themselves, or what is in them. */
function chosen(entries: readonly TarEntry[], operands: readonly string[]): TarEntry[] {
  const wanted = operands.map((operand) => operand.replace(/\/+$/, ''));
  if (wanted.length === 0) return [...entries];
  return entries.filter(({ name }) => wanted.some((w) => name.replace(/\/$/, '') === w || name.startsWith(`${w}/`)));
}

async function list(tool: Tool, options: Options): Promise<number> {
  for (const entry of chosen(await readArchive(tool, options), options.operands)) {
    const link = entry.type === 'symlink' ? ` -> ${entry.target}` : '';
    if (!options.has('v')) tool.put(`${entry.name}\n`);
    else tool.put(`${modeText(entry)} ${owner(tool, entry)} ${sizeAndTime(entry)} ${entry.name}${link}\n`);
  }
  return 0;
}

function owner(tool: Tool, { uid, gid }: TarEntry): string {
  const name = [...tool.process.machine.users.values()].find((user) => user.uid === uid)?.name ?? String(uid);
  return `${name}/${gid === 0 ? 'root' : uid === gid ? name : gid}`;
}

function sizeAndTime({ data, mtime }: TarEntry): string {
  const time = new Date(mtime).toISOString().replace('T', ' ').slice(0, 16);
  return `${String(data?.length ?? 0).padStart(9)} ${time}`;
}

function modeText({ mode, type }: TarEntry): string {
  const flags = 'rwxrwxrwx';
  const text = [...flags].map((flag, i) => (mode & (1 << (8 - i)) ? flag : '-')).join('');
  return (type === 'directory' ? 'd' : type === 'symlink' ? 'l' : '-') + text;
}

async function extract(tool: Tool, options: Options): Promise<number> {
  const target = options.value('C');
  const directory = tool.path(target ?? '.');
  if (tool.fs.lookup(directory)?.type !== 'directory') {
    if (isBusybox(tool))
      throw new ToolError(`can't change directory to '${target}': No such file or directory`, { status: 1 });
    await tool.process.printError(`tar: ${target}: Cannot open: No such file or directory\n`);
    throw new ToolError('Error is not recoverable: exiting now', { status: 2 });
  }
  const strip = Number(options.value('strip') ?? 0);
  let failed = false;
  for (const entry of chosen(await readArchive(tool, options), options.operands)) {
    const parts = entry.name.split('/').filter((part) => part !== '' && part !== '.');
    const rest = parts.slice(strip);
    if (rest.length === 0 || rest.includes('..')) continue;
    if (options.has('v')) tool.put(`${entry.name}\n`);
    if (options.has('O')) {
      if (entry.data) await tool.write(entry.data);
      continue;
    }
    try {
      put(tool, options, resolvePath(directory, rest.join('/')), entry);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      failed = true;
      const what = isBusybox(tool) ? `can't open '${entry.name}'` : `${entry.name}: Cannot open`;
      await tool.process.printError(`tar: ${what}: ${error.message}\n`);
      if (isBusybox(tool)) return 1;
    }
  }
  if (!failed) return 0;
  await tool.process.printError('tar: Exiting with failure status due to previous errors\n');
  return 2;
}

/** Writes one member. @throws FsError */
function put({ fs, process }: Tool, options: Options, path: string, entry: TarEntry): void {
  const { user } = process;
  const keepsOwner = user.uid === 0 && !options.has('no-same-owner', 'o');
  const keepsMode = (user.uid === 0 || options.has('p')) && !options.has('no-same-permissions');
  const attributes = {
    mode: keepsMode ? entry.mode : entry.mode & ~process.umask,
    uid: keepsOwner ? entry.uid : user.uid,
    gid: keepsOwner ? entry.gid : user.gid,
    ...(options.has('m') ? {} : { mtime: entry.mtime }),
  };
  if (!fs.exists(parentPath(path))) fs.mkdir(parentPath(path), { recursive: true, uid: user.uid, gid: user.gid });
  if (entry.type === 'directory') {
    if (fs.lookup(path)?.type !== 'directory') fs.mkdir(path);
    fs.setAttributes(path, attributes);
    return;
  }
  const old = fs.lookup(path, false);
  if (old?.type === 'directory') throw new FsError('EISDIR', path);
  if (old && options.has('k')) throw new FsError('EEXIST', path);
  if (entry.type === 'symlink') {
    if (old) fs.remove(path);
    fs.symlink(entry.target ?? '', path);
    return;
  }
  const linked =
    entry.type === 'hardlink' ? fs.lookup(resolvePath(parentPath(path), baseName(entry.target ?? ''))) : undefined;
  const node = linked ?? nodeOfTarEntry(entry);
  if (node?.type !== 'file') return;
  if (old?.type === 'symlink') fs.remove(path);
  fs.writeFile(path, node.data, { mode: attributes.mode, ...(node.program ? { program: node.program } : {}) });
  fs.setAttributes(path, attributes);
}
