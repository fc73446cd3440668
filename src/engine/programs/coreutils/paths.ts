import { FsError, parentPath, resolvePath } from '../../world/index.ts';
import { mayAccess, permission } from '../../process/index.ts';
import { groupName, humanSize, modeText, userName } from '../lib/format.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';
import { strftime } from '../../shell/strftime.ts';
import { inode } from './ls.ts';

/** basename, dirname, realpath, readlink, which, stat, file, du, df. */

const hint = "Try 'NAME --help' for more information.";

export const basename = defineTool((tool) => {
  const options = parseOptions(tool, { short: 'as:z', long: { multiple: 'a', 'suffix=': 's', zero: 'z' } });
  const [first, second, third] = options.operands;
  if (first === undefined) throw new ToolError('missing operand', { hint });
  const many = options.has('a', 's');
  if (!many && third !== undefined) throw new ToolError(`extra operand '${third}'`, { hint });
  const suffix = options.value('s') ?? (many ? undefined : second);
  for (const operand of many ? options.operands : [first]) {
    const stripped = operand.replace(/\/+$/, '');
    let name = stripped === '' ? (operand === '' ? '' : '/') : stripped.slice(stripped.lastIndexOf('/') + 1);
    if (suffix && name !== suffix && name.endsWith(suffix)) name = name.slice(0, -suffix.length);
    tool.put(name + (options.has('z') ? '\0' : '\n'));
  }
  return Promise.resolve();
});

export const dirname = defineTool((tool) => {
  const options = parseOptions(tool, { short: 'z', long: { zero: 'z' } });
  if (options.operands.length === 0) throw new ToolError('missing operand', { hint });
  for (const operand of options.operands) {
    const stripped = operand.replace(/\/+$/, '');
    const slash = stripped.lastIndexOf('/');
    tool.put(
      (stripped === '' && operand ? '/' : slash < 0 ? '.' : stripped.slice(0, slash).replace(/\/+$/, '') || '/') + '\n',
    );
  }
  return Promise.resolve();
});

export const realpath = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'eLmPqsz',
    long: {
      'canonicalize-existing': 'e',
      'canonicalize-missing': 'm',
      quiet: 'q',
      'no-symlinks': 's',
      'relative-to=': 'relative-to',
    },
  });
  if (options.operands.length === 0) throw new ToolError('missing operand', { hint });
  for (const operand of options.operands) {
    try {
      const path = tool.path(operand);
      if (options.has('e') && !tool.fs.exists(path)) throw new FsError('ENOENT', path);
      const full =
        options.has('s') || (options.has('m') && !tool.fs.exists(parentPath(path)))
          ? resolvePath('/', path)
          : tool.fs.realpath(path);
      const base = options.value('relative-to');
      tool.put((base === undefined ? full : relative(tool.path(base), full)) + '\n');
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await tool.complain(`${operand}: ${error.message}`);
    }
  }
});

function relative(from: string, to: string): string {
  const a = from.split('/').filter(Boolean);
  const b = to.split('/').filter(Boolean);
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/') || '.';
}

export const readlink = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'efmnqsvz',
    long: { canonicalize: 'f', 'canonicalize-existing': 'e', 'canonicalize-missing': 'm', 'no-newline': 'n' },
  });
  if (options.operands.length === 0) throw new ToolError('missing operand', { hint });
  for (const operand of options.operands) {
    const path = tool.path(operand);
    const node = tool.fs.lookup(path, false);
    const canonical = options.has('e', 'f', 'm');
    let text: string | undefined;
    if (!canonical) text = node?.type === 'symlink' ? node.target : undefined;
    else
      try {
        if (!options.has('e') || tool.fs.exists(path)) text = tool.fs.realpath(path);
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        if (options.has('m')) text = path;
      }
    if (text === undefined) tool.status = 1;
    else tool.put(text + (options.has('n') ? '' : '\n'));
  }
  return Promise.resolve();
});

export const which = defineTool((tool) => {
  const options = parseOptions(tool, { short: 'as' });
  const { fs } = tool;
  for (const name of options.operands) {
    const candidates = name.includes('/')
      ? [name]
      : (tool.process.env.get('PATH') ?? '').split(':').map((d) => `${d || '.'}/${name}`);
    const found = candidates.filter((p) => {
      const node = fs.lookup(tool.path(p));
      return node?.type === 'file' && mayAccess(tool.process.user, node, permission.execute);
    });
    if (found.length === 0) tool.status = 1;
    for (const path of options.has('a') ? found : found.slice(0, 1)) if (!options.has('s')) tool.put(path + '\n');
  }
  return Promise.resolve();
});

const typeNames = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  device: 'character special file',
};

