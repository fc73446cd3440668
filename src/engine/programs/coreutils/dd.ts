import { openInput, openOutput } from '../../process/index.ts';
import { FsError, type ByteReader } from '../../world/index.ts';
import { humanSize } from '../lib/format.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** dd: copies blocks. */

const units: Readonly<Record<string, number>> = {
  c: 1, w: 2, b: 512, kB: 1e3, K: 2 ** 10, k: 2 ** 10, KiB: 2 ** 10, MB: 1e6, M: 2 ** 20, MiB: 2 ** 20, GB: 1e9, G: 2 ** 30, GiB: 2 ** 30,
}; // prettier-ignore

/** The largest file that is kept in memory here. */
const fileLimit = 512 << 20;

function number(text: string): number {
  const product = text.split('x').map((part) => {
    const match = /^(\d+)([a-zA-Z]*)$/.exec(part);
    const unit = match?.[2] === '' ? 1 : units[match?.[2] ?? ''];
    if (!match || unit === undefined) throw new ToolError(`invalid number: ‘${text}’`);
    return Number(match[1]) * unit;
  });
  return product.reduce((a, b) => a * b, 1);
}

interface Operands {
  input: string | undefined;
  output: string | undefined;
  bs: number;
  count: number;
  skip: number;
  seek: number;
  status: string;
  conv: Set<string>;
}

function parse(tool: Tool): Operands {
  const known = ['if', 'of', 'bs', 'ibs', 'obs', 'count', 'skip', 'seek', 'status', 'conv', 'iflag', 'oflag'];
  const given = new Map<string, string>();
  for (const arg of tool.args) {
    const [name = '', value] = arg.split(/=(.*)/s);
    if (value === undefined || !known.includes(name))
      throw new ToolError(`unrecognized operand ‘${arg}’`, { hint: "Try 'NAME --help' for more information." });
    given.set(name, value);
  }
  const size = (name: string, otherwise: number) => (given.has(name) ? number(given.get(name)!) : otherwise);
  const bs = size('bs', size('ibs', 512));
  if (bs === 0) throw new ToolError(`invalid number: ‘${given.get('bs')}’`);
  return {
    input: given.get('if'),
    output: given.get('of'),
    bs,
    count: size('count', Infinity),
    skip: size('skip', 0),
    seek: size('seek', 0),
    status: given.get('status') ?? '',
    conv: new Set((given.get('conv') ?? '').split(',')),
  };
}

