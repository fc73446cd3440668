import type { Process, Program } from '../../../process/index.ts';
import type { Duplex } from '../../../world/index.ts';
import { readAll } from '../../../world/index.ts';
import { openBytes } from '../lib/connections.ts';
import { PromptInput } from '../lib/prompt.ts';
import { encodeCommand, RespReader, splitWords, type Reply } from './resp.ts';

interface Options {
  host: string;
  port: number;
  password: string | undefined;
  user: string | undefined;
  db: number;
  raw: boolean;
  lastFromInput: boolean;
  exitOnError: boolean;
  repeat: number;
  interval: number;
  warn: boolean;
  scan: boolean;
  pattern: string | undefined;
  words: string[];
}

function parse(process: Process): Options | string {
  const o: Options = { host: '127.0.0.1', port: 6379, password: process.env.get('REDISCLI_AUTH'), user: undefined, db: 0, raw: !process.isatty.stdout, lastFromInput: false, exitOnError: false, repeat: 1, interval: 0, warn: false, scan: false, pattern: undefined, words: [] }; // prettier-ignore
  const args = process.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith('-') || arg === '-') {
      o.words = args.slice(i);
      break;
    }
    const value = () => args[++i] ?? '';
    if (arg === '-h') o.host = value();
    else if (arg === '-p') o.port = Number(value());
    else if (arg === '-n') o.db = Number(value());
    else if (arg === '-a' || arg === '--pass') [o.password, o.warn] = [value(), true];
    else if (arg === '--user') o.user = value();
    else if (arg === '--no-auth-warning') process.env.set('SLIPWAY_NO_AUTH_WARNING', '1');
    else if (arg === '--raw') o.raw = true;
    else if (arg === '--no-raw') o.raw = false;
    else if (arg === '-x') o.lastFromInput = true;
    else if (arg === '-e') o.exitOnError = true;
    else if (arg === '-r') o.repeat = Number(value());
    else if (arg === '-i') o.interval = Number(value()) * 1000;
    else if (arg === '-2' || arg === '-c' || arg === '-4') continue;
    else if (arg === '--scan') o.scan = true;
    else if (arg === '--pattern') o.pattern = value();
    else if (arg === '-u') {
      const uri = /^rediss?:\/\/(?:([^:@]*)(?::([^@]*))?@)?([^:/]+)(?::(\d+))?(?:\/(\d+))?$/.exec(value());
      if (!uri) return 'Invalid URI scheme';
      o.host = uri[3]!;
      if (uri[4]) o.port = Number(uri[4]);
      if (uri[5]) o.db = Number(uri[5]);
      if (uri[1] !== undefined)
        [o.password, o.user, o.warn] =
          uri[2] === undefined ? [uri[1], undefined, true] : [uri[2], uri[1] || undefined, true];
    } else return `Unrecognized option or bad number of args for: '${arg}'`;
  }
  return o;
}

/** redis-cli. */
export const redisCli: Program = async (process) => {
  if (process.argv.includes('--version') || process.argv.includes('-v')) {
    await process.print(`redis-cli ${process.env.get('REDIS_VERSION') ?? '8.4.0'}\n`);
    return 0;
  }
  const options = parse(process);
  if (typeof options === 'string') {
    await process.printError(`${options}\n`);
    return 1;
  }
  const silent = process.env.get('SLIPWAY_NO_AUTH_WARNING') === '1';
  process.env.delete('SLIPWAY_NO_AUTH_WARNING');
  if (options.warn && !silent)
    await process.printError(
      "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
    );
  return new Cli(process, options).run();
};

class Cli {
  readonly #process: Process;
  readonly #options: Options;
  #connection: Duplex | undefined;
  #reader: RespReader | undefined;
  #db: number;

  constructor(process: Process, options: Options) {
    this.#process = process;
    this.#options = options;
    this.#db = options.db;
  }