export const stat = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'c:fLt',
    long: { 'format=': 'c', 'printf=': 'printf', dereference: 'L', terse: 't' },
  });
  if (options.operands.length === 0) throw new ToolError('missing operand', { hint });
  const { machine } = tool.process;
  for (const operand of options.operands) {
    const path = tool.path(operand);
    const node = tool.fs.lookup(path, options.has('L'));
    if (!node) {
      await tool.complain(`cannot statx '${operand}': No such file or directory`);
      continue;
    }
    const size =
      node.type === 'file'
        ? node.data.length
        : node.type === 'directory'
          ? 4096
          : node.type === 'symlink'
            ? node.target.length
            : 0;
    const time = strftime('%Y-%m-%d %H:%M:%S.%N %z', node.mtime);
    const octal = (node.mode & 0o7777).toString(8);
    const kind = node.type === 'file' && size === 0 ? 'regular empty file' : typeNames[node.type];
    const fields: Record<string, string> = {
      n: operand, N: node.type === 'symlink' ? `'${operand}' -> '${node.target}'` : `'${operand}'`, s: String(size), a: octal, A: modeText(node), F: kind,
      u: String(node.uid), U: userName(machine, node.uid), g: String(node.gid), G: groupName(machine, node.gid), i: inode(path), h: '1', b: String(Math.ceil(size / 512)),
      B: '512', y: time, Y: String(Math.floor(node.mtime / 1000)), x: time, X: String(Math.floor(node.mtime / 1000)), z: time, Z: String(Math.floor(node.mtime / 1000)),
      w: '-', W: '0', o: '4096', f: node.mode.toString(16), d: '2049', D: '801', '%': '%',
    }; // prettier-ignore
    const format = options.value('printf') ?? options.value('c');
    if (format !== undefined) {
      const text = format.replace(/%-?\d*([a-zA-Z%])/g, (whole, c: string) => fields[c] ?? whole);
      tool.put(options.value('printf') === undefined ? text + '\n' : text.replace(/\\n/g, '\n').replace(/\\t/g, '\t'));
      continue;
    }
    tool.put(
      `  File: ${operand}${node.type === 'symlink' ? ` -> ${node.target}` : ''}\n` +
        `  Size: ${String(size).padEnd(10)}\tBlocks: ${fields.b!.padEnd(10)} IO Block: 4096   ${kind}\n` +
        `Device: 8,1\tInode: ${fields.i!.padEnd(11)} Links: 1\n` +
        `Access: (${octal.padStart(4, '0')}/${modeText(node)})  Uid: (${fields.u!.padStart(5)}/${fields.U!.padStart(8)})   Gid: (${fields.g!.padStart(5)}/${fields.G!.padStart(8)})\n` +
        `Access: ${time}\nModify: ${time}\nChange: ${time}\n Birth: -\n`,
    );
  }
});

export const file = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'bikL', long: { brief: 'b', mime: 'i' } });
  const width = Math.max(...options.operands.map((o) => o.length), 0) + 1;
  for (const operand of options.operands) {
    const node = tool.fs.lookup(tool.path(operand), options.has('L'));
    const name = options.has('b') ? '' : `${operand}:`.padEnd(width) + ' ';
    tool.put(
      `${name}${node ? describe(node, tool.fs.exists(tool.path(operand))) : `cannot open \`${operand}' (No such file or directory)`}\n`,
    );
  }
  return Promise.resolve();
});

function describe(node: NonNullable<ReturnType<Tool['fs']['lookup']>>, exists: boolean): string {
  if (node.type === 'directory') return node.mode & 0o1000 ? 'sticky, directory' : 'directory';
  if (node.type === 'symlink') return `${exists ? '' : 'broken '}symbolic link to ${node.target}`;
  if (node.type === 'device') return 'character special';
  if (node.program !== undefined) return 'ELF 64-bit LSB pie executable, x86-64, version 1 (SYSV), dynamically linked';
  const { data } = node;
  if (data.length === 0) return 'empty';
  if (data[0] === 0x1f && data[1] === 0x8b) return 'gzip compressed data';
  if (data.subarray(0, 4096).includes(0)) return 'data';
  const text = new TextDecoder().decode(data.subarray(0, 4096));
  const script = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(text);
  if (script)
    return `${script[1]!.endsWith('/bash') || /bash/.test(script[2] ?? '') ? 'Bourne-Again shell' : script[1]!.endsWith('sh') ? 'POSIX shell' : `a ${script[0].slice(2).trim()}`} script, ASCII text executable`;
  if (/^\s*[[{]/.test(text) && isJson(new TextDecoder().decode(data))) return 'JSON text data';
  if (text.startsWith('-----BEGIN CERTIFICATE-----')) return 'PEM certificate';
  const long = text.split('\n').some((l) => l.length > 300) ? ', with very long lines' : '';

  return (
    (/^[\x00-\x7f]*$/.test(text) ? 'ASCII text' : 'Unicode text, UTF-8 text') +
    long +
    (text.includes('\r\n') ? ', with CRLF line terminators' : '')
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const du = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'abcd:hkms',
    long: { all: 'a', bytes: 'b', total: 'c', 'max-depth=': 'd', 'human-readable': 'h', summarize: 's' },
  });
  const depthLimit = options.has('s') ? 0 : options.value('d') === undefined ? Infinity : Number(options.value('d'));
  const show = (bytes: number, name: string) => {
    const text = options.has('b')
      ? String(bytes)
      : options.has('h')
        ? bytes === 0
          ? '0'
          : humanSize(bytes)
        : options.has('m')
          ? String(Math.ceil(bytes / (1 << 20)))
          : String(Math.ceil(bytes / 1024));
    tool.put(`${text}\t${name}\n`);
  };
  const measure = (path: string, name: string, depth: number): number => {
    const node = tool.fs.lookup(path, false);
    if (!node) return 0;
    const round = (n: number) => (options.has('b') ? n : Math.ceil(n / 4096) * 4096);
    let sum = node.type === 'file' ? round(node.data.length) : node.type === 'directory' ? 4096 : 0;
    if (node.type === 'directory')
      for (const child of [...node.entries.keys()].sort())
        sum += measure(`${path === '/' ? '' : path}/${child}`, `${name.replace(/\/$/, '')}/${child}`, depth + 1);
    if ((node.type === 'directory' || options.has('a') || depth === 0) && depth <= depthLimit) show(sum, name);
    return sum;
  };
  let total = 0;
  for (const operand of options.operands.length > 0 ? options.operands : ['.']) {
    if (tool.fs.lookup(tool.path(operand), false))
      total += measure(tool.path(operand).replace(/(.)\/$/, '$1'), operand, 0);
    else await tool.complain(`cannot access '${operand}': No such file or directory`);
  }
  if (options.has('c')) show(total, 'total');
});