export const dd = defineTool(async (tool) => {
  const { process, fs } = tool;
  const operands = parse(tool);
  const { input, output, bs, count } = operands;
  const from = process.world.clock.now();
  const isDevice = (path: string | undefined, device: string) => {
    const node = path === undefined ? undefined : fs.lookup(process.path(path));
    return node?.type === 'device' && node.device === device;
  };
  const zeros = isDevice(input, 'zero');
  let full = 0;
  let partial = 0;
  let bytes = 0;
  try {
    if (zeros && isDevice(output, 'null') && count === Infinity) await process.cpu(Infinity);
    const existing = output === undefined ? undefined : fs.lookup(process.path(output));
    if (zeros && count !== Infinity && output !== undefined && (!existing || existing.type === 'file')) {
      bytes = await writeZeros(tool, operands, existing?.type === 'file' ? existing.data : undefined);
      full = Math.floor(bytes / bs);
      if (bytes < bs * count) throw new FsError('ENOSPC', output);
    } else {
      const reader = input === undefined ? process.stdin : openInput(process, input);
      const writer =
        output === undefined
          ? process.stdout
          : openOutput(process, output, { truncate: !operands.conv.has('notrunc') });
      const blocks = new Blocks(reader, bs, tool);
      for (let i = 0; i < operands.skip; i++) if (!(await blocks.next())) break;
      for (let i = 0; i < count; i++) {
        const block = await blocks.next();
        if (!block) break;
        if (block.length === bs) full++;
        else partial++;
        bytes += block.length;
        await writer.write(block, process.cancel);
        process.charge(0.002 + block.length / 4_000_000);
      }
      if (output !== undefined) writer.close();
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const opening = full + partial === 0 && bytes === 0 && error.code !== 'ENOSPC';
    const name = error.path === (output ?? '') || error.code === 'ENOSPC' ? output : (input ?? output);
    await process.printError(`dd: ${opening ? 'failed to open' : 'error writing'} '${name}': ${error.message}\n`);
    if (opening) return 1;
    tool.status = 1;
  }
  if (operands.status !== 'none')
    await report(tool, { full, partial, bytes, ms: process.world.clock.now() - from, operands });
  return tool.status;
});

/** A file of zeros at once: it may be large. @returns bytes written */
async function writeZeros(
  { process, fs }: Tool,
  { output, bs, count, seek, conv }: Operands,
  old?: Uint8Array,
): Promise<number> {
  const bytes = Math.min(bs * count, Math.max(0, fileLimit - bs * seek));
  await process.cpu(bytes / 2_000_000);
  const path = process.path(output!);
  const kept = conv.has('notrunc') ? (old ?? new Uint8Array()) : (old ?? new Uint8Array()).subarray(0, bs * seek);
  const data = new Uint8Array(Math.max(bs * seek + bytes, kept.length));
  data.set(kept);
  // Fresh memory is zeros; touching it all would make it real.
  if (kept.length > bs * seek) data.fill(0, bs * seek, Math.min(kept.length, bs * seek + bytes));
  const { uid, gid } = process.user;
  fs.writeFile(path, data, old ? {} : { mode: 0o666 & ~process.umask, uid, gid });
  process.machine.usage.block.writeBytes += bytes;
  return bytes;
}

async function report(
  tool: Tool,
  {
    full,
    partial,
    bytes,
    ms,
    operands,
  }: { full: number; partial: number; bytes: number; ms: number; operands: Operands },
): Promise<void> {
  const records = `${full}+${partial} records in\n${full}+${partial} records out\n`;
  if (operands.status === 'noxfer') return tool.process.printError(records);
  const seconds = Math.max(ms, 0.01) / 1000;
  const rate = bytes / seconds;
  const decimal = (n: number) =>
    n >= 1e9
      ? `${(n / 1e9).toFixed(1)} GB`
      : n >= 1e6
        ? `${(n / 1e6).toFixed(n >= 1e7 ? 0 : 1)} MB`
        : n >= 1e3
          ? `${(n / 1e3).toFixed(1)} kB`
          : `${Math.round(n)} B`;
  const sizes =
    bytes >= 1024
      ? ` (${decimal(bytes)}, ${humanSize(bytes).replace(/([KMG])$/, ' $1iB')})`
      : bytes >= 1000
        ? ` (${decimal(bytes)})`
        : '';
  await tool.process.printError(
    `${records}${bytes} bytes${sizes} copied, ${seconds.toPrecision(6).replace(/\.?0+$/, '')} s, ${decimal(rate)}/s\n`,
  );
}

/** A stream in blocks of one size; what is shorter was read so. */
class Blocks {
  readonly #reader: ByteReader;
  readonly #size: number;
  readonly #tool: Tool;
  #rest = new Uint8Array();

  constructor(reader: ByteReader, size: number, tool: Tool) {
    this.#reader = reader;
    this.#size = size;
    this.#tool = tool;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0) {
      const chunk = await this.#reader.read(this.#tool.process.cancel);
      if (!chunk) return undefined;
      this.#rest = new Uint8Array(chunk);
    }
    // A large block is filled from several chunks.
    while (this.#rest.length < this.#size) {
      const chunk = await this.#reader.read(this.#tool.process.cancel);
      if (!chunk) break;
      const joined = new Uint8Array(this.#rest.length + chunk.length);
      joined.set(this.#rest);
      joined.set(chunk, this.#rest.length);
      this.#rest = joined;
    }
    const block = this.#rest.subarray(0, this.#size);
    this.#rest = this.#rest.slice(block.length);
    return block;
  }
}
