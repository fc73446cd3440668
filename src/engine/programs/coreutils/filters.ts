import { openOutput } from '../../process/index.ts';
import { FsError, type ByteWriter } from '../../world/index.ts';
import { parseOptions, type Options } from '../lib/options.ts';
import { defineTool, Lines, ToolError, type Tool } from '../lib/tool.ts';

/** Small filters: tee, wc, cut, tr, nl, paste, fold, column, comm, join, expand. */

export const tee = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'ai', long: { append: 'a' } });
  const writers: ByteWriter[] = [];
  for (const name of options.operands) {
    try {
      writers.push(openOutput(tool.process, name, { append: options.has('a') }));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await tool.complain(`${name}: ${error.message}`);
    }
  }
  const { cancel, stdin, stdout } = tool.process;
  for (let chunk = await stdin.read(cancel); chunk; chunk = await stdin.read(cancel))
    for (const writer of [...writers, stdout]) await writer.write(chunk, cancel);
});

export const wc = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'clmwL',
    long: { bytes: 'c', chars: 'm', lines: 'l', words: 'w', 'max-line-length': 'L' },
  });
  const columns = ['l', 'w', 'm', 'c', 'L'].filter((c) => options.has(c));
  if (columns.length === 0) columns.push('l', 'w', 'c');
  const rows: { counts: number[]; name: string | undefined }[] = [];
  const total = columns.map(() => 0);
  for await (const { name, reader } of tool.inputs(options.operands)) {
    const counts = { l: 0, w: 0, m: 0, c: 0, L: 0 } as Record<string, number>;
    const decoder = new TextDecoder();
    let inWord = false;
    let width = 0;
    const count = (text: string) => {
      for (const c of text) {
        counts.m!++;
        if (c === '\n') {
          counts.l!++;
          width = 0;
        } else counts.L = Math.max(counts.L!, ++width);
        const space = c === ' ' || (c >= '\t' && c <= '\r');
        if (!space && !inWord) counts.w!++;
        inWord = !space;
      }
    };
    for (let chunk = await reader.read(tool.process.cancel); chunk; chunk = await reader.read(tool.process.cancel)) {
      counts.c! += chunk.length;
      count(decoder.decode(chunk, { stream: true }));
    }
    count(decoder.decode());
    rows.push({ counts: columns.map((c) => counts[c]!), name: options.operands.length > 0 ? name : undefined });
    columns.forEach((c, i) => (total[i] = c === 'L' ? Math.max(total[i]!, counts[c]!) : total[i]! + counts[c]!));
  }
  if (options.operands.length > 1) rows.push({ counts: total, name: 'total' });
  // Files of unknown size (pipes) are given seven columns, unless there is one number only.
  const single = columns.length === 1 && options.operands.length <= 1;
  const piped = options.operands.length === 0 || options.operands.includes('-');
  const byteTotal = Math.max(...rows.flatMap((r) => r.counts), 0);
  const width = single ? 1 : piped ? 7 : String(Math.max(byteTotal, await sizeOf(tool, options.operands))).length;
  for (const { counts, name } of rows)
    tool.put(counts.map((n) => String(n).padStart(width)).join(' ') + (name === undefined ? '\n' : ` ${name}\n`));
});

async function sizeOf(tool: Tool, files: readonly string[]): Promise<number> {
  let sum = 0;
  for (const file of files) {
    const node = tool.fs.lookup(tool.path(file));
    if (node?.type === 'file') sum += node.data.length;
  }
  return sum;
}

/** Lists like `1,3-5,-2,7-`: tells whether a position (from 1) is in it. */
function parseList(list: string, what: string): { contains: (n: number) => boolean } {
  const ranges = list.split(',').map((part) => {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (!match || (match[1] === '' && match[3] === ''))
      throw new ToolError(part === '-' ? 'invalid range with no endpoint: -' : `invalid ${what} value ‘${part}’`, {
        hint: "Try 'NAME --help' for more information.",
      });
    const from = match[1] === '' ? 1 : Number(match[1]);
    const to = match[2] === '' ? from : match[3] === '' ? Infinity : Number(match[3]);
    if (from === 0)
      throw new ToolError(
        what === 'field' ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1',
        { hint: "Try 'NAME --help' for more information." },
      );
    if (to < from) throw new ToolError('invalid decreasing range', { hint: "Try 'NAME --help' for more information." });
    return { from, to };
  });
  return { contains: (n) => ranges.some((r) => n >= r.from && n <= r.to) };
}

