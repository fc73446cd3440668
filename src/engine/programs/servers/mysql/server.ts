import type { Peer } from '../../../network/index.ts';
import type { Process, Program } from '../../../process/index.ts';
import { concatBytes, toBytes, type Cancellation, type Duplex } from '../../../world/index.ts';
import type { Account } from '../../sql/database.ts';
import { SqlError } from '../../sql/error.ts';
import { SqlSession } from '../../sql/session.ts';
import { Connections, Messages } from '../lib/connections.ts';
import { AddressInUse, untilSignal } from '../service.ts';
import { dataDirectory, initializeData, openEngine, type MysqlEngine } from './engine.ts';
import { flavorOf, logLine, type Flavor, type Level } from './flavor.ts';

/** mysqld and mariadbd. */

interface ServerOptions {
  directory: string;
  port: number;
  networking: boolean;
  initialize: boolean;
  bind: string;
}

function optionsOf(argv: readonly string[]): ServerOptions | { unknown: string } {
  const options: ServerOptions = {
    directory: dataDirectory,
    port: 3306,
    networking: true,
    initialize: false,
    bind: '*',
  };
  for (let i = 1; i < argv.length; i++) {
    const [name = '', attached] = argv[i]!.replace(/^--?/, '').split(/=(.*)/s);
    const key = name.replaceAll('_', '-');
    const value = () => attached ?? argv[++i] ?? '';
    if (key === 'datadir') options.directory = value().replace(/\/$/, '');
    else if (key === 'port' || key === 'P') options.port = Number(value());
    else if (key === 'skip-networking') options.networking = attached === '0' || attached === 'OFF';
    else if (key === 'initialize-insecure' || key === 'initialize') options.initialize = true;
    else if (key === 'bind-address') options.bind = value();
    else if (!accepted.has(key)) return { unknown: argv[i]! };
  }
  return options;
}

/** Settings without an effect that shows here: there is one character set, and no tuning. */
const accepted = new Set([
  'character-set-server', 'collation-server', 'default-authentication-plugin', 'authentication-policy', 'max-connections', 'innodb-buffer-pool-size', 'user', 'console',
  'skip-name-resolve', 'log-error', 'mysql-native-password', 'lower-case-table-names', 'max-allowed-packet', 'explicit-defaults-for-timestamp', 'innodb-use-native-aio', 'server-id', 'wait-timeout', 'general-log', 'sql-mode', 'skip-ssl',
]); // prettier-ignore

export const mysqld: Program = async (process) => {
  const flavor = flavorOf(process);
  if (process.argv.includes('--version') || process.argv.includes('-V')) {
    await process.print(
      `/usr/sbin/${flavor.daemon}  Ver ${flavor.versionText} for Linux on x86_64 (${flavor.edition})\n`,
    );
    return 0;
  }
  const log = (level: Level, code: string, text: string, part?: string) =>
    process.printError(logLine(process, flavor, level, code, text, part));
  const options = optionsOf(process.argv);
  if ('unknown' in options) {
    await log(
      'ERROR',
      'MY-000067',
      `unknown ${options.unknown.includes('=') ? 'variable' : 'option'} '${options.unknown.replace(/^--/, options.unknown.includes('=') ? '' : '--')}'`,
    );
    await log('ERROR', 'MY-010119', 'Aborting');
    return flavor.product === 'MariaDB' ? 7 : 1;
  }
  if (options.initialize) return initialize(process, flavor, options, log);
  return new MysqlServer(process, flavor, options, log).run();
};

type Log = (level: Level, code: string, text: string, part?: string) => Promise<void>;

async function initialize(process: Process, flavor: Flavor, { directory }: ServerOptions, log: Log): Promise<number> {
  const { fs } = process.machine;
  const present = fs.exists(directory) ? fs.readdir(directory) : [];
  if (!flavor.old)
    await log(
      'System',
      'MY-013169',
      `/usr/sbin/mysqld (mysqld ${flavor.version}) initializing of server in progress as process ${process.pid}`,
    );
  if (present.length > 0) {
    await log('ERROR', 'MY-010457', '--initialize specified but the data directory has files in it. Aborting.');
    if (!flavor.old)
      await log(
        'ERROR',
        'MY-013236',
        `The designated data directory ${directory}/ is unusable. You can remove all files that the server added to it.`,
      );
    await log('ERROR', 'MY-010119', 'Aborting');
    return 1;
  }
  if (!flavor.old) await log('System', 'MY-013576', 'InnoDB initialization has started.', 'InnoDB');
  await process.cpu(2200);
  initializeData(process, flavor, directory);
  if (!flavor.old) await log('System', 'MY-013577', 'InnoDB initialization has ended.', 'InnoDB');
  await process.cpu(1400);
  await process.sleep(2400);
  await log(
    'Warning',
    'MY-010453',
    'root@localhost is created with an empty password ! Please consider switching off the --initialize-insecure option.',
  );
  return 0;
}

