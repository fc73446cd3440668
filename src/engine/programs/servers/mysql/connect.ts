import type { Process } from '../../../process/index.ts';
import { LineReader } from '../../../world/index.ts';
import { SqlError } from '../../sql/error.ts';
import type { Result } from '../../sql/result.ts';
import { openBytes } from '../lib/connections.ts';
import type { ByteReader, Duplex } from '../../../world/index.ts';

/** The client's side of a connection to MySQL: for `mysql`, for its tools, and for lesson apps. */

export interface ConnectOptions {
  /** Undefined or `localhost`: the Unix socket. */
  host: string | undefined;
  port: number;
  user: string;
  password: string;
  database?: string | undefined;
  socket: string;
  /** How to put that no connection came about. */
  client: 'MySQL' | 'MySQL 5' | 'MariaDB';
  limit?: number;
}

/** Takes the greeting off the bytes; what follows are lines. */
async function readGreeting(reader: ByteReader, process: Process): Promise<{ rest: Uint8Array } | undefined> {
  let bytes = new Uint8Array();
  for (;;) {
    const length = bytes.length >= 4 ? bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) : undefined;
    if (length !== undefined && bytes[4] !== undefined && bytes[4] !== 10) return undefined;
    if (length !== undefined && bytes.length >= length + 4) return { rest: bytes.slice(length + 4) };
    const chunk = await reader.read(process.cancel);
    if (!chunk) return undefined;
    const grown = new Uint8Array(bytes.length + chunk.length);
    grown.set(bytes);
    grown.set(chunk, bytes.length);
    bytes = grown;
  }
}

/** @throws SqlError as the client library reports it: 2002, 2003, 2005, 2013, or what the server says */
export async function connectMysql(process: Process, options: ConnectOptions): Promise<MysqlConnection> {
  const { host, port, socket, client } = options;
  const local = host === undefined || host === 'localhost';
  const opened = await openBytes(
    process,
    local ? { path: socket } : { host, port, ...(options.limit ? { limit: options.limit } : undefined) },
  );
  if ('failure' in opened) {
    const number = opened.failure === 'timeout' ? 110 : opened.failure === 'no-route' ? 113 : 111;
    if (opened.failure === 'no-socket')
      throw new SqlError(
        2002,
        'HY000',
        `Can't connect to local ${client === 'MariaDB' ? '' : 'MySQL '}server through socket '${socket}' (2)`,
      );
    if (client === 'MariaDB') {
      if (opened.failure === 'unknown-host' || opened.failure === 'name-timeout')
        throw new SqlError(
          2005,
          'HY000',
          `Unknown server host '${host}' (${opened.failure === 'name-timeout' ? -3 : -2})`,
        );
      throw new SqlError(2002, 'HY000', `Can't connect to server on '${host}' (${number === 111 ? 115 : number})`);
    }
    if (opened.failure === 'unknown-host' || opened.failure === 'name-timeout')
      throw new SqlError(
        2005,
        'HY000',
        `Unknown MySQL server host '${host}' (${opened.failure === 'name-timeout' ? -3 : -2})`,
      );
    throw new SqlError(
      2003,
      'HY000',
      `Can't connect to MySQL server on '${host}${client === 'MySQL 5' ? '' : `:${port}`}' (${number})`,
    );
  }
  const { connection } = opened;
  const greeted = await readGreeting(connection.reader, process);
  if (!greeted) {
    connection.writer.close();
    throw new SqlError(
      2013,
      'HY000',
      "Lost connection to MySQL server at 'reading initial communication packet', system error: 0",
    );
  }
  const made = new MysqlConnection(process, connection, greeted.rest);
  const { user, password, database } = options;
  const answer = await made.ask({ login: { user, password, ...(database ? { database } : undefined) } });
  const ok = answer['ok'] as { connection: number; version: string; edition: string };
  made.id = ok.connection;
  made.version = ok.version;
  made.edition = ok.edition;
  return made;
}

export class MysqlConnection {
  id = 0;
  version = '';
  edition = '';
  readonly #process: Process;
  readonly #connection: Duplex;
  readonly #lines: LineReader;

  constructor(process: Process, connection: Duplex, first: Uint8Array) {
    this.#process = process;
    this.#connection = connection;
    let waiting: Uint8Array | undefined = first.length > 0 ? first : undefined;
    this.#lines = new LineReader({
      read: async (cancel) => {
        const now = waiting;
        waiting = undefined;
        return now ?? connection.reader.read(cancel);
      },
      close: () => connection.reader.close(),
    });
  }

  /** Sends a message and waits for the answer. @throws SqlError the server's, or 2013 when it is gone */
  async ask(message: object): Promise<Record<string, unknown>> {
    try {
      await this.#connection.writer.write(`${JSON.stringify(message)}\n`, this.#process.cancel);
    } catch (error) {
      if ((error as Error).name !== 'BrokenPipe') throw error;
      throw new SqlError(2006, 'HY000', 'MySQL server has gone away');
    }
    const line = await this.#lines.next(this.#process.cancel);
    if (line === undefined) throw new SqlError(2013, 'HY000', 'Lost connection to MySQL server during query');
    const answer = JSON.parse(line) as Record<string, unknown>;
    const error = answer['error'] as { code: number; state: string; message: string } | undefined;
    if (error) throw new SqlError(error.code, error.state, error.message);
    return answer;
  }

  /** Runs a statement. @throws SqlError */
  async query(sql: string): Promise<Result> {
    return (await this.ask({ query: sql }))['result'] as Result;
  }

  close(): void {
    this.#connection.writer.close();
    this.#connection.reader.close();
  }
}
