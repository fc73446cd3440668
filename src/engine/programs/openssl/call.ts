import { openInput, openOutput } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import { readPrivateKey, type PrivateKey } from '../../pki/keys.ts';
import { ToolError, type Tool } from '../lib/tool.ts';

/** One call of an openssl command: its options and the files that they name. */

/** Options by name: whether each takes a value. */
export type OpensslOptions = Readonly<Record<string, 'flag' | 'value'>>;

export class OpensslCall {
  readonly tool: Tool;
  readonly command: string;
  readonly operands: readonly string[];
  readonly #given: readonly (readonly [name: string, value: string])[];

  /** @throws ToolError for an option that the command lacks */
  constructor(tool: Tool, command: string, args: readonly string[], options: OpensslOptions) {
    this.tool = tool;
    this.command = command;
    const given: [string, string][] = [];
    const rest = [...args];
    while (rest.length > 0 && /^--?./.test(rest[0]!)) {
      const name = rest.shift()!.replace(/^--?/, '');
      const kind = Object.hasOwn(options, name) ? options[name] : undefined;
      if (!kind) throw this.wrong(`Unknown option: -${name}`);
      const value = kind === 'value' ? rest.shift() : '';
      if (value === undefined) throw this.wrong(`Option -${name} needs a value`);
      given.push([name, value]);
    }
    this.#given = given;
    this.operands = rest;
  }

  wrong(message: string): OpensslError {
    return new OpensslError(`${this.command}: ${message}\n${this.command}: Use -help for summary.`);
  }

  has(name: string): boolean {
    return this.#given.some(([given]) => given === name);
  }

  value(name: string): string | undefined {
    return this.#given.findLast(([given]) => given === name)?.[1];
  }

  values(name: string): string[] {
    return this.#given.filter(([given]) => given === name).map(([, value]) => value);
  }

  /** Names in the order given. */
  names(): string[] {
    return this.#given.map(([name]) => name);
  }

  /** A whole number. @throws OpensslError */
  number(name: string): number | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    if (!/^-?\d+$/.test(text)) throw this.wrong(`Non-numeric value "${text}" for option -${name}`);
    return Number(text);
  }

  /** Random bytes of the world's own stream. */
  readonly random = (bytes: number): Uint8Array => {
    const stream = this.tool.process.world.random.stream('openssl');
    return Uint8Array.from({ length: bytes }, () => stream.int(256));
  };

  get now(): number {
    return Math.floor(this.tool.process.world.clock.now() / 1000) * 1000;
  }

  /** A file's text, or that of stdin. @param what it is, for the message. @throws OpensslError */
  async read(path: string | undefined, what: string): Promise<string> {
    const { process } = this.tool;
    if (path === undefined || path === '-') return this.tool.readText(process.stdin);
    try {
      const reader = openInput(process, path);
      const text = await this.tool.readText(reader);
      reader.close();
      return text;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new OpensslError(`Could not open file or uri for loading ${what} from ${path}: ${error.message}`);
    }
  }

  async readKey(path: string | undefined, what = 'private key'): Promise<PrivateKey> {
    const text = await this.read(path, what);
    if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text))
      throw new ToolError('slipway: private keys with a pass phrase are not simulated');
    let key: PrivateKey | undefined;
    try {
      key = readPrivateKey(text);
    } catch {
      key = undefined;
    }
    if (!key) throw new OpensslError(`Could not find ${what} from ${path ?? '<stdin>'}`);
    return key;
  }

  /** Writes where `-out` says, or to stdout. */
  async write(text: string | Uint8Array, path: string | undefined, mode?: number): Promise<void> {
    if (path === undefined || path === '-') return this.tool.write(text);
    const { process } = this.tool;
    const writer = openOutput(process, path);
    await writer.write(typeof text === 'string' ? new TextEncoder().encode(text) : text, process.cancel);
    writer.close();
    if (mode !== undefined) this.tool.fs.setAttributes(this.tool.path(path), { mode });
  }

  async note(text: string): Promise<void> {
    await this.tool.flush();
    await this.tool.process.printError(text);
  }
}

/** Ends the command with a text as it stands and exit status 1. */
export class OpensslError extends Error {
  override name = 'OpensslError';
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}