export const cut = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'b:c:d:f:nsz',
    long: {
      'bytes=': 'b',
      'characters=': 'c',
      'delimiter=': 'd',
      'fields=': 'f',
      'only-delimited': 's',
      'output-delimiter=': 'o',
      complement: 'C',
    },
  });
  const mode = options.last('b', 'c', 'f');
  const hint = "Try 'NAME --help' for more information.";
  if (!mode) throw new ToolError('you must specify a list of bytes, characters, or fields', { hint });
  if ([...'bcf'].filter((m) => options.has(m)).length > 1)
    throw new ToolError('only one type of list may be specified', { hint });
  if (mode !== 'f' && options.has('d'))
    throw new ToolError('an input delimiter may be specified only when operating on fields', { hint });
  const delimiter = options.value('d') ?? '\t';
  if ([...delimiter].length > 1) throw new ToolError('the delimiter must be a single character', { hint });
  const list = parseList(options.value(mode)!, mode === 'f' ? 'field' : 'byte/character');
  const wanted = (n: number) => list.contains(n) !== options.has('C');
  const joiner = options.value('o');
  const pick = (line: string): string | undefined => {
    if (mode === 'f') {
      if (!line.includes(delimiter)) return options.has('s') ? undefined : line;
      return line
        .split(delimiter)
        .filter((_, i) => wanted(i + 1))
        .join(joiner ?? delimiter);
    }
    if (mode === 'b') return new TextDecoder().decode(new TextEncoder().encode(line).filter((_, i) => wanted(i + 1)));
    return [...line].filter((_, i) => wanted(i + 1)).join('');
  };
  for await (const { reader } of tool.inputs(options.operands)) {
    const lines = new Lines(tool, reader);
    for (let batch = await lines.batch(); batch; batch = await lines.batch()) {
      for (const line of batch) {
        const text = pick(line);
        if (text !== undefined) tool.put(text + '\n');
      }
      await tool.flush();
    }
  }
});

const trClasses: Record<string, string> = {
  digit: range('0', '9'), lower: range('a', 'z'), upper: range('A', 'Z'), alpha: range('A', 'Z') + range('a', 'z'),
  alnum: range('0', '9') + range('A', 'Z') + range('a', 'z'), space: '\t\n\v\f\r ', blank: '\t ', punct: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  cntrl: range('\0', '\x1f') + '\x7f', print: range(' ', '~'), graph: range('!', '~'), xdigit: range('0', '9') + range('A', 'F') + range('a', 'f'),
}; // prettier-ignore

function range(from: string, to: string): string {
  let out = '';
  for (let c = from.codePointAt(0)!; c <= to.codePointAt(0)!; c++) out += String.fromCodePoint(c);
  return out;
}

function trSet(source: string, length: number | undefined): string[] {
  const out: string[] = [];
  const chars = [...source];
  for (let i = 0; i < chars.length; i++) {
    const named = /^\[:(\w+):\]/.exec(chars.slice(i).join(''));
    if (named) {
      const members = trClasses[named[1]!];
      if (members === undefined) throw new ToolError(`invalid character class '${named[1]}'`);
      out.push(...members);
      i += named[0].length - 1;
      continue;
    }
    const repeat = /^\[(.)\*(\d*)\]/su.exec(chars.slice(i).join(''));
    if (repeat) {
      const n = repeat[2] ? Number(repeat[2]) : Math.max(0, (length ?? 0) - out.length);
      for (let k = 0; k < Math.min(n, 65_536); k++) out.push(repeat[1]!);
      i += [...repeat[0]].length - 1;
      continue;
    }
    const [char, used] = trChar(chars, i);
    i += used - 1;
    if (chars[i + 1] === '-' && i + 2 < chars.length) {
      const [to, toUsed] = trChar(chars, i + 2);
      if (to < char) throw new ToolError(`range-endpoints of '${char}-${to}' are in reverse collating sequence order`);
      out.push(...range(char, to));
      i += 1 + toUsed;
    } else out.push(char);
  }
  return out;
}

function trChar(chars: string[], i: number): [string, number] {
  if (chars[i] !== '\\' || chars[i + 1] === undefined) return [chars[i]!, 1];
  const next = chars[i + 1]!;
  const octal = /^[0-7]{1,3}/.exec(chars.slice(i + 1, i + 4).join(''));
  if (octal) return [String.fromCharCode(parseInt(octal[0], 8)), 1 + octal[0].length];
  const known: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
  return [known[next] ?? next, 2];
}

