import type { Process } from '../../../process/index.ts';
import type { Result } from '../../sql/result.ts';
import { Messages, openBytes } from '../lib/connections.ts';
import { socketPath } from './server.ts';

/** The client's side of a connection to PostgreSQL. */

export interface ConnectOptions {
  /** Undefined: the Unix socket. */
  host: string | undefined;
  port: number;
  user: string;
  password?: string | undefined;
  database: string;
  limit?: number;
}

export interface ServerError {
  state: string;
  message: string;
  position?: number;
  detail?: string;
  hint?: string;
}

export type Answer = { result: Result; state: string } | { error: ServerError; state: string };

/** `needsPassword`: the server asked for one. The text is libpq's. */
export async function connectPostgres(
  process: Process,
  options: ConnectOptions,
): Promise<PostgresConnection | { failure: string; needsPassword?: boolean; refused?: boolean }> {
  const { host, port, user, password, database } = options;
  const local = host === undefined || host.startsWith('/');
  const opened = await openBytes(
    process,
    local ? { path: socketPath(port) } : { host, port, ...(options.limit ? { limit: options.limit } : undefined) },
  );
  const place = (address: string) =>
    local
      ? `connection to server on socket "${socketPath(port)}" failed: `
      : `connection to server at "${host}"${address === host || address === '' ? '' : ` (${address})`}, port ${port} failed: `;
  if ('failure' in opened) {
    if (opened.failure === 'unknown-host')
      return { failure: `could not translate host name "${host}" to address: Name or service not known` };
    if (opened.failure === 'name-timeout')
      return { failure: `could not translate host name "${host}" to address: Temporary failure in name resolution` };
    const why = {
      'no-socket': 'No such file or directory',
      refused: 'Connection refused',
      timeout: 'Connection timed out',
      'no-route': 'No route to host',
    }[opened.failure];
    const address = opened.address ?? '';
    return {
      failure: `${place(address)}${why}\n\tIs the server running ${local ? 'locally and accepting connections on that socket' : 'on that host and accepting TCP/IP connections'}?`,
      refused: true,
    };
  }
  const messages = new Messages(opened.connection, process.cancel);
  await messages.send({ login: { user, database, ...(password === undefined ? undefined : { password }) } });
  const answer = await messages.receive();
  if (answer && 'ok' in answer) {
    const { version, superuser } = answer['ok'] as { version: string; superuser: boolean };
    return new PostgresConnection(messages, version, superuser, opened.address);
  }
  messages.close();
  if (answer && 'password' in answer)
    return { failure: `${place(opened.address)}fe_sendauth: no password supplied`, needsPassword: true };
  if (answer && 'fatal' in answer) return { failure: `${place(opened.address)}FATAL:  ${String(answer['fatal'])}` };
  return {
    failure: `${place(opened.address)}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.`,
  };
}

export class PostgresConnection {
  readonly version: string;
  readonly superuser: boolean;
  readonly address: string;
  readonly #messages: Messages;

  constructor(messages: Messages, version: string, superuser: boolean, address: string) {
    this.#messages = messages;
    this.version = version;
    this.superuser = superuser;
    this.address = address;
  }

  /** @returns undefined when the server has gone */
  async ask(message: object): Promise<Record<string, unknown> | undefined> {
    try {
      await this.#messages.send(message);
      return (await this.#messages.receive()) ?? undefined;
    } catch (error) {
      if ((error as Error).name !== 'BrokenPipe') throw error;
      return undefined;
    }
  }

  async query(sql: string): Promise<Answer> {
    const answer = await this.ask({ query: sql });
    return (
      (answer as unknown as Answer | undefined) ?? {
        error: { state: '57P01', message: 'terminating connection due to administrator command' },
        state: 'gone',
      }
    );
  }

  close(): void {
    this.#messages.close();
  }
}
