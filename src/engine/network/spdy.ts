import { Inflate } from 'fflate';
import {
  Channel,
  concatBytes,
  toBytes,
  type ByteReader,
  type ByteWriter,
  type Cancellation,
  type Duplex,
  type World,
} from '../world/index.ts';

/** SPDY/3.1 framing: several streams over one connection, as Kubernetes' older streaming clients speak it. */

const frameTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const;
const flagFin = 1;

/** A frame that is longer than this (bytes) ends the connection. */
const frameLimit = 16 << 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder('latin1');

/** The words that both ends' header compression starts from (SPDY Protocol, draft 3.1, section 2.6.10.1). */
export const spdyDictionary = makeDictionary(
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
    'authorization cache-control connection content-base content-encoding content-language content-length ' +
    'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
    'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
    'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
    'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
    'keep-alive origin',
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
    '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden' +
    '404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable' +
    'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
    'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,' +
    'publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.',
);

function makeDictionary(names: string, values: string): Uint8Array {
  const entries = names.split(' ').map((name) => lengthPrefixed(name.replace('_', ' ')));
  return concatBytes([...entries, encoder.encode(values)]);
}

function lengthPrefixed(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return concatBytes([uint32(bytes.length), bytes]);
}

function uint32(n: number): Uint8Array {
  return Uint8Array.of((n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export type SpdyHeaders = Readonly<Record<string, string>>;

/** Reads the header blocks of one direction: they are one zlib stream. */
class HeaderReader {
  #first = true;
  #output: Uint8Array[] = [];
  readonly #inflate = new Inflate({ dictionary: spdyDictionary }, (chunk) => this.#output.push(chunk));

  /** @throws Error for data that is not one */
  read(block: Uint8Array): SpdyHeaders {
    // The zlib header with the dictionary's checksum.
    const skip = this.#first ? ((block[1] ?? 0) & 0x20 ? 6 : 2) : 0;
    this.#first = false;
    this.#inflate.push(block.slice(skip));
    const bytes = concatBytes([...this.#output, new Uint8Array()]);
    this.#output = [];
    const headers: Record<string, string> = {};
    let at = 4;
    const text = () => {
      const length = readUint32(bytes, at);
      const value = decoder.decode(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
      return value;
    };
    const count = bytes.length < 4 ? 0 : readUint32(bytes, 0);
    for (let i = 0; i < count && at + 4 <= bytes.length; i++) {
      const name = text();
      headers[name] = text().replaceAll('\0', ', ');
    }
    return headers;
  }
}

/** An empty stored block: receivers hand out what they have when they see it. */
const syncFlush = Uint8Array.of(0, 0, 0, 0xff, 0xff);

/** Writes header blocks as stored blocks of one zlib stream: they are few and short. */
class HeaderWriter {
  #first = true;

  write(headers: SpdyHeaders): Uint8Array {
    const entries = Object.entries(headers);
    const pairs = entries.flatMap(([name, value]) => [lengthPrefixed(name.toLowerCase()), lengthPrefixed(value)]);
    const block = concatBytes([uint32(entries.length), ...pairs]);
    const { length } = block;
    const stored = Uint8Array.of(0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255);
    const start = this.#first ? Uint8Array.of(0x78, 0x20, 0xe3, 0xc6, 0xa7, 0xc2) : new Uint8Array();
    this.#first = false;
    return concatBytes([start, stored, block, syncFlush]);
  }
}

/** One stream of a connection. */
export class SpdyStream implements Duplex {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly reader: ByteReader;
  readonly writer: ByteWriter;
  readonly #incoming: Channel<Uint8Array>;

  constructor(world: World, id: number, headers: SpdyHeaders, send: (data: Uint8Array, fin: boolean) => Promise<void>) {
    this.id = id;
    this.headers = headers;
    const incoming = new Channel<Uint8Array>(world.queue);
    this.#incoming = incoming;
    this.reader = { read: (cancel) => incoming.receive(cancel), close: () => incoming.close() };
    let closed = false;
    this.writer = {
      write: async (data) => {
        const bytes = toBytes(data);
        if (!closed && bytes.length > 0) await send(bytes, false);
      },
      close: () => {
        if (closed) return;
        closed = true;
        void send(new Uint8Array(), true).catch(() => {});
      },
    };
  }

  received(data: Uint8Array, fin: boolean): void {
    if (data.length > 0) this.#incoming.send(data);
    if (fin) this.#incoming.close();
  }
}

/** One end of a connection. Flow control is left out, as Kubernetes' implementation does. */
export class SpdyConnection {
  readonly #world: World;
  readonly #connection: Duplex;
  readonly #reader = new HeaderReader();
  readonly #writer = new HeaderWriter();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #accepted: Channel<SpdyStream>;
  #nextId: number;
  #closed = false;

  /** @param side clients open streams with odd numbers, servers with even ones */
  constructor(world: World, connection: Duplex, side: 'client' | 'server') {
    this.#world = world;
    this.#connection = connection;
    this.#nextId = side === 'client' ? 1 : 2;
    this.#accepted = new Channel(world.queue);
  }

  /** Opens a stream towards the other end. */
  async open(headers: SpdyHeaders): Promise<SpdyStream> {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = this.#add(id, headers);
    await this.#control(frameTypes.synStream, 0, [
      uint32(id),
      uint32(0),
      Uint8Array.of(0, 0),
      this.#writer.write(headers),
    ]);
    return stream;
  }

  /** The next stream that the other end opens; undefined when the connection has ended. */
  accept(cancel?: Cancellation): Promise<SpdyStream | undefined> {
    return this.#accepted.receive(cancel);
  }

  /** Forgets a stream that both ends are done with. */
  forget(stream: SpdyStream): void {
    this.#streams.delete(stream.id);
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#control(frameTypes.goAway, 0, [uint32(0), uint32(0)])
      .catch(() => {})
      .finally(() => this.#connection.writer.close());
    this.#end();
  }

  /** Reads frames until the connection ends. */
  async run(cancel?: Cancellation): Promise<void> {
    let rest = new Uint8Array();
    try {
      while (!this.#closed) {
        const chunk = await this.#connection.reader.read(cancel);
        if (!chunk) break;
        rest = new Uint8Array(rest.length > 0 ? concatBytes([rest, chunk]) : chunk);
        for (;;) {
          const length = rest.length < 8 ? Infinity : 8 + ((rest[5]! << 16) | (rest[6]! << 8) | rest[7]!);
          if (length > frameLimit && length !== Infinity) return;
          if (rest.length < length) break;
          await this.#frame(rest.subarray(0, length));
          rest = rest.subarray(length);
        }
      }
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#closed = true;
    this.#accepted.close();
    for (const stream of this.#streams.values()) stream.received(new Uint8Array(), true);
    this.#streams.clear();
  }

  async #frame(frame: Uint8Array): Promise<void> {
    const flags = frame[4]!;
    const body = frame.subarray(8);
    if (!(frame[0]! & 0x80)) {
      this.#streams.get(readUint32(frame, 0))?.received(body.slice(), (flags & flagFin) !== 0);
      return;
    }
    const id = body.length >= 4 ? readUint32(body, 0) & 0x7fffffff : 0;
    switch ((frame[2]! << 8) | frame[3]!) {
      case frameTypes.synStream: {
        const stream = this.#add(id, this.#reader.read(body.subarray(10)));
        await this.#control(frameTypes.synReply, 0, [uint32(id), this.#writer.write({})]);
        if (flags & flagFin) stream.received(new Uint8Array(), true);
        this.#accepted.send(stream);
        return;
      }
      case frameTypes.synReply:
      case frameTypes.headers:
        this.#reader.read(body.subarray(4));
        if (flags & flagFin) this.#streams.get(id)?.received(new Uint8Array(), true);
        return;
      case frameTypes.rstStream:
        this.#streams.get(id)?.received(new Uint8Array(), true);
        return;
      case frameTypes.ping:
        // Even numbers are the server's own.
        if (id % 2 !== this.#nextId % 2) await this.#control(frameTypes.ping, 0, [uint32(id)]);
        return;
      case frameTypes.goAway:
        this.#end();
    }
  }

  #add(id: number, headers: SpdyHeaders): SpdyStream {
    const stream = new SpdyStream(this.#world, id, headers, (data, fin) => this.#data(id, data, fin));
    this.#streams.set(id, stream);
    return stream;
  }

  async #data(id: number, data: Uint8Array, fin: boolean): Promise<void> {
    if (this.#closed) return;
    const head = concatBytes([uint32(id), uint32((fin ? flagFin << 24 : 0) | data.length)]);
    await this.#connection.writer.write(concatBytes([head, data]));
  }

  async #control(type: number, flags: number, parts: readonly Uint8Array[]): Promise<void> {
    const body = concatBytes([...parts, new Uint8Array()]);
    const head = concatBytes([Uint8Array.of(0x80, 3, 0, type), uint32((flags << 24) | body.length)]);
    await this.#connection.writer.write(concatBytes([head, body]));
  }
}
