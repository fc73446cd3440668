import { permission, mayAccess } from '../../process/index.ts';
import { FsError, type Node } from '../../world/index.ts';
import { groupName, humanSize, listingDate, modeText, userName } from '../lib/format.ts';
import { parseOptions, type Options } from '../lib/options.ts';
import { defineTool, type Tool } from '../lib/tool.ts';
import { strftime } from '../../shell/strftime.ts';
import { versionCompare } from './sort.ts';
import { isWide } from '../../process/index.ts';

interface Entry {
  name: string;
  node: Node;
  path: string;
}

export const ls = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: '1AaBCcdFfGghHiklLmnNopqQrRsStTuUvxXZ',
    long: {
      all: 'a', 'almost-all': 'A', directory: 'd', classify: 'F', 'color=?': 'color', human: 'h', 'human-readable': 'h', inode: 'i', recursive: 'R',
      reverse: 'r', size: 's', 'full-time': 'full-time', 'group-directories-first': 'gdf', 'time-style=': 'time-style', 'sort=': 'sort', dereference: 'L',
      'numeric-uid-gid': 'n', 'no-group': 'G',
    },
    status: 2,
  }); // prettier-ignore
  const operands = options.operands.length > 0 ? options.operands : ['.'];
  const files: Entry[] = [];
  const directories: Entry[] = [];
  const long = options.has('l', 'n', 'g', 'o');
  for (const name of operands) {
    const path = tool.path(name);
    const follow = !(long || options.has('d')) || name.endsWith('/') || options.has('L', 'H');
    const node = tool.fs.lookup(path, follow) ?? tool.fs.lookup(path, false);
    if (!node) await tool.complain(`cannot access '${name}': No such file or directory`, 2);
    else (node.type === 'directory' && !options.has('d') ? directories : files).push({ name, node, path });
  }
  const lister = new Lister(tool, options);
  if (files.length > 0) lister.list(lister.sort(files), false);
  let first = files.length === 0;
  const headed = operands.length > 1 || options.has('R');
  for (const entry of lister.sort(directories)) first = await lister.directory(entry, first, headed);
});

class Lister {
  readonly #tool: Tool;
  readonly #options: Options;
  readonly #color: boolean;

  constructor(tool: Tool, options: Options) {
    this.#tool = tool;
    this.#options = options;
    const color = options.value('color');
    this.#color = color === 'always' || (color === 'auto' && tool.process.isatty.stdout) || (color === '' && true);
  }

  sort(entries: Entry[]): Entry[] {
    const options = this.#options;
    if (options.has('U', 'f')) return entries;
    const byName = (a: Entry, b: Entry) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
    const size = (e: Entry) => (e.node.type === 'file' ? e.node.data.length : 0);
    const extension = (e: Entry) => /\.[^.]*$/.exec(e.name)?.[0] ?? '';
    const order = (a: Entry, b: Entry): number => {
      if (options.has('t') || options.value('sort') === 'time') return b.node.mtime - a.node.mtime || byName(a, b);
      if (options.has('S') || options.value('sort') === 'size') return size(b) - size(a) || byName(a, b);
      if (options.has('X')) return extension(a) < extension(b) ? -1 : extension(a) > extension(b) ? 1 : byName(a, b);
      if (options.has('v')) return versionCompare(a.name, b.name);
      return byName(a, b);
    };
    const sorted = entries.sort(order);
    if (options.has('r')) sorted.reverse();
    if (options.has('gdf'))
      sorted.sort((a, b) => Number(b.node.type === 'directory') - Number(a.node.type === 'directory'));
    return sorted;
  }

