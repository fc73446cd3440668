import { evaluateExpr } from './expr.ts';
import { strftime } from '../../shell/strftime.ts';
import { printf } from '../../shell/printf.ts';
import { SpawnError } from '../../process/index.ts';
import { parseOptions } from '../lib/options.ts';
import { runProgram } from '../lib/subprocess.ts';
import { defineTool, ToolError } from '../lib/tool.ts';
import { parseDate } from '../lib/date.ts';
import { signalNamed } from '../../shell/builtins/jobs.ts';

/** env, printenv, date, sleep, seq, yes, true, false, expr, timeout, nohup, clear, reset, tput. */

const hint = "Try 'NAME --help' for more information.";

export const env = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'iu:0C:',
    long: { 'ignore-environment': 'i', 'unset=': 'u', null: '0', 'chdir=': 'C' },
    stopAtOperand: true,
    status: 125,
  });
  const environment = new Map(options.has('i') || options.operands[0] === '-' ? [] : tool.process.env);
  for (const name of options.values('u')) environment.delete(name);
  const rest = options.operands[0] === '-' ? options.operands.slice(1) : [...options.operands];
  while (rest[0]?.includes('=')) {
    const at = rest[0].indexOf('=');
    environment.set(rest[0].slice(0, at), rest[0].slice(at + 1));
    rest.shift();
  }
  if (rest.length === 0) {
    for (const [name, value] of environment) tool.put(`${name}=${value}${options.has('0') ? '\0' : '\n'}`);
    return 0;
  }
  try {
    return await tool.process.exec(rest, { env: environment, cwd: tool.path(options.value('C') ?? '.') });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    throw new ToolError(`‘${rest[0]}’: ${error.code === 'ENOENT' ? 'No such file or directory' : error.message}`, {
      status: error.status,
    });
  }
});

export const printenv = defineTool((tool) => {
  const options = parseOptions(tool, { short: '0', long: { null: '0' }, status: 2 });
  if (options.operands.length === 0) for (const [name, value] of tool.process.env) tool.put(`${name}=${value}\n`);
  for (const name of options.operands) {
    const value = tool.process.env.get(name);
    if (value === undefined) tool.status = 1;
    else tool.put(value + '\n');
  }
  return Promise.resolve();
});

export const date = defineTool((tool) => {
  const options = parseOptions(tool, {
    short: 'd:f:I::r:Rs:u',
    long: {
      'date=': 'd',
      'iso-8601=?': 'I',
      'reference=': 'r',
      'rfc-email': 'R',
      'rfc-3339=': 'rfc-3339',
      'set=': 's',
      utc: 'u',
      universal: 'u',
    },
  });
  if (options.has('s')) throw new ToolError('cannot set date: Operation not permitted');
  let time = tool.process.world.clock.now();
  const text = options.value('d');
  if (text !== undefined) {
    const parsed = parseDate(text, time);
    if (parsed === undefined) throw new ToolError(`invalid date ‘${text}’`);
    time = parsed;
  }
  const reference = options.value('r');
  if (reference !== undefined) time = tool.fs.stat(tool.path(reference)).mtime;
  const [format] = options.operands;
  if (format !== undefined && !format.startsWith('+')) throw new ToolError(`invalid date ‘${format}’`);
  const iso: Record<string, string> = {
    '': '%Y-%m-%d',
    date: '%Y-%m-%d',
    hours: '%Y-%m-%dT%H%:z',
    minutes: '%Y-%m-%dT%H:%M%:z',
    seconds: '%Y-%m-%dT%H:%M:%S%:z',
    ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
  };
  const chosen =
    format?.slice(1) ??
    (options.has('I')
      ? iso[options.value('I')!]
      : options.has('R')
        ? '%a, %d %b %Y %H:%M:%S %z'
        : options.has('rfc-3339')
          ? '%Y-%m-%d %H:%M:%S%:z'
          : '%a %b %e %H:%M:%S %Z %Y');
  tool.put(strftime(chosen ?? '%c', time) + '\n');
  return Promise.resolve();
});

