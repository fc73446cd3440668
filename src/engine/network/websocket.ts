import { sha1 } from '@noble/hashes/legacy.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { concatBytes, type ByteReader, type Cancellation, type Duplex } from '../world/index.ts';

/** WebSocket frames (RFC 6455) over a connection that has been upgraded. */

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The answer to a client's `Sec-WebSocket-Key`. */
export function websocketAccept(key: string): string {
  const bytes = sha1(utf8ToBytes(key + guid));
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const four = alphabet[n >> 18]! + alphabet[(n >> 12) & 63]! + alphabet[(n >> 6) & 63]! + alphabet[n & 63]!;
    text += bytes.length - i >= 3 ? four : four.slice(0, bytes.length - i + 1).padEnd(4, '=');
  }
  return text;
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A message that is longer than this (bytes) ends the connection. */
const messageLimit = 64 << 20;

/** One end of a WebSocket connection. */
export class WebSocketConnection {
  readonly #connection: Duplex;
  readonly #input: BufferedReader;
  /** Clients mask what they send; gives four bytes. */
  readonly #mask: (() => Uint8Array) | undefined;
  #closed = false;

  constructor(connection: Duplex, mask?: () => Uint8Array) {
    this.#connection = connection;
    this.#input = new BufferedReader(connection.reader);
    this.#mask = mask;
  }

  /** The next message; undefined when the other end has closed the connection. */
  async receive(cancel?: Cancellation): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const head = await this.#input.take(2, cancel);
      if (!head) return undefined;
      let length = head[1]! & 0x7f;
      if (length >= 126) {
        const extended = await this.#input.take(length === 126 ? 2 : 8, cancel);
        if (!extended) return undefined;
        length = extended.reduce((n, byte) => n * 256 + byte, 0);
      }
      size += length;
      if (size > messageLimit) return undefined;
      const mask = head[1]! & 0x80 ? await this.#input.take(4, cancel) : undefined;
      const body = length > 0 ? await this.#input.take(length, cancel) : new Uint8Array();
      if (!body) return undefined;
      const data = mask ? body.map((byte, i) => byte ^ mask[i & 3]!) : body;
      const opcode = head[0]! & 0x0f;
      if (opcode === opcodes.close) {
        await this.#frame(opcodes.close, data.subarray(0, 2));
        return undefined;
      }
      if (opcode === opcodes.ping) await this.#frame(opcodes.pong, data);
      if (opcode >= opcodes.close) continue;
      parts.push(data);
      if (head[0]! & 0x80) return concatBytes(parts);
    }
  }

  /** Sends a binary message. */
  send(data: Uint8Array): Promise<void> {
    return this.#frame(opcodes.binary, data);
  }

  /** Sends a text message, given as its UTF-8 bytes. */
  sendText(data: Uint8Array): Promise<void> {
    return this.#frame(opcodes.text, data);
  }

  /** Says that nothing will follow. */
  async close(code = 1000): Promise<void> {
    if (this.#closed) return;
    await this.#frame(opcodes.close, Uint8Array.of(code >> 8, code & 255));
    this.#closed = true;
    this.#connection.writer.close();
  }

  async #frame(opcode: number, data: Uint8Array): Promise<void> {
    if (this.#closed) return;
    const mask = this.#mask?.();
    const flag = mask ? 0x80 : 0;
    const head = [0x80 | opcode];
    if (data.length < 126) head.push(flag | data.length);
    else if (data.length < 65_536) head.push(flag | 126, data.length >> 8, data.length & 255);
    else {
      head.push(flag | 127);
      for (let shift = 56; shift >= 0; shift -= 8) head.push(Math.floor(data.length / 2 ** shift) & 255);
    }
    const body = mask ? data.map((byte, i) => byte ^ mask[i & 3]!) : data;
    await this.#connection.writer.write(concatBytes([Uint8Array.from([...head, ...(mask ?? [])]), body]));
  }
}

/** Reads a byte stream in pieces of a wanted size. */
class BufferedReader {
  readonly #reader: ByteReader;
  #rest = new Uint8Array();

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  async take(length: number, cancel?: Cancellation): Promise<Uint8Array | undefined> {
    const chunks = [this.#rest];
    let size = this.#rest.length;
    while (size < length) {
      const chunk = await this.#reader.read(cancel);
      if (!chunk) return undefined;
      chunks.push(new Uint8Array(chunk));
      size += chunk.length;
    }
    const all = concatBytes(chunks);
    this.#rest = new Uint8Array(all.subarray(length));
    return all.subarray(0, length);
  }
}