  /** Lists one directory (and, with -R, what is in it). @returns false: something was listed */
  async directory(entry: Entry, first: boolean, headed: boolean): Promise<boolean> {
    const tool = this.#tool;
    if (!mayAccess(tool.process.user, entry.node, permission.read)) {
      await tool.complain(`cannot open directory '${entry.name}': Permission denied`, 2);
      return first;
    }
    let names: string[];
    try {
      names = tool.fs.readdir(entry.path);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await tool.complain(`cannot open directory '${entry.name}': ${error.message}`, 2);
      return first;
    }
    if (headed) tool.put(`${first ? '' : '\n'}${entry.name}:\n`);
    const dots = this.#options.has('a', 'f');
    const shown = names.filter((n) => dots || this.#options.has('A') || !n.startsWith('.'));
    const base = entry.path === '/' ? '' : entry.path.replace(/\/$/, '');
    const entries = shown
      .map((name) => ({
        name,
        path: `${base}/${name}`,
        node: tool.fs.lookup(`${base}/${name}`, this.#options.has('L'))!,
      }))
      .filter((e) => e.node);
    const sorted = this.sort(entries);
    if (dots)
      sorted.unshift(
        { name: '.', path: entry.path, node: entry.node },
        { name: '..', path: `${base}/..`, node: tool.fs.lookup(`${base || '/'}/..`) ?? entry.node },
      );
    this.list(sorted, true);
    await tool.flush();
    if (this.#options.has('R'))
      for (const child of sorted)
        if (child.node.type === 'directory' && child.name !== '.' && child.name !== '..')
          await this.directory({ ...child, name: `${entry.name.replace(/\/$/, '')}/${child.name}` }, false, true);
    return false;
  }

  list(entries: Entry[], total: boolean): void {
    const options = this.#options;
    const tool = this.#tool;
    if (options.has('l', 'n', 'g', 'o', 'full-time')) return this.#long(entries, total);
    const names = entries.map(
      (e) =>
        (options.has('i') ? `${inode(e.path)} ` : '') +
        (options.has('s') ? `${blocks(e.node)} ` : '') +
        this.#painted(e) +
        this.#suffix(e),
    );
    if (options.has('m')) return void (names.length > 0 && tool.put(names.join(', ') + '\n'));
    if (tool.busybox && tool.process.isatty.stdout && !options.has('1')) {
      tool.put(inEqualColumns(names, entries, tool.process.tty?.columns ?? 80));
      return;
    }
    const columns = options.has('C', 'x') || (tool.process.isatty.stdout && !options.has('1'));
    if (!columns) {
      for (const name of names) tool.put(name + '\n');
      return;
    }
    const widths = entries.map(
      (e, i) => displayWidth(e.name) + this.#suffix(e).length + (options.has('i') ? names[i]!.indexOf(' ') + 1 : 0),
    );
    tool.put(inColumns(names, widths, tool.process.tty?.columns ?? Number(tool.process.env.get('COLUMNS') ?? 80)));
  }

  #suffix({ node }: Entry): string {
    if (this.#options.has('p') && node.type === 'directory') return '/';
    if (!this.#options.has('F')) return '';
    if (node.type === 'directory') return '/';
    if (node.type === 'symlink') return '@';
    return node.type === 'file' && node.mode & 0o111 ? '*' : '';
  }

  #painted({ name, node, path }: Entry): string {
    if (!this.#color) return name;
    const broken = node.type === 'symlink' && !this.#tool.fs.exists(path);
    const code =
      node.type === 'directory' ? (node.mode & 0o1002) === 0o1002 ? '30;42' : '01;34'
      : node.type === 'symlink' ? (broken ? '40;31;01' : '01;36')
      : node.type === 'device' ? '40;33;01'
      : node.mode & 0o111 ? '01;32' : ''; // prettier-ignore
    return code ? `\x1b[0m\x1b[${code}m${name}\x1b[0m` : name;
  }

  #long(entries: Entry[], total: boolean): void {
    const options = this.#options;
    const { machine, world } = this.#tool.process;
    const now = world.clock.now();
    const numeric = options.has('n');
    const rows = entries.map((e) => {
      const { node } = e;
      const links =
        node.type === 'directory' ? 2 + [...node.entries.values()].filter((n) => n.type === 'directory').length : 1;
      const bytes =
        node.type === 'file'
          ? node.data.length
          : node.type === 'directory'
            ? 4096
            : node.type === 'symlink'
              ? node.target.length
              : 0;
      const size =
        node.type === 'device'
          ? (deviceNumbers[node.device] ?? '1, 3')
          : options.has('h')
            ? humanSize(bytes)
            : String(bytes);
      const date = options.has('full-time')
        ? strftime('%Y-%m-%d %H:%M:%S.%N %z', node.mtime)
        : options.value('time-style') === 'long-iso'
          ? strftime('%Y-%m-%d %H:%M', node.mtime)
          : options.value('time-style')?.startsWith('+')
            ? strftime(options.value('time-style')!.slice(1), node.mtime)
            : listingDate(node.mtime, now);
      const target = node.type === 'symlink' ? ` -> ${node.target}` : '';
      return {
        inode: inode(e.path),
        mode: modeText(node),
        links: String(links),
        user: numeric ? String(node.uid) : userName(machine, node.uid),
        group: numeric ? String(node.gid) : groupName(machine, node.gid),
        size,
        date,
        name: this.#painted(e) + target + (node.type === 'symlink' ? '' : this.#suffix(e)),
        blocks: blocks(node),
      };
    });
    if (total) {
      const sum = entries.reduce((n, e) => n + blocks(e.node), 0);
      this.#tool.put(`total ${options.has('h') ? (sum === 0 ? '0' : humanSize(sum * 1024)) : sum}\n`);
    }
    const width = (key: 'links' | 'user' | 'group' | 'size' | 'inode') =>
      Math.max(0, ...rows.map((r) => r[key].length));
    const [links, user, group, size, inodes] = [
      width('links'),
      width('user'),
      width('group'),
      width('size'),
      width('inode'),
    ];
    if (this.#tool.busybox) {
      for (const r of rows)
        this.#tool.put(
          (options.has('i') ? `${r.inode.padStart(7)} ` : '') +
            (options.has('s') ? `${String(r.blocks).padStart(6)} ` : '') +
            `${r.mode} ${r.links.padStart(4)} ` +
            `${r.user.slice(0, 8).padEnd(8)} ${r.group.slice(0, 8).padEnd(8)} ` +
            `${r.size.padStart(9)} ${options.has('full-time') ? r.date.replace(/\.\d+/, '') : r.date} ${r.name}\n`,
        );
      return;
    }
    for (const r of rows) {
      const owner =
        (options.has('g') ? '' : r.user.padEnd(user) + ' ') +
        (options.has('o', 'G') ? '' : r.group.padEnd(group) + ' ');
      const lead = (options.has('i') ? r.inode.padStart(inodes) + ' ' : '') + (options.has('s') ? `${r.blocks} ` : '');
      this.#tool.put(
        `${lead}${r.mode} ${r.links.padStart(links)} ${owner}${r.size.padStart(size)} ${r.date} ${r.name}\n`,
      );
    }
  }
}

const deviceNumbers: Record<string, string> = { null: '1, 3', zero: '1, 5', full: '1, 7', random: '1, 8', tty: '5, 0' };

function blocks(node: Node): number {
  if (node.type === 'file') return Math.ceil(node.data.length / 4096) * 4;
  return node.type === 'directory' ? 4 : 0;
}

/** A number that is the same for the same path: there are no inodes. */
export function inode(path: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) h = Math.imul(h ^ path.charCodeAt(i), 0x01000193);
  return String(((h >>> 0) % 9_000_000) + 1_000_000);
}

