import { structuredPatch } from 'diff';
import { openInput } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import { strftime } from '../../shell/strftime.ts';
import { parseOptions, type Options } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

interface Side {
  name: string;
  text: string;
  mtime: number;
}

export const diff = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'abBc::C:dE:iI:L:Nqrsu::U:wy',
    long: {
      unified: 'u',
      'unified=': 'U',
      brief: 'q',
      recursive: 'r',
      'new-file': 'N',
      'report-identical-files': 's',
      'ignore-case': 'i',
      'ignore-all-space': 'w',
      'ignore-space-change': 'b',
      'ignore-blank-lines': 'B',
      'label=': 'L',
      'color=?': 'color',
    },
    status: 2,
  });
  const [a, b, extra] = options.operands;
  const hint = "NAME: Try 'NAME --help' for more information.";
  if (a === undefined) throw new ToolError("missing operand after 'diff'", { status: 2, hint });
  if (b === undefined) throw new ToolError(`missing operand after '${a}'`, { status: 2, hint });
  if (extra !== undefined) throw new ToolError(`extra operand '${extra}'`, { status: 2, hint });
  const status = await compare(tool, options, a, b, '');
  return Math.max(status, tool.status);
});

async function compare(tool: Tool, options: Options, a: string, b: string, command: string): Promise<number> {
  const isDirectory = (name: string) => tool.fs.lookup(tool.path(name))?.type === 'directory';
  if (isDirectory(a) && isDirectory(b)) return directories(tool, options, a, b);
  if (isDirectory(a)) a = `${a.replace(/\/$/, '')}/${b.split('/').at(-1)}`;
  else if (isDirectory(b)) b = `${b.replace(/\/$/, '')}/${a.split('/').at(-1)}`;
  const left = await side(tool, options, a);
  const right = await side(tool, options, b);
  if (!left || !right) return 2;
  return files(tool, options, left, right, command);
}

async function side(tool: Tool, options: Options, name: string): Promise<Side | undefined> {
  try {
    const text = await tool.readText(name === '-' ? tool.process.stdin : openInput(tool.process, name));
    return { name, text, mtime: tool.fs.lookup(tool.path(name))?.mtime ?? tool.process.world.clock.now() };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (options.has('N') && error.code === 'ENOENT') return { name, text: '', mtime: 0 };
    await tool.complain(`${name}: ${error.message}`, 2);
    return undefined;
  }
}

async function directories(tool: Tool, options: Options, a: string, b: string): Promise<number> {
  const left = new Set(tool.fs.readdir(tool.path(a)));
  const right = new Set(tool.fs.readdir(tool.path(b)));
  let status = 0;
  for (const name of [...new Set([...left, ...right])].sort()) {
    const [x, y] = [`${a.replace(/\/$/, '')}/${name}`, `${b.replace(/\/$/, '')}/${name}`];
    const both = left.has(name) && right.has(name);
    const kinds = [x, y].map((p) => tool.fs.lookup(tool.path(p))?.type);
    if (!both && !options.has('N')) {
      tool.put(`Only in ${left.has(name) ? a : b}: ${name}\n`);
      status = 1;
    } else if (kinds.includes('directory')) {
      if (both && options.has('r')) status = Math.max(status, await directories(tool, options, x, y));
      else if (both) tool.put(`Common subdirectories: ${x} and ${y}\n`);
    } else {
      const flags = tool.args.filter((arg) => arg.startsWith('-')).join(' ');
      status = Math.max(status, await compare(tool, options, x, y, `diff ${flags} ${x} ${y}\n`));
    }
  }
  return status;
}

function normalize(options: Options, text: string): string {
  let out = text;
  if (options.has('i')) out = out.toLowerCase();
  if (options.has('w')) out = out.replace(/[ \t]+/g, '');
  else if (options.has('b')) out = out.replace(/[ \t]+/g, ' ').replace(/ $/gm, '');
  if (options.has('B')) out = out.replace(/^\n/gm, '');
  return out;
}