export const tr = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'cCdst',
    long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' },
  });
  const [set1Text, set2Text, extra] = options.operands;
  const hint = "Try 'NAME --help' for more information.";
  const remove = options.has('d');
  const squeeze = options.has('s');
  if (set1Text === undefined) throw new ToolError('missing operand', { hint });
  if (set2Text === undefined && !remove && !squeeze)
    throw new ToolError(`missing operand after ‘${set1Text}’`, {
      hint: `Two strings must be given when translating.\n${hint}`,
    });
  if (extra !== undefined || (remove && !squeeze && set2Text !== undefined))
    throw new ToolError(`extra operand ‘${extra ?? set2Text}’`, {
      hint: remove ? `Only one string may be given when deleting without squeezing repeats.\n${hint}` : hint,
    });
  const set1 = trSet(set1Text, undefined);
  const set2 = set2Text === undefined ? [] : trSet(set2Text, set1.length);
  if (set2Text === '' && !remove) throw new ToolError('when not truncating set1, string2 must be non-empty');
  const complement = options.has('c', 'C');
  const inSet1 = new Set(set1);
  const member = (c: string) => inSet1.has(c) !== complement;
  const translate = set2Text !== undefined && !remove;
  const map = new Map<string, string>();
  if (translate && !complement)
    set1.forEach((c, i) => (i < set2.length || !options.has('t')) && map.set(c, set2[Math.min(i, set2.length - 1)]!));
  const squeezed = new Set(set2Text !== undefined ? set2 : []);
  const squeezes = (c: string) => (set2Text !== undefined ? squeezed.has(c) : member(c));
  let last = '';
  const decoder = new TextDecoder();
  const { cancel, stdin } = tool.process;
  for (let chunk = await stdin.read(cancel); chunk; chunk = await stdin.read(cancel)) {
    let out = '';
    for (const c of decoder.decode(chunk, { stream: true })) {
      if (remove && member(c)) continue;
      const to = translate ? (complement ? (member(c) ? set2.at(-1)! : c) : (map.get(c) ?? c)) : c;
      if (squeeze && to === last && squeezes(to)) continue;
      out += to;
      last = to;
    }
    tool.put(out);
    await tool.flush();
  }
});

export const nl = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'b:s:w:v:n:i:', long: {} });
  const style = options.value('b') ?? 't';
  const width = Number(options.value('w') ?? 6);
  let number = Number(options.value('v') ?? 1);
  for await (const { reader } of tool.inputs(options.operands))
    for (const line of await new Lines(tool, reader).all()) {
      if (style === 'a' || (style === 't' && line !== '')) {
        tool.put(`${String(number).padStart(width)}${options.value('s') ?? '\t'}${line}\n`);
        number += Number(options.value('i') ?? 1);
      } else tool.put(line === '' ? '\n' : `${' '.repeat(width + 1)}${line}\n`);
    }
});

async function readFiles(tool: Tool, files: readonly string[]): Promise<string[][]> {
  const all: string[][] = [];
  for await (const { reader } of tool.inputs(files)) all.push(await new Lines(tool, reader).all());
  return all;
}

export const paste = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'd:s', long: { 'delimiters=': 'd', serial: 's' } });
  const delimiters = [
    ...(options.value('d') ?? '\t')
      .replace(/\\n/g, '\n')
      .replace(/\\t/g, '\t')
      .replace(/\\0/g, '\0')
      .replace(/\\\\/g, '\\'),
  ];
  const delimiter = (i: number) =>
    delimiters.length === 0 ? '' : delimiters[i % delimiters.length]!.replace('\0', '');
  const files = options.operands.length > 0 ? options.operands : ['-'];
  if (options.has('s')) {
    for (const lines of await readFiles(tool, files))
      tool.put(lines.map((l, i) => (i > 0 ? delimiter(i - 1) : '') + l).join('') + '\n');
    return;
  }
  // Several `-` take turns at stdin's lines.
  const dashes = files.filter((f) => f === '-').length;
  const stdin = dashes > 0 ? await new Lines(tool, tool.process.stdin).all() : [];
  let dash = 0;
  const columns: string[][] = [];
  for (const file of files) {
    if (file === '-') {
      const turn = dash++;
      columns.push(stdin.filter((_, i) => i % dashes === turn));
    } else columns.push(...(await readFiles(tool, [file])));
  }
  const height = Math.max(0, ...columns.map((c) => c.length));
  for (let row = 0; row < height; row++)
    tool.put(columns.map((c, i) => (i > 0 ? delimiter(i - 1) : '') + (c[row] ?? '')).join('') + '\n');
});

