import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Peer } from '../../../network/index.ts';
import type { Process, Program } from '../../../process/index.ts';
import type { Cancellation, Duplex } from '../../../world/index.ts';
import { Catalog, type Database } from '../../sql/database.ts';
import { SqlError, notSimulated } from '../../sql/error.ts';
import { SqlSession, type SqlServer } from '../../sql/session.ts';
import { formatTimestamp } from '../../sql/values.ts';
import { Connections, Messages } from '../lib/connections.ts';
import { DatabaseFiles } from '../lib/database-files.ts';
import { AddressInUse, untilSignal } from '../service.ts';
import { describeTable, systemTable } from './catalog.ts';
import { postgresDialect } from './dialect.ts';

/** The postgres server. */

export const socketPath = (port: number): string => `/var/run/postgresql/.s.PGSQL.${port}`;

/** The account of the machine that owns the files. */
export const postgresOwner = { uid: 999, gid: 999 };

export function dataDirectory(process: Process): string {
  return (process.env.get('PGDATA') ?? '/var/lib/postgresql/data').replace(/\/$/, '');
}

export function versionOf(process: Process): { version: string; text: string } {
  const full = process.env.get('PG_VERSION') ?? '18.1-1.pgdg13+2';
  const version = full.replace(/-.*$/, '');
  const alpine = process.machine.fs.exists('/etc/alpine-release');
  return {
    version,
    text: alpine
      ? `PostgreSQL ${version} on x86_64-pc-linux-musl, compiled by gcc (Alpine 14.2.0) 14.2.0, 64-bit`
      : `PostgreSQL ${version} (Debian ${version}-1.pgdg13+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 14.2.0-19) 14.2.0, 64-bit`,
  };
}

export function filesOf(process: Process, directory: string): DatabaseFiles {
  const owner = process.user.uid === 0 ? postgresOwner : { uid: process.user.uid, gid: process.user.gid };
  return new DatabaseFiles(
    process.machine.fs,
    {
      catalog: `${directory}/global/pg_catalog`,
      directory: (database) => `${directory}/base/${database.name}`,
      table: (database, table) => `${directory}/base/${database.name}/${table}`,
    },
    owner,
  );
}

