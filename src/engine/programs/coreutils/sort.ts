import { openOutput } from '../../process/index.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, Lines, ToolError } from '../lib/tool.ts';

interface Key {
  startField: number;
  startChar: number;
  endField: number | undefined;
  endChar: number;
  flags: string;
}

function parseKey(text: string): Key {
  const match = /^(\d+)(?:\.(\d+))?([bdfghinMRrV]*)(?:,(\d+)(?:\.(\d+))?([bdfghinMRrV]*))?$/.exec(text);
  if (!match)
    throw new ToolError(
      /^\d/.test(text)
        ? `stray character in field spec: invalid field specification '${text}'`
        : `invalid number at field start: invalid count at start of '${text}'`,
      { status: 2 },
    );
  if (Number(match[1]) === 0) throw new ToolError(`-: invalid field specification '${text}'`, { status: 2 });
  return {
    startField: Number(match[1]) - 1,
    startChar: Number(match[2] ?? 1) - 1,
    endField: match[4] === undefined ? undefined : Number(match[4]) - 1,
    endChar: Number(match[5] ?? 0),
    flags: match[3]! + (match[6] ?? ''),
  };
}

export const sort = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'bcCdfghik:mMno:rRsS:t:uVz',
    long: {
      'ignore-leading-blanks': 'b', 'dictionary-order': 'd', 'ignore-case': 'f', 'general-numeric-sort': 'g', 'human-numeric-sort': 'h',
      'month-sort': 'M', 'numeric-sort': 'n', reverse: 'r', 'random-sort': 'R', 'version-sort': 'V', check: 'c', 'check=?': 'c', 'key=': 'k',
      merge: 'm', 'output=': 'o', stable: 's', 'field-separator=': 't', unique: 'u', 'zero-terminated': 'z',
    },
    status: 2,
  }); // prettier-ignore
  const separator = options.value('t')?.replace('\\0', '\0');
  if (separator !== undefined && [...separator].length > 1)
    throw new ToolError(`multi-character tab '${separator}'`, { status: 2 });
  const global = [...'bdfghiMnRrV'].filter((f) => options.has(f)).join('');
  const keys = options.values('k').map(parseKey);
  const lineEnd = options.has('z') ? '\0' : '\n';
  const format = (file: string, message: string) => `cannot read: ${file}: ${message}`;
  const lines: string[] = [];
  for await (const { reader } of tool.inputs(options.operands, { status: 2, format }))
    for (const line of await new Lines(tool, reader, lineEnd).all()) lines.push(line);
  if (tool.status) return;
  const randomKeys = new Map<string, number>();
  const random = tool.process.world.random.stream('sort');
  const compareKeys = (a: string, b: string): number => {
    for (const key of keys.length > 0 ? keys : [wholeLine]) {
      const flags = key.flags.replace(/b/g, '') ? key.flags : key.flags + global;
      const left = extract(a, key, separator, flags.includes('b'));
      const right = extract(b, key, separator, flags.includes('b'));
      let result = compare(left, right, flags, (text) => {
        if (!randomKeys.has(text)) randomKeys.set(text, random.float());
        return randomKeys.get(text)!;
      });
      if (flags.includes('r')) result = -result;
      if (result !== 0) return result;
    }
    return 0;
  };
  const order = (a: string, b: string): number => {
    const result = compareKeys(a, b);
    if (result !== 0 || options.has('s', 'u')) return result;
    return options.has('r') ? codeUnits(b, a) : codeUnits(a, b);
  };
  if (options.has('c', 'C')) {
    const at = lines.findIndex(
      (line, i) => i > 0 && (options.has('u') ? order(lines[i - 1]!, line) >= 0 : order(lines[i - 1]!, line) > 0),
    );
    if (at < 0) return 0;
    if (options.has('c'))
      await tool.process.printError(`sort: ${options.operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]}\n`);
    return 1;
  }
  lines.sort(order);
  const output = options.has('u')
    ? lines.filter((line, i) => i === 0 || compareKeys(lines[i - 1]!, line) !== 0)
    : lines;
  const target = options.value('o');
  if (target !== undefined) await openOutput(tool.process, target).write(output.map((l) => l + lineEnd).join(''));
  else for (const line of output) await tool.write(line + lineEnd);
  return 0;
});

const wholeLine: Key = { startField: 0, startChar: 0, endField: undefined, endChar: 0, flags: '' };