  async run(): Promise<number> {
    const { words, scan, pattern, repeat, interval, lastFromInput } = this.#options;
    if (scan) return this.#scan(pattern);
    if (words.length === 0) return this.#loop();
    if (!(await this.#connect())) return 1;
    if (lastFromInput) words.push(new TextDecoder().decode(await readAll(this.#process.stdin, this.#process.cancel)));
    let status = 0;
    for (let i = 0; repeat < 0 || i < repeat; i++) {
      status = await this.#command(words);
      if (interval > 0) await this.#process.sleep(interval);
    }
    return status;
  }

  async #scan(pattern: string | undefined): Promise<number> {
    if (!(await this.#connect())) return 1;
    let cursor = '0';
    do {
      const reply = await this.#ask(['SCAN', cursor, ...(pattern === undefined ? [] : ['MATCH', pattern])]);
      if (reply?.kind !== 'array') return 1;
      const [next, keys] = reply.items;
      cursor = next?.kind === 'bulk' ? next.text : '0';
      if (keys?.kind === 'array')
        for (const key of keys.items) if (key.kind === 'bulk') await this.#process.print(`${key.text}\n`);
    } while (cursor !== '0');
    return 0;
  }

  async #connect(): Promise<boolean> {
    const { host, port, password, user } = this.#options;
    const opened = await openBytes(this.#process, { host, port });
    if ('failure' in opened) {
      const why = {
        refused: 'Connection refused', timeout: 'Connection timed out', 'no-route': 'No route to host', 'no-socket': 'No such file or directory',
        'name-timeout': 'Temporary failure in name resolution', 'unknown-host': this.#process.machine.fs.exists('/etc/alpine-release') ? 'Name does not resolve' : 'Name or service not known',
      }[opened.failure]; // prettier-ignore
      await this.#process.printError(`Could not connect to Redis at ${host}:${port}: ${why}\n`);
      return false;
    }
    this.#connection = opened.connection;
    this.#reader = new RespReader(opened.connection.reader, this.#process.cancel);
    if (password !== undefined) {
      const reply = await this.#ask(user === undefined ? ['AUTH', password] : ['AUTH', user, password]);
      if (reply?.kind === 'error') await this.#process.printError(`AUTH failed: ${reply.text}\n`);
    }
    if (this.#db !== 0) await this.#ask(['SELECT', String(this.#db)]);
    return true;
  }

  /** @returns undefined when the server has gone */
  async #ask(words: readonly string[]): Promise<Reply | undefined> {
    try {
      await this.#connection!.writer.write(encodeCommand(words), this.#process.cancel);
      return await this.#reader!.reply();
    } catch (error) {
      if ((error as Error).name !== 'BrokenPipe') throw error;
      return undefined;
    }
  }

  async #command(words: readonly string[]): Promise<number> {
    const { raw, exitOnError, host, port } = this.#options;
    let reply = await this.#ask(words);
    const name = words[0]?.toLowerCase();
    if (!reply) {
      this.#connection = undefined;
      if (name === 'shutdown') return 0;
      await this.#process.printError(`Error: Server closed the connection\n`);
      if (!(await this.#connect())) return 1;
      reply = await this.#ask(words);
      if (!reply) return 1;
    }
    void host;
    void port;
    await this.#process.print(raw ? rawText(reply) : `${replyText(reply)}\n`);
    if (name === 'select' && reply.kind === 'status') this.#db = Number(words[1]);
    while ((name === 'monitor' || name === 'subscribe') && reply?.kind !== 'error') {
      reply = await this.#reader!.reply();
      if (!reply) break;
      await this.#process.print(raw ? rawText(reply) : `${replyText(reply)}\n`);
    }
    return exitOnError && reply?.kind === 'error' ? 1 : 0;
  }

  async #loop(): Promise<number> {
    const { host, port } = this.#options;
    const input = new PromptInput(this.#process);
    if (!(await this.#connect()) && !input.interactive) return 1;
    for (;;) {
      const prompt = this.#connection ? `${host}:${port}${this.#db === 0 ? '' : `[${this.#db}]`}> ` : 'not connected> ';
      const line = await input.line(prompt);
      if (line === undefined || typeof line !== 'string') return 0;
      const words = splitWords(line);
      if (!words) {
        await this.#process.print('Invalid argument(s)\n');
        continue;
      }
      if (words.length === 0) continue;
      const name = words[0]!.toLowerCase();
      if (name === 'quit' || name === 'exit') return 0;
      if (name === 'clear') {
        await this.#process.print('\x1b[H\x1b[2J');
        continue;
      }
      if (!this.#connection && !(await this.#connect())) continue;
      await this.#command(words);
    }
  }
}

function quoted(text: string): string {
  const escapes: Record<string, string> = {
    '"': '\\"',
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\x07': '\\a',
    '\b': '\\b',
  };
  let out = '';
  for (const byte of new TextEncoder().encode(text)) {
    const c = String.fromCharCode(byte);
    out += escapes[c] ?? (byte >= 32 && byte < 127 ? c : `\\x${byte.toString(16).padStart(2, '0')}`);
  }
  return `"${out}"`;
}

/** A reply as it is shown on a terminal. */
export function replyText(reply: Reply, indent = ''): string {
  switch (reply.kind) {
    case 'status':
      return reply.text;
    case 'error':
      return `(error) ${reply.text}`;
    case 'integer':
      return `(integer) ${reply.value}`;
    case 'null':
      return '(nil)';
    case 'bulk':
      return /^# \w+\r\n/.test(reply.text) ? reply.text.replaceAll('\r\n', '\n') : quoted(reply.text);
    case 'array': {
      if (reply.items.length === 0) return '(empty array)';
      const width = String(reply.items.length).length;
      const inner = `${indent}${' '.repeat(width + 2)}`;
      return reply.items
        .map((item, i) => `${i === 0 ? '' : indent}${String(i + 1).padStart(width)}) ${replyText(item, inner)}`)
        .join('\n');
    }
  }
}

/** A reply for other programs. */
function rawText(reply: Reply): string {
  const text = (r: Reply): string =>
    r.kind === 'null'
      ? ''
      : r.kind === 'integer'
        ? String(r.value)
        : r.kind === 'array'
          ? r.items.map(text).join('\n')
          : r.text;
  return `${text(reply)}\n${reply.kind === 'error' ? '\n' : ''}`;
}