export const postgres: Program = async (process) => {
  const args = process.argv.slice(1);
  if (args.includes('--version') || args.includes('-V')) {
    await process.print(`postgres (PostgreSQL) ${versionOf(process).version}\n`);
    return 0;
  }
  let port = 5432;
  let networking = true;
  let directory = dataDirectory(process);
  for (let i = 0; i < args.length; i++) {
    const setting = args[i] === '-c' ? (args[++i] ?? '') : (/^--([\w.]+=.*)$/.exec(args[i]!)?.[1] ?? '');
    const [name, value = ''] = setting.split(/=(.*)/s);
    if (name === 'port') port = Number(value);
    else if (name === 'listen_addresses') networking = value.replace(/'/g, '') !== '';
    else if (args[i] === '-p') port = Number(args[++i]);
    else if (args[i] === '-D') directory = args[++i] ?? directory;
  }
  if (process.user.uid === 0) {
    await process.printError(
      '"root" execution of the PostgreSQL server is not permitted.\nThe server must be started under an unprivileged user ID to prevent\npossible system security compromise.  See the documentation for\nmore information on how to properly start the server.\n',
    );
    return 1;
  }
  return new PostgresServer(process, directory, port, networking).run();
};

class PostgresServer {
  readonly #process: Process;
  readonly #directory: string;
  readonly #port: number;
  readonly #networking: boolean;
  readonly #connections: Connections;
  #server!: SqlServer;
  #nextPid: number;

  constructor(process: Process, directory: string, port: number, networking: boolean) {
    this.#process = process;
    this.#directory = directory;
    this.#port = port;
    this.#networking = networking;
    this.#connections = new Connections(process);
    this.#nextPid = process.pid + 60;
  }

  #log(text: string, pid = this.#process.pid): Promise<void> {
    return this.#process.printError(`${formatTimestamp(this.#process.world.clock.now(), 3)} UTC [${pid}] ${text}\n`);
  }

  async run(): Promise<number> {
    const process = this.#process;
    const { fs } = process.machine;
    const { text, version } = versionOf(process);
    const directory = this.#directory;
    if (!fs.exists(`${directory}/PG_VERSION`)) {
      await process.printError(
        `postgres: could not access directory "${directory}": No such file or directory\nRun initdb or pg_basebackup to initialize a PostgreSQL data directory.\n`,
      );
      return 1;
    }
    const major = fs.readText(`${directory}/PG_VERSION`).trim();
    if (major !== version.split('.')[0]) {
      await this.#log('FATAL:  database files are incompatible with server');
      await this.#log(
        `DETAIL:  The data directory was initialized by PostgreSQL version ${major}, which is not compatible with this version ${version}.`,
      );
      return 1;
    }
    await process.cpu(180);
    await process.sleep(120);
    await this.#log(`LOG:  starting ${text}`);
    const server = this.#connections.server((c, peer, cancel) => this.#serve(c, peer, cancel));
    const listeners = [];
    try {
      if (this.#networking) {
        listeners.push(
          process.machine.net.listen(this.#port, server, '0.0.0.0', { pid: process.pid, name: 'postgres' }),
        );
        await this.#log(`LOG:  listening on IPv4 address "0.0.0.0", port ${this.#port}`);
        await this.#log(`LOG:  listening on IPv6 address "::", port ${this.#port}`);
      }
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      await this.#log(`LOG:  could not bind IPv4 address "0.0.0.0": Address already in use`);
      await this.#log(
        `HINT:  Is another postmaster already running on port ${this.#port}? If not, wait a few seconds and retry.`,
      );
      await this.#log('FATAL:  could not create any TCP/IP sockets');
      return 1;
    }
    this.#connections.listenUnix(socketPath(this.#port), server);
    await this.#log(`LOG:  listening on Unix socket "${socketPath(this.#port)}"`);
    const unclean = fs.exists(`${directory}/postmaster.pid`);
    await this.#log(unclean ? 'LOG:  database system was interrupted; last known up at ' + `${formatTimestamp(fs.lookup(`${directory}/postmaster.pid`)!.mtime)} UTC` : `LOG:  database system was shut down at ${formatTimestamp(fs.lookup(`${directory}/global/pg_catalog`)?.mtime ?? 0)} UTC`); // prettier-ignore
    if (unclean) await this.#log('LOG:  database system was not properly shut down; automatic recovery in progress');
    this.#open();
    fs.writeFile(`${directory}/postmaster.pid`, `${process.pid}\n${directory}\n`);
    await this.#log('LOG:  database system is ready to accept connections');
    let status = 0;
    try {
      const signal = await untilSignal(process, ['SIGTERM', 'SIGINT', 'SIGQUIT']);
      await this.#log(
        `LOG:  received ${signal === 'SIGTERM' ? 'smart' : signal === 'SIGINT' ? 'fast' : 'immediate'} shutdown request`,
      );
      // A smart shutdown waits for the clients.
      if (signal === 'SIGTERM') while (this.#connections.count > 0) await process.sleep(500);
      if (signal === 'SIGQUIT') status = 1;
    } finally {
      for (const listener of listeners) listener.close();
      this.#connections.close();
    }
    await this.#log('LOG:  aborting any active transactions');
    await this.#log(
      `LOG:  background worker "logical replication launcher" (PID ${process.pid + 31}) exited with exit code 1`,
    );
    await this.#log('LOG:  shutting down', process.pid + 26);
    await process.sleep(60);
    await this.#log('LOG:  checkpoint starting: shutdown immediate', process.pid + 26);
    fs.remove(`${directory}/postmaster.pid`);
    await this.#log('LOG:  database system is shut down');
    return status;
  }

  #open(): void {
    const process = this.#process;
    const { world } = process;
    const files = filesOf(process, this.#directory);
    const catalog = files.load() ?? new Catalog();
    const random = world.random.stream('postgres');
    const zone = (digits: number) => `${formatTimestamp(world.clock.now(), digits)}+00`;
    const { version, text } = versionOf(process);
    this.#server = {
      dialect: postgresDialect,
      catalog,
      version: text,
      now: () => world.clock.now(),
      timestamp: () => zone(6),
      random: () => random.float(),
      uuid: () => random.uuid(),
      digest: (t) => bytesToHex(md5(utf8ToBytes(t))),
      changed: (database, table) => (database && table ? files.saveTable(database, table) : files.saveCatalog(catalog)),
      show: (statement, session) => {
        if (statement.kind === 'describe') throw notSimulated('DESCRIBE');
        const name = statement.words.join('_').toLowerCase();
        const settings: Record<string, string> = {
          server_version: version,
          max_connections: '100',
          shared_buffers: '128MB',
          timezone: 'Etc/UTC',
          search_path: '"$user", public',
          port: String(this.#port),
          data_directory: this.#directory,
          listen_addresses: '*',
        };
        const value = session.variables.get(name) ?? (Object.hasOwn(settings, name) ? settings[name] : undefined);
        if (value === undefined) throw new SqlError(0, '42704', `unrecognized configuration parameter "${name}"`);
        return { tag: 'SHOW', columns: [{ name, type: { name: 'text', args: [] } }], rows: [[String(value)]] };
      },
      systemTable,
      variable: () => undefined,
      owner: (database: Database) => database.owner,
    };
  }

  /** Who needs no password: local users, and everybody if the image was told so. */
  #trusts(address: string | undefined): boolean {
    if (address === undefined || address.startsWith('127.')) return true;
    const path = `${this.#directory}/pg_hba.conf`;
    const { fs } = this.#process.machine;
    return fs.exists(path) && /^host\s+all\s+all\s+all\s+trust\b/m.test(fs.readText(path));
  }

  async #serve(connection: Duplex, peer: Peer | undefined, cancel: Cancellation): Promise<void> {
    const messages = new Messages(connection, cancel);
    const hello = await messages.receive();
    const login = hello?.['login'] as { user: string; password?: string; database: string } | undefined;
    const pid = this.#nextPid++;
    if (!login) {
      if (hello === null) await this.#log('LOG:  invalid length of startup packet', pid);
      return;
    }
    const fatal = async (text: string, detail?: string) => {
      await this.#log(`FATAL:  ${text}`, pid);
      if (detail) await this.#log(`DETAIL:  ${detail}`, pid);
      await messages.send({ fatal: text });
    };
    const { catalog } = this.#server;
    const account = catalog.account(login.user, '%');
    const trusted = this.#trusts(peer?.address);
    if (!trusted && login.password === undefined) return messages.send({ password: true });
    if (!trusted && (account?.password === undefined || account.password !== login.password))
      return fatal(
        `password authentication failed for user "${login.user}"`,
        account
          ? `Connection matched file "${this.#directory}/pg_hba.conf" line 128: "host all all all scram-sha-256"`
          : `Role "${login.user}" does not exist.`,
      );
    if (!account) return fatal(`role "${login.user}" does not exist`);
    if (!account.attributes.includes('LOGIN')) return fatal(`role "${login.user}" is not permitted to log in`);
    const database = catalog.databases.get(login.database);
    if (!database) return fatal(`database "${login.database}" does not exist`);
    const session = new SqlSession(this.#server, account, login.user, pid, database);
    await messages.send({
      ok: { version: versionOf(this.#process).version, superuser: account.attributes.includes('SUPERUSER') },
    });
    for (let message = await messages.receive(); message; message = await messages.receive()) {
      this.#process.charge(0.2);
      if ('meta' in message)
        await messages.send(this.#meta(session, String(message['meta']), String(message['argument'] ?? '')));
      else await this.#answer(session, String(message['query'] ?? ''), messages, pid);
    }
  }

  #meta(session: SqlSession, what: string, argument: string): object {
    const { catalog } = this.#server;
    switch (what) {
      case 'databases':
        return { rows: [...catalog.databases.values()].map((d) => [d.name, d.owner]) };
      case 'tables':
        return {
          rows: [...(session.database?.tables.values() ?? [])].flatMap((t) => [
            [t.name, 'table', session.database!.owner],
            ...t.columns
              .filter((c) => c.autoIncrement)
              .map((c) => [`${t.name}_${c.name}_seq`, 'sequence', session.database!.owner]),
          ]),
        };
      case 'roles':
        return { rows: catalog.accounts.map((a) => [a.name, a.attributes]) };
      default:
        return { table: describeTable(session, argument) ?? null };
    }
  }

  async #answer(session: SqlSession, query: string, messages: Messages, pid: number): Promise<void> {
    try {
      const result = session.run(query.replace(/;\s*$/, ''));
      if (session.delay > 0) await this.#process.world.sleep(session.delay, this.#process.cancel);
      await messages.send({ result: result ?? { tag: '' }, state: session.state });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const { state, message, position, detail, hint } = error;
      await this.#log(`ERROR:  ${message}${position === undefined ? '' : ` at character ${position + 1}`}`, pid);
      if (detail) await this.#log(`DETAIL:  ${detail}`, pid);
      await this.#log(`STATEMENT:  ${query.trim()}`, pid);
      await messages.send({ error: { state, message, position, detail, hint }, state: session.state });
    }
  }
}