export const fold = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'bsw:', long: { 'width=': 'w', spaces: 's', bytes: 'b' } });
  const width = Number(options.value('w') ?? 80);
  if (!Number.isInteger(width) || width < 1) throw new ToolError(`invalid number of columns: '${options.value('w')}'`);
  for (const lines of await readFiles(tool, options.operands))
    for (const line of lines) {
      let rest = [...line];
      while (rest.length > width) {
        const space = options.has('s') ? rest.slice(0, width).lastIndexOf(' ') : -1;
        const end = space >= 0 ? space + 1 : width;
        tool.put(rest.slice(0, end).join('') + '\n');
        rest = rest.slice(end);
      }
      tool.put(rest.join('') + '\n');
    }
});

export const column = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'tns:o:c:x',
    long: { table: 't', 'separator=': 's', 'output-separator=': 'o', 'output-width=': 'c' },
  });
  const lines = (await readFiles(tool, options.operands)).flat().filter((l) => l.trim() !== '');
  if (options.has('t')) {
    const separators = options.value('s');
    const rows = lines.map((l) =>
      separators === undefined
        ? l.trim().split(/\s+/)
        : l.split(new RegExp(`[${separators.replace(/[\\\]^-]/g, '\\$&')}]`)),
    );
    const widths: number[] = [];
    for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, [...cell].length)));
    const gap = options.value('o') ?? '  ';
    for (const row of rows)
      tool.put(
        row
          .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - [...cell].length)))
          .join(gap) + '\n',
      );
    return;
  }
  const screen = Number(options.value('c') ?? tool.process.tty?.columns ?? tool.process.env.get('COLUMNS') ?? 80);
  const cell = Math.max(1, ...lines.map((l) => [...l].length)) + 2;
  const tabbed = Math.ceil(cell / 8) * 8;
  const columns = Math.max(1, Math.floor(screen / tabbed));
  const height = Math.ceil(lines.length / columns);
  for (let row = 0; row < height; row++) {
    let out = '';
    for (let c = 0; c < columns; c++) {
      const text = lines[c * height + row];
      if (text === undefined) break;
      const last = lines[(c + 1) * height + row] === undefined || c === columns - 1;
      out += last ? text : text + '\t'.repeat(Math.ceil((tabbed - [...text].length) / 8));
    }
    tool.put(out + '\n');
  }
});

function twoFiles(tool: Tool, options: Options): [string, string] {
  const [a, b, extra] = options.operands;
  const hint = "Try 'NAME --help' for more information.";
  if (a === undefined) throw new ToolError('missing operand', { hint });
  if (b === undefined) throw new ToolError(`missing operand after ‘${a}’`, { hint });
  if (extra !== undefined) throw new ToolError(`extra operand ‘${extra}’`, { hint });
  return [a, b];
}

export const comm = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: '123', long: { 'output-delimiter=': 'o' } });
  const [left = [], right = []] = await readFiles(tool, twoFiles(tool, options));
  if (tool.status) return;
  const gap = options.value('o') ?? '\t';
  const indent = (n: number) => gap.repeat([1, 2].filter((k) => k < n && !options.has(String(k))).length);
  const put = (n: number, line: string) => !options.has(String(n)) && tool.put(`${indent(n)}${line}\n`);
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (j >= right.length || (i < left.length && left[i]! < right[j]!)) put(1, left[i++]!);
    else if (i >= left.length || left[i]! > right[j]!) put(2, right[j++]!);
    else {
      put(3, left[i++]!);
      j++;
    }
  }
});

export const join = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: '1:2:j:t:a:v:e:o:i', long: {} });
  const [left = [], right = []] = await readFiles(tool, twoFiles(tool, options));
  if (tool.status) return;
  const separator = options.value('t');
  const split = (line: string) => (separator === undefined ? line.trim().split(/[ \t]+/) : line.split(separator));
  const key1 = Number(options.value('1') ?? options.value('j') ?? 1) - 1;
  const key2 = Number(options.value('2') ?? options.value('j') ?? 1) - 1;
  const rows2 = right.map(split);
  const used = new Set<number>();
  const gap = separator ?? ' ';
  const only = options.values('v');
  const also = [...options.values('a'), ...only];
  for (const row of left.map(split)) {
    let matched = false;
    rows2.forEach((other, n) => {
      if (other[key2] !== row[key1]) return;
      matched = true;
      used.add(n);
      if (only.length === 0)
        tool.put(
          [row[key1], ...row.filter((_, i) => i !== key1), ...other.filter((_, i) => i !== key2)].join(gap) + '\n',
        );
    });
    if (!matched && also.includes('1')) tool.put([row[key1], ...row.filter((_, i) => i !== key1)].join(gap) + '\n');
  }
  if (also.includes('2'))
    rows2.forEach(
      (row, n) => used.has(n) || tool.put([row[key2], ...row.filter((_, i) => i !== key2)].join(gap) + '\n'),
    );
});
