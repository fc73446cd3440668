import { toBytes, type ByteReader, type Cancellation } from '../../../world/index.ts';

/** RESP2, the protocol of Redis. */

export type Reply =
  | { kind: 'status' | 'error' | 'bulk'; text: string }
  | { kind: 'integer'; value: number }
  | { kind: 'null' }
  | { kind: 'array'; items: readonly Reply[] };

export const ok: Reply = { kind: 'status', text: 'OK' };
export const nil: Reply = { kind: 'null' };
export const integer = (value: number): Reply => ({ kind: 'integer', value });
export const bulk = (text: string | undefined): Reply => (text === undefined ? nil : { kind: 'bulk', text });
export const array = (items: readonly Reply[]): Reply => ({ kind: 'array', items });
export const bulks = (texts: Iterable<string>): Reply => array([...texts].map(bulk));
export const error = (text: string): Reply => ({ kind: 'error', text });

export function encodeReply(reply: Reply): string {
  switch (reply.kind) {
    case 'status':
      return `+${reply.text}\r\n`;
    case 'error':
      return `-${reply.text}\r\n`;
    case 'integer':
      return `:${reply.value}\r\n`;
    case 'null':
      return '$-1\r\n';
    case 'bulk':
      return `$${toBytes(reply.text).length}\r\n${reply.text}\r\n`;
    case 'array':
      return `*${reply.items.length}\r\n${reply.items.map(encodeReply).join('')}`;
  }
}

export function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((w) => `$${toBytes(w).length}\r\n${w}\r\n`).join('')}`;
}

/** The stream is not RESP. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

/** Longest line or text that is taken. */
const limit = 1 << 20;

const decoder = new TextDecoder();

/** Takes RESP off a stream of bytes. */
export class RespReader {
  readonly #reader: ByteReader;
  readonly #cancel: Cancellation;
  #rest = new Uint8Array();

  constructor(reader: ByteReader, cancel: Cancellation) {
    this.#reader = reader;
    this.#cancel = cancel;
  }

  /** @returns whether more came */
  async #more(): Promise<boolean> {
    const chunk = await this.#reader.read(this.#cancel);
    if (!chunk) return false;
    const grown = new Uint8Array(this.#rest.length + chunk.length);
    grown.set(this.#rest);
    grown.set(chunk, this.#rest.length);
    this.#rest = grown;
    return true;
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const at = this.#rest.indexOf(10);
      if (at >= 0) {
        const line = decoder.decode(this.#rest.subarray(0, at)).replace(/\r$/, '');
        this.#rest = this.#rest.slice(at + 1);
        return line;
      }
      if (this.#rest.length > limit) throw new ProtocolError('too big inline request');
      if (!(await this.#more())) return undefined;
    }
  }

  async #text(length: number): Promise<string | undefined> {
    while (this.#rest.length < length + 2) if (!(await this.#more())) return undefined;
    const text = decoder.decode(this.#rest.subarray(0, length));
    this.#rest = this.#rest.slice(length + 2);
    return text;
  }

  /** A client's command: RESP, or a line as a person types it. Undefined at the end. @throws ProtocolError */
  async command(): Promise<string[] | undefined> {
    const line = await this.#line();
    if (line === undefined) return undefined;
    if (!line.startsWith('*'))
      return splitWords(line) ?? Promise.reject(new ProtocolError('unbalanced quotes in request'));
    const count = Number(line.slice(1));
    if (!Number.isInteger(count) || count > 1 << 20) throw new ProtocolError('invalid multibulk length');
    const words: string[] = [];
    for (let i = 0; i < count; i++) {
      const head = await this.#line();
      if (head === undefined) return undefined;
      if (!head.startsWith('$')) throw new ProtocolError(`expected '$', got '${head[0] ?? ''}'`);
      const length = Number(head.slice(1));
      if (!Number.isInteger(length) || length < 0 || length > limit) throw new ProtocolError('invalid bulk length');
      const word = await this.#text(length);
      if (word === undefined) return undefined;
      words.push(word);
    }
    return words;
  }

  /** A server's answer; undefined at the end. */
  async reply(): Promise<Reply | undefined> {
    const line = await this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return { kind: 'status', text: rest };
      case '-':
        return { kind: 'error', text: rest };
      case ':':
        return integer(Number(rest));
      case '$': {
        if (Number(rest) < 0) return nil;
        const text = await this.#text(Number(rest));
        return text === undefined ? undefined : bulk(text);
      }
      case '*': {
        if (Number(rest) < 0) return nil;
        const items: Reply[] = [];
        for (let i = 0; i < Number(rest); i++) {
          const item = await this.reply();
          if (!item) return undefined;
          items.push(item);
        }
        return array(items);
      }
      default:
        throw new ProtocolError(`Protocol error, got "${line[0] ?? ''}" as reply type byte`);
    }
  }
}

/** Words of a line with quotes as Redis reads them; undefined if a quote is left open. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|'((?:[^'\\]|\\.)*)'(?=\s|$)|([^\s"']+))/y;
  for (let at = 0; line.slice(at).trim() !== ''; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (!match) return undefined;
    const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
    words.push(
      match[1]?.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex?: string, c?: string) =>
        hex ? String.fromCharCode(parseInt(hex, 16)) : (escapes[c!] ?? c!),
      ) ??
        match[2]?.replace(/\\'/g, "'") ??
        match[3]!,
    );
  }
  return words;
}