function displayWidth(text: string): number {
  let width = 0;
  for (const c of text) width += isWide(c) ? 2 : 1;
  return width;
}

/** busybox's columns: all as wide as the longest name and two blanks, filled downwards. */
function inEqualColumns(names: readonly string[], entries: readonly Entry[], screen: number): string {
  const widths = entries.map((e, i) => displayWidth(e.name) + names[i]!.length - e.name.length);
  const width = Math.max(0, ...widths) + 2;
  const perRow = Math.max(1, Math.floor(screen / width));
  const rows = Math.ceil(names.length / perRow);
  let out = '';
  for (let r = 0; r < rows; r++) {
    let line = '';
    for (let i = r; i < names.length; i += rows) {
      const isLast = i + rows >= names.length;
      line += names[i]! + (isLast ? '' : ' '.repeat(Math.max(0, width - widths[i]!)));
    }
    out += line + '\n';
  }
  return out;
}

/** Lays out names downwards in as many columns as fit, two spaces apart. */
export function inColumns(texts: readonly string[], widths: readonly number[], screen: number): string {
  const count = texts.length;
  if (count === 0) return '';
  for (let rows = 1; rows <= count; rows++) {
    const columns = Math.ceil(count / rows);
    const columnWidths = Array.from(
      { length: columns },
      (_, c) => Math.max(...widths.slice(c * rows, (c + 1) * rows)) + 2,
    );
    const total = columnWidths.reduce((a, b) => a + b, 0) - 2;
    if (total > screen && rows < count) continue;
    let out = '';
    for (let r = 0; r < rows; r++) {
      let line = '';
      for (let c = 0; c < columns; c++) {
        const i = c * rows + r;
        if (i >= count) break;
        const isLast = i + rows >= count;
        line += texts[i]! + (isLast ? '' : ' '.repeat(columnWidths[c]! - widths[i]!));
      }
      out += line + '\n';
    }
    return out;
  }
  return '';
}