class MysqlServer {
  readonly #process: Process;
  readonly #flavor: Flavor;
  readonly #options: ServerOptions;
  readonly #log: Log;
  readonly #connections: Connections;
  #engine!: MysqlEngine;
  #nextConnection: number;

  constructor(process: Process, flavor: Flavor, options: ServerOptions, log: Log) {
    this.#process = process;
    this.#flavor = flavor;
    this.#options = options;
    this.#log = log;
    this.#connections = new Connections(process);
    this.#nextConnection = flavor.old ? 2 : 8;
  }

  async run(): Promise<number> {
    const process = this.#process;
    const flavor = this.#flavor;
    const { directory, port, networking } = this.#options;
    if (!flavor.old && flavor.product === 'MySQL')
      await this.#log(
        'System',
        'MY-010116',
        `/usr/sbin/mysqld (mysqld ${flavor.version}) starting as process ${process.pid}`,
      );
    else
      await this.#log(
        'Note',
        '',
        `${flavor.old ? 'mysqld (mysqld ' : 'Starting MariaDB '}${flavor.versionText}${flavor.old ? ')' : ''} starting as process ${process.pid} ...`,
      );
    if (!process.machine.fs.exists(`${directory}/mysql`)) {
      await this.#log(
        'ERROR',
        'MY-010457',
        flavor.product === 'MariaDB'
          ? "Fatal error: Can't open and lock privilege tables: Table 'mysql.db' doesn't exist"
          : `Failed to find valid data directory.`,
      );
      await this.#log('ERROR', 'MY-010119', 'Aborting');
      return 1;
    }
    const canWrite =
      process.user.uid === 0 || process.machine.fs.lookup(`${directory}/mysql`)?.uid === process.user.uid;
    if (!canWrite || process.machine.fs.readOnly) {
      await this.#log(
        'ERROR',
        'MY-010187',
        `Could not open file '${directory}/ibdata1' for error logging: Permission denied`,
      );
      await this.#log('ERROR', 'MY-010119', 'Aborting');
      return 1;
    }
    if (!flavor.old && flavor.product === 'MySQL')
      await this.#log('System', 'MY-013576', 'InnoDB initialization has started.', 'InnoDB');
    await process.cpu(450);
    await process.sleep(600);
    if (!flavor.old && flavor.product === 'MySQL')
      await this.#log('System', 'MY-013577', 'InnoDB initialization has ended.', 'InnoDB');
    this.#engine = openEngine(process, flavor, directory);
    const server = this.#connections.server((connection, peer, cancel) => this.#serve(connection, peer, cancel));
    const listeners = [];
    try {
      if (networking)
        listeners.push(
          process.machine.net.listen(port, server, this.#options.bind === '127.0.0.1' ? '127.0.0.1' : '0.0.0.0', {
            pid: process.pid,
            name: flavor.daemon,
          }),
        );
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      await this.#log('ERROR', 'MY-010262', "Can't start server: Bind on TCP/IP port: Address already in use");
      await this.#log('ERROR', 'MY-010257', `Do you already have another mysqld server running on port: ${port} ?`);
      await this.#log('ERROR', 'MY-010119', 'Aborting');
      return 1;
    }
    this.#connections.listenUnix(flavor.socket, server);
    try {
      await this.#ready(networking ? port : 0);
      const signal = await untilSignal(process, ['SIGTERM', 'SIGQUIT']);
      void signal;
      if (flavor.product === 'MySQL' && !flavor.old)
        await this.#log(
          'System',
          'MY-013172',
          `Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: ${flavor.version}).`,
        );
      else
        await this.#log(
          'Note',
          '',
          flavor.old
            ? 'Giving 0 client threads a chance to die gracefully'
            : `${flavor.daemon} (initiated by: unknown): Normal shutdown`,
        );
    } finally {
      for (const listener of listeners) listener.close();
      this.#connections.close();
    }
    await process.sleep(700);
    await this.#log(
      'System',
      'MY-010910',
      `${flavor.product === 'MySQL' && !flavor.old ? '/usr/sbin/' : ''}${flavor.daemon}: Shutdown complete${flavor.product === 'MySQL' && !flavor.old ? ` (mysqld ${flavor.version})  MySQL Community Server - GPL.` : ''}`,
    );
    return 0;
  }

  async #ready(port: number): Promise<void> {
    const { daemon, versionText, socket, edition, old, product } = this.#flavor;
    if (product === 'MySQL' && !old) {
      await this.#log('Warning', 'MY-010068', 'CA certificate ca.pem is self signed.');
      await this.#log(
        'System',
        'MY-010931',
        `/usr/sbin/mysqld: ready for connections. Version: '${versionText}'  socket: '${socket}'  port: ${port}  MySQL Community Server - GPL.`,
      );
      return;
    }
    await this.#log('Note', '', `${daemon}: ready for connections.`);
    await this.#process.printError(`Version: '${versionText}'  socket: '${socket}'  port: ${port}  ${edition}\n`);
  }

  async #serve(connection: Duplex, peer: Peer | undefined, cancel: Cancellation): Promise<void> {
    const id = this.#nextConnection++;
    const { world } = this.#process;
    await connection.writer.write(greeting(this.#flavor, id), cancel);
    const messages = new Messages(connection, cancel);
    const hello = await messages.receive();
    const login = hello?.['login'] as { user: string; password: string; database?: string } | undefined;
    if (!login) {
      if (hello === null) await connection.writer.write(errorPacket(1156, '08S01', 'Got packets out of order'), cancel);
      return;
    }
    const host = peer?.address === undefined ? 'localhost' : peer.address;
    const account = this.#authenticate(login.user, host, login.password);
    if (!account)
      return messages.send(
        failure(
          new SqlError(
            1045,
            '28000',
            `Access denied for user '${login.user}'@'${host}' (using password: ${login.password === '' ? 'NO' : 'YES'})`,
          ),
        ),
      );
    const session = new SqlSession(this.#engine, account, `${login.user}@${host}`, id, undefined);
    try {
      if (login.database) session.use(login.database);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      return messages.send(failure(error));
    }
    const entry = { user: login.user, host, session, last: world.clock.now() };
    this.#engine.connections.set(id, entry);
    try {
      await messages.send({ ok: { connection: id, version: this.#flavor.versionText, edition: this.#flavor.edition } });
      for (let message = await messages.receive(); message; message = await messages.receive()) {
        entry.last = world.clock.now();
        if ('shutdown' in message) {
          await messages.send({ result: { tag: '', affected: 0 } });
          void this.#process.machine.processes.signal(this.#process.pid, 'SIGTERM');
          return;
        }
        this.#engine.queries++;
        this.#process.charge(0.3);
        await this.#answer(session, String(message['query'] ?? ''), messages);
      }
    } finally {
      this.#engine.connections.delete(id);
    }
  }

  async #answer(session: SqlSession, query: string, messages: Messages): Promise<void> {
    try {
      const result = session.run(query) ?? { error: true };
      if (session.delay > 0) await this.#process.world.sleep(session.delay, this.#process.cancel);
      if ('error' in result) throw new SqlError(1065, '42000', 'Query was empty');
      await messages.send({ result, state: session.state });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      await messages.send(failure(error));
    }
  }

  /** The account that fits a user and host best. */
  #authenticate(user: string, host: string, password: string): Account | undefined {
    const fits = (a: Account) =>
      a.host === '%' || a.host === host || (a.host.endsWith('%') && host.startsWith(a.host.slice(0, -1)));
    const best = this.#engine.catalog.accounts
      .filter((a) => a.name === user && fits(a))
      .sort((a, b) => Number(a.host.includes('%')) - Number(b.host.includes('%')) || b.host.length - a.host.length)[0];
    return best && (best.password ?? '') === password ? best : undefined;
  }
}

function failure({ code, state, message }: SqlError): object {
  return { error: { code, state, message } };
}

function packet(sequence: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  return concatBytes([Uint8Array.from([length & 255, (length >> 8) & 255, length >> 16, sequence]), payload]);
}

/** The handshake that a server begins with (protocol 10): version, connection, part of the salt, capabilities. */
function greeting(flavor: Flavor, id: number): Uint8Array {
  const plugin = flavor.old || flavor.product === 'MariaDB' ? 'mysql_native_password' : 'caching_sha2_password';
  const prefix = flavor.product === 'MariaDB' ? '5.5.5-' : '';
  const salt = (from: number, n: number) =>
    Uint8Array.from({ length: n }, (_, i) => 33 + ((id * 37 + (from + i) * 11) % 90));
  return packet(
    0,
    concatBytes([
      Uint8Array.from([10]),
      toBytes(`${prefix}${flavor.versionText}\0`),
      Uint8Array.from([id & 255, id >> 8, 0, 0]),
      salt(0, 8),
      Uint8Array.from([0, 0xff, 0xff, flavor.old ? 8 : 255, 2, 0, 0xff, 0xdf, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      salt(8, 12),
      toBytes(`\0${plugin}\0`),
    ]),
  );
}

function errorPacket(code: number, state: string, message: string): Uint8Array {
  return packet(1, concatBytes([Uint8Array.from([255, code & 255, code >> 8]), toBytes(`#${state}${message}`)]));
}