async function files(tool: Tool, options: Options, left: Side, right: Side, command: string): Promise<number> {
  const same = normalize(options, left.text) === normalize(options, right.text);
  if (same) {
    if (options.has('s')) tool.put(`Files ${left.name} and ${right.name} are identical\n`);
    return 0;
  }
  if (options.has('q')) {
    tool.put(`Files ${left.name} and ${right.name} differ\n`);
    return 1;
  }
  if (/\0/.test(left.text) || /\0/.test(right.text)) {
    tool.put(`Binary files ${left.name} and ${right.name} differ\n`);
    return 1;
  }
  const unified = options.has('u', 'U');
  const context = unified ? Number(options.value('U') || options.value('u') || 3) : 0;
  const patch = structuredPatch('', '', left.text, right.text, '', '', {
    context,
    ignoreWhitespace: options.has('w', 'b'),
    maxEditLength: 20_000,
  });
  if (!patch) throw new ToolError('slipway: the files differ in more than 20000 lines', { status: 2 });
  tool.put(command);
  if (unified) {
    const labels = options.values('L');
    const stamp = (s: Side) => strftime('%Y-%m-%d %H:%M:%S.%N %z', s.mtime);
    tool.put(
      `--- ${labels[0] ?? `${left.name}\t${stamp(left)}`}\n+++ ${labels[1] ?? `${right.name}\t${stamp(right)}`}\n`,
    );
  }
  for (const hunk of patch.hunks) tool.put(unified ? unifiedHunk(hunk) : normalHunk(hunk));
  return 1;
}

interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

function range(start: number, lines: number): string {
  if (lines === 1) return String(start);
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function unifiedHunk(hunk: Hunk): string {
  // The library numbers an empty side from the line after it; diff names the line before (`range`).
  const old = range(hunk.oldStart, hunk.oldLines);
  const now = range(hunk.newStart, hunk.newLines);
  return `@@ -${old} +${now} @@\n${hunk.lines.join('\n')}\n`;
}

function normalHunk(hunk: Hunk): string {
  const removed = hunk.lines.filter((l) => l[0] === '-');
  const added = hunk.lines.filter((l) => l[0] === '+');
  const letter = removed.length === 0 ? 'a' : added.length === 0 ? 'd' : 'c';
  const span = (start: number, count: number) => (count <= 1 ? String(start) : `${start},${start + count - 1}`);
  // An empty side is named by the line before it; the library gives the one after.
  const before = (start: number, count: number) => (count === 0 ? start - 1 : start);
  const [from, to] = [
    span(before(hunk.oldStart, removed.length), removed.length),
    span(before(hunk.newStart, added.length), added.length),
  ];
  const note = (lines: string[]) =>
    hunk.lines.includes('\\ No newline at end of file') &&
    hunk.lines.indexOf('\\ No newline at end of file') === hunk.lines.indexOf(lines.at(-1)!) + 1
      ? '\\ No newline at end of file\n'
      : '';
  const text = (lines: string[], mark: string) =>
    lines.map((l) => `${mark} ${l.slice(1)}\n`).join('') + (lines.length > 0 ? note(lines) : '');
  return `${from}${letter}${to}\n${text(removed, '<')}${letter === 'c' ? '---\n' : ''}${text(added, '>')}`;
}

export const cmp = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'bls', long: { silent: 's', quiet: 's' }, status: 2 });
  const [a, b = '-'] = options.operands;
  if (a === undefined)
    throw new ToolError("missing operand after 'cmp'", {
      status: 2,
      hint: "NAME: Try 'NAME --help' for more information.",
    });
  const read = async (name: string) => tool.readAll(name === '-' ? tool.process.stdin : openInput(tool.process, name));
  let left: Uint8Array;
  let right: Uint8Array;
  try {
    left = await read(a);
    right = await read(b);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ToolError(`${error.path}: ${error.message}`, { status: 2 });
  }
  const length = Math.min(left.length, right.length);
  let line = 1;
  for (let i = 0; i < length; i++) {
    if (left[i] !== right[i]) {
      if (!options.has('s')) tool.put(`${a} ${b} differ: byte ${i + 1}, line ${line}\n`);
      return 1;
    }
    if (left[i] === 10) line++;
  }
  if (left.length === right.length) return 0;
  const [shorter, n] = left.length < right.length ? [a, left.length] : [b, right.length];
  if (!options.has('s'))
    await tool.process.printError(
      `cmp: EOF on ${shorter} after byte ${n}, ${n > 0 && (left.length < right.length ? left : right)[n - 1] === 10 ? 'line' : 'in line'} ${line - ((left.length < right.length ? left : right)[n - 1] === 10 ? 1 : 0)}\n`,
    );
  return 1;
});
