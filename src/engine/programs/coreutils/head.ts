import { unread } from '../../process/index.ts';
import { concatBytes, resolvePath, type ByteReader } from '../../world/index.ts';
import { parseOptions, parseSize, type Options } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

function count(options: Options, what: 'lines' | 'bytes', text: string): { number: number; sign: string } {
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  const number = parseSize(text.slice(sign.length));
  if (number === undefined) throw new ToolError(`invalid number of ${what}: ‘${text}’`);
  return { number, sign };
}

async function withHeaders(
  tool: Tool,
  options: Options,
  files: readonly string[],
  run: (reader: ByteReader, name: string) => Promise<void>,
): Promise<void> {
  const headers = options.has('v') || (files.length > 1 && !options.has('q'));
  let first = true;
  const format = (file: string, message: string) => `cannot open '${file}' for reading: ${message}`;
  for await (const { name, reader } of tool.inputs(files, { format })) {
    if (headers) tool.put(`${first ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`);
    first = false;
    await run(reader, name);
    await tool.flush();
  }
}

export const head = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'c:n:qvz',
    long: { 'bytes=': 'c', 'lines=': 'n', quiet: 'q', silent: 'q', verbose: 'v' },
    digits: 'n',
  });
  const inBytes = options.last('c', 'n') === 'c';
  const { number, sign } = count(options, inBytes ? 'bytes' : 'lines', options.value(inBytes ? 'c' : 'n') ?? '10');
  await withHeaders(tool, options, options.operands, async (reader) => {
    if (sign === '-') {
      const data = await tool.readAll(reader);
      tool.put(
        inBytes
          ? data.subarray(0, Math.max(0, data.length - number))
          : firstLines(data, Math.max(0, lineCount(data) - number)),
      );
    } else if (inBytes) await copyBytes(tool, reader, number);
    else await copyLines(tool, reader, number);
  });
});

async function copyBytes(tool: Tool, reader: ByteReader, number: number): Promise<void> {
  let left = number;
  while (left > 0) {
    const chunk = await reader.read(tool.process.cancel);
    if (!chunk) return;
    if (chunk.length > left) unread(reader, chunk.subarray(left));
    await tool.write(chunk.subarray(0, left));
    left -= chunk.length;
  }
}

/** Copies lines as bytes, so that what is no text passes unharmed; gives back what follows them. */
async function copyLines(tool: Tool, reader: ByteReader, number: number): Promise<void> {
  let left = number;
  while (left > 0) {
    const chunk = await reader.read(tool.process.cancel);
    if (!chunk) return;
    let at = 0;
    while (left > 0 && at < chunk.length) {
      const end = chunk.indexOf(10, at);
      if (end < 0) at = chunk.length;
      else {
        at = end + 1;
        left--;
      }
    }
    await tool.write(chunk.subarray(0, at));
    await tool.flush();
    if (at < chunk.length) unread(reader, chunk.subarray(at));
  }
}

function lineCount(data: Uint8Array): number {
  let n = 0;
  for (const byte of data) if (byte === 10) n++;
  return data.length > 0 && data[data.length - 1] !== 10 ? n + 1 : n;
}

function firstLines(data: Uint8Array, number: number): Uint8Array {
  let at = 0;
  for (let i = 0; i < number; i++) {
    const end = data.indexOf(10, at);
    if (end < 0) return data;
    at = end + 1;
  }
  return data.subarray(0, at);
}

/** How often `tail -f` looks, in virtual ms. */
const followInterval = 1000;

export const tail = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'c:fFn:qs:vz',
    long: {
      'bytes=': 'c',
      'lines=': 'n',
      follow: 'f',
      'follow=': 'f',
      retry: 'F',
      quiet: 'q',
      silent: 'q',
      verbose: 'v',
      'sleep-interval=': 's',
    },
    digits: 'n',
  });
  // The old form: tail +5.
  const operands =
    options.operands[0] && /^\+\d+$/.test(options.operands[0]) ? options.operands.slice(1) : options.operands;
  const old = operands === options.operands ? undefined : options.operands[0];
  const inBytes = options.last('c', 'n') === 'c';
  const { number, sign } = count(
    options,
    inBytes ? 'bytes' : 'lines',
    old ?? options.value(inBytes ? 'c' : 'n') ?? '10',
  );
  const sizes = new Map<string, number>();
  await withHeaders(tool, options, operands, async (reader, name) => {
    if (sign !== '+' && !inBytes) return lastLines(tool, reader, number, (size) => sizes.set(name, size));
    const data = await tool.readAll(reader);
    sizes.set(name, data.length);
    if (inBytes)
      tool.put(
        sign === '+' ? data.subarray(Math.max(0, number - 1)) : data.subarray(Math.max(0, data.length - number)),
      );
    else tool.put(data.subarray(firstLines(data, Math.max(0, number - 1)).length));
  });
  if (options.has('f', 'F')) await follow(tool, operands, sizes, options.has('F'));
});

/** Keeps only as many chunks as can hold the last lines. */
async function lastLines(tool: Tool, reader: ByteReader, number: number, total: (size: number) => void): Promise<void> {
  const chunks: { data: Uint8Array; newlines: number }[] = [];
  let newlines = 0;
  let size = 0;
  let held = 0;
  for (let chunk = await reader.read(tool.process.cancel); chunk; chunk = await reader.read(tool.process.cancel)) {
    let n = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) n++;
    chunks.push({ data: chunk, newlines: n });
    newlines += n;
    size += chunk.length;
    held += chunk.length;
    while (chunks.length > 1 && newlines - chunks[0]!.newlines > number) {
      held -= chunks[0]!.data.length;
      newlines -= chunks.shift()!.newlines;
    }
    tool.holds(held);
  }
  total(size);
  const data = concatBytes(chunks.map((c) => c.data));
  if (number === 0 || data.length === 0) return;
  let at = data[data.length - 1] === 10 ? data.length - 1 : data.length;
  for (let i = 0; i < number; i++) {
    at = data.lastIndexOf(10, at - 1);
    if (at < 0) break;
  }
  tool.put(data.subarray(at + 1));
}

async function follow(tool: Tool, files: readonly string[], sizes: Map<string, number>, retry: boolean): Promise<void> {
  const names = files.filter((f) => f !== '-');
  if (names.length === 0) return;
  let shown = names.at(-1);
  for (;;) {
    await tool.process.sleep(followInterval);
    for (const name of names) {
      const node = tool.fs.lookup(resolvePath(tool.process.cwd, name));
      if (node?.type !== 'file') {
        if (node === undefined && sizes.has(name) && retry) {
          await tool.process.printError(`tail: '${name}' has become inaccessible: No such file or directory\n`);
          sizes.delete(name);
        }
        continue;
      }
      let before = sizes.get(name) ?? 0;
      if (node.data.length < before) {
        await tool.process.printError(`tail: ${name}: file truncated\n`);
        before = 0;
      }
      if (node.data.length === before) continue;
      if (names.length > 1 && shown !== name) tool.put(`\n==> ${name} <==\n`);
      shown = name;
      tool.put(node.data.subarray(before));
      sizes.set(name, node.data.length);
    }
    await tool.flush();
  }
}