/** `1.5`, `2m`, `1h` in ms. Undefined if malformed. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  if (!match) return /^inf(inity)?$/i.test(text) ? Infinity : undefined;
  return Number(match[1]) * { '': 1e3, s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[match[2]!]!;
}

export const sleep = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: '' });
  if (options.operands.length === 0) throw new ToolError('missing operand', { hint });
  let total = 0;
  for (const operand of options.operands) {
    const ms = parseDuration(operand);
    if (ms === undefined) throw new ToolError(`invalid time interval ‘${operand}’`, { hint });
    total += ms;
  }
  await tool.process.sleep(Math.min(total, 3.2e13));
});

export const seq = defineTool(async (tool) => {
  // Negative numbers are operands, not options.
  const cut = tool.args.findIndex((a) => /^-?[\d.]/.test(a));
  const args = cut < 0 ? tool.args : [...tool.args.slice(0, cut), '--', ...tool.args.slice(cut)];
  const options = parseOptions(tool, {
    args,
    short: 'f:s:w',
    long: { 'format=': 'f', 'separator=': 's', 'equal-width': 'w' },
    stopAtOperand: true,
  });
  const texts = options.operands;
  if (texts.length === 0) throw new ToolError('missing operand', { hint });
  if (texts.length > 3) throw new ToolError(`extra operand '${texts[3]}'`, { hint });
  const numbers = texts.map((t) => {
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(t))
      throw new ToolError(`invalid floating point argument: ‘${t}’`, { hint });
    return Number(t);
  });
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0]!]
      : numbers.length === 2
        ? [numbers[0]!, 1, numbers[1]!]
        : (numbers as [number, number, number]);
  if (step === 0) throw new ToolError(`invalid Zero increment value: ‘${texts[1]}’`, { hint });
  const decimals = Math.max(
    ...texts.slice(0, Math.max(1, texts.length - 1)).map((t) => /\.(\d+)/.exec(t)?.[1]?.length ?? 0),
    texts.length === 1 ? 0 : 0,
  );
  const plain = (n: number) => n.toFixed(decimals);
  const width = options.has('w') ? Math.max(plain(first).length, plain(last).length) : 0;
  const format = options.value('f');
  const show = (n: number) =>
    format !== undefined
      ? printf(format, [String(n)], { now: 0 }).text
      : width
        ? n < 0
          ? '-' + plain(-n).padStart(width - 1, '0')
          : plain(n).padStart(width, '0')
        : plain(n);
  const separator = options.value('s') ?? '\n';
  let count = 0;
  for (let i = 0; ; i++) {
    const n = first + i * step;
    if (step > 0 ? n > last + 1e-12 : n < last - 1e-12) break;
    if (tool.put((count++ > 0 ? separator : '') + show(n))) {
      await tool.flush();
      await tool.process.cpu(0.5);
    }
  }
  if (count > 0) tool.put('\n');
});

export const yes = defineTool(async (tool) => {
  const line = (tool.args.length > 0 ? tool.args.join(' ') : 'y') + '\n';
  const blockOf = (size: number) => line.repeat(Math.max(1, Math.floor(size / line.length)));
  let block = blockOf(8192);
  for (let blocks = 1; ; blocks++) {
    await tool.process.print(block);
    await tool.process.cpu(block.length / 8192);
    // Whoever has read so much will not look at each block.
    if (blocks === 1000) block = blockOf(65_536);
  }
});

export const expr = defineTool((tool) => {
  const { text, status } = evaluateExpr(tool.args[0] === '--' ? tool.args.slice(1) : tool.args);
  tool.put(text + '\n');
  return Promise.resolve(status);
});

export const timeout = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'fk:ps:v',
    long: { foreground: 'f', 'kill-after=': 'k', 'preserve-status': 'p', 'signal=': 's', verbose: 'v' },
    stopAtOperand: true,
    status: 125,
  });
  const [duration, ...argv] = options.operands;
  if (duration === undefined || argv.length === 0) throw new ToolError('missing operand', { status: 125, hint });
  const ms = parseDuration(duration);
  if (ms === undefined) throw new ToolError(`invalid time interval ‘${duration}’`, { status: 125, hint });
  const signal = signalNamed(options.value('s') ?? 'TERM');
  if (!signal) throw new ToolError(`${options.value('s')}: invalid signal`, { status: 125, hint });
  const { process } = tool;
  let child;
  try {
    child = process.spawn(argv);
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    if (error.message.startsWith('slipway: ')) throw new ToolError('', { hint: error.message });
    throw new ToolError(
      `failed to run command ‘${argv[0]}’: ${error.code === 'ENOENT' ? 'No such file or directory' : error.message}`,
      { status: error.status },
    );
  }
  let expired = false;
  const kill = options.value('k') === undefined ? undefined : parseDuration(options.value('k')!);
  const timers: { cancel(): void }[] = [];
  if (ms > 0 && Number.isFinite(ms))
    timers.push(
      process.world.queue.after(ms, () => {
        expired = true;
        if (options.has('v'))
          void process.printError(`timeout: sending signal ${signal.slice(3)} to command ‘${argv[0]}’\n`);
        child.kill(signal);
        if (kill !== undefined) timers.push(process.world.queue.after(kill, () => child.kill('SIGKILL')));
      }),
    );
  const forward = process.onSignal('SIGTERM', () => child.kill('SIGTERM'));
  try {
    const status = await child.wait(process.cancel);
    if (!expired || options.has('p')) return status;
    return child.signal === 'SIGKILL' || signal === 'SIGKILL' ? 137 : 124;
  } finally {
    forward();
    for (const timer of timers) timer.cancel();
  }
});

export const nohup = defineTool(async (tool) => {
  if (tool.args.length === 0) throw new ToolError('missing operand', { status: 125, hint });
  if (tool.process.isatty.stdout) await tool.process.printError('nohup: ignoring input\n');
  return runProgram(tool.process, 'nohup', tool.args, { ignore: ['SIGHUP'] });
});

export const clear = defineTool((tool) => {
  tool.put('\x1b[H\x1b[2J\x1b[3J');
  return Promise.resolve();
});

export const reset = defineTool((tool) => {
  tool.put('\x1bc');
  tool.process.tty?.restoreModes();
  return Promise.resolve();
});

export const tput = defineTool((tool) => {
  const [capability, ...values] = tool.args;
  const { tty } = tool.process;
  const table: Record<string, string> = {
    cols: String(tty?.columns ?? 80), lines: String(tty?.rows ?? 24), colors: '256', bold: '\x1b[1m', sgr0: '\x1b(B\x1b[m', rev: '\x1b[7m', smul: '\x1b[4m', rmul: '\x1b[24m', clear: '\x1b[H\x1b[2J', el: '\x1b[K',
    civis: '\x1b[?25l', cnorm: '\x1b[?12l\x1b[?25h', setaf: `\x1b[3${values[0]}m`, setab: `\x1b[4${values[0]}m`, cup: `\x1b[${Number(values[0]) + 1};${Number(values[1]) + 1}H`, bel: '\x07', smcup: '\x1b[?1049h', rmcup: '\x1b[?1049l',
  }; // prettier-ignore
  if (capability === undefined) throw new ToolError('', { status: 2, hint: 'usage: tput [-V] [-S] [-T term] capname' });
  const text = table[capability];
  if (text === undefined) throw new ToolError(`unknown terminfo capability '${capability}'`, { status: 4 });
  tool.put(/^(cols|lines|colors)$/.test(capability) ? text + '\n' : text);
  return Promise.resolve();
});