function extract(line: string, key: Key, separator: string | undefined, skipBlanks: boolean): string {
  if (key === wholeLine) return skipBlanks ? line.replace(/^[ \t]+/, '') : line;
  const starts: number[] = [];
  const ends: number[] = [];
  if (separator !== undefined) {
    let at = 0;
    for (const field of line.split(separator)) {
      starts.push(at);
      ends.push(at + field.length);
      at += field.length + separator.length;
    }
  } else
    for (const match of line.matchAll(/[ \t]*[^ \t]+/g)) {
      starts.push(match.index);
      ends.push(match.index + match[0].length);
    }
  if (key.startField >= starts.length) return '';
  let from = starts[key.startField]!;
  const to =
    key.endField === undefined || key.endField >= ends.length
      ? line.length
      : key.endChar === 0
        ? ends[key.endField]!
        : starts[key.endField]! + key.endChar;
  if (skipBlanks) while (/[ \t]/.test(line[from] ?? '')) from++;
  return line.slice(from + key.startChar, to);
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function compare(a: string, b: string, flags: string, randomKey: (text: string) => number): number {
  if (/[nhgMVR]/.test(flags)) {
    if (flags.includes('V')) return versionCompare(a, b);
    if (flags.includes('R')) return a === b ? 0 : randomKey(a) - randomKey(b);
    if (flags.includes('M'))
      return months.indexOf(a.trim().slice(0, 3).toUpperCase()) - months.indexOf(b.trim().slice(0, 3).toUpperCase());
    const value = flags.includes('h') ? human : flags.includes('g') ? general : numeric;
    return value(a) - value(b);
  }
  if (flags.includes('d')) {
    a = a.replace(/[^\p{L}\p{N}\s]/gu, '');
    b = b.replace(/[^\p{L}\p{N}\s]/gu, '');
  }
  if (flags.includes('f')) {
    a = a.toUpperCase();
    b = b.toUpperCase();
  }
  return codeUnits(a, b);
}

function codeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function numeric(text: string): number {
  return Number(/^\s*(-?\d*\.?\d*)/.exec(text)![1] || 0) || 0;
}

function general(text: string): number {
  const value = parseFloat(text);
  return Number.isNaN(value) ? -Infinity : value;
}

function human(text: string): number {
  const match = /^\s*(-?\d*\.?\d*)([KkMGTPEZY]?)/.exec(text)!;
  return (Number(match[1]) || 0) * 1024 ** (match[2] ? 'KMGTPEZY'.indexOf(match[2].toUpperCase()) + 1 : 0);
}

/** Runs of digits compare as numbers. */
export function versionCompare(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === undefined || y === undefined)
      return x === undefined ? (y?.startsWith('~') ? 1 : -1) : x.startsWith('~') ? -1 : 1;
    const result = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) : codeUnits(x, y);
    if (result !== 0) return result;
  }
  return 0;
}

export const uniq = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'cdDf:is:uw:z',
    long: {
      count: 'c',
      repeated: 'd',
      'all-repeated': 'D',
      'skip-fields=': 'f',
      'ignore-case': 'i',
      'skip-chars=': 's',
      unique: 'u',
      'check-chars=': 'w',
    },
  });
  const [input, output] = options.operands;
  const skipFields = Number(options.value('f') ?? 0);
  const skipChars = Number(options.value('s') ?? 0);
  const width = options.value('w') === undefined ? undefined : Number(options.value('w'));
  const keyOf = (line: string) => {
    let text = line;
    for (let i = 0; i < skipFields; i++) text = text.replace(/^[ \t]*[^ \t]*/, '');
    text = text.slice(skipChars, width === undefined ? undefined : skipChars + width);
    return options.has('i') ? text.toLowerCase() : text;
  };
  const writer = output === undefined ? undefined : openOutput(tool.process, output);
  const put = async (text: string) => void (writer ? await writer.write(text) : tool.put(text));
  let group: string[] = [];
  let count = 0;
  const emit = async () => {
    if (count === 0) return;
    if (options.has('D')) {
      if (count > 1) for (const line of group) await put(line + '\n');
    } else if (!(options.has('d') && count < 2) && !(options.has('u') && count > 1))
      await put((options.has('c') ? `${String(count).padStart(7)} ` : '') + group[0]! + '\n');
  };
  for await (const { reader } of tool.inputs(input === undefined ? [] : [input])) {
    const lines = new Lines(tool, reader);
    let key: string | undefined;
    for (let batch = await lines.batch(); batch; batch = await lines.batch()) {
      for (const line of batch) {
        const next = keyOf(line);
        if (count > 0 && next === key) {
          count++;
          if (options.has('D')) group.push(line);
          continue;
        }
        await emit();
        key = next;
        group = [line];
        count = 1;
      }
      await tool.flush();
    }
  }
  await emit();
});
