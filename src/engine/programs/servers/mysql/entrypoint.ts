import type { ChildProcess, Process, Program, User } from '../../../process/index.ts';
import { SqlError } from '../../sql/error.ts';
import { firstStatement } from '../../sql/lexer.ts';
import { formatTimestamp } from '../../sql/values.ts';
import { execOrFail } from '../entrypoint.ts';
import { connectMysql, type MysqlConnection } from './connect.ts';
import { dataDirectory, mysqlOwner } from './engine.ts';
import { flavorOf, type Flavor } from './flavor.ts';

/** docker-entrypoint.sh of the images mysql and mariadb: initialises an empty data directory, then becomes the server. */

type Level = 'Note' | 'Warn' | 'ERROR';

/** The account that the server runs as when the container's is root. */
function asMysql(process: Process): User | undefined {
  return process.user.uid === 0 ? { name: 'mysql', home: '/var/lib/mysql', ...mysqlOwner } : undefined;
}

class Entrypoint {
  readonly process: Process;
  readonly flavor: Flavor;
  readonly prefixes: readonly string[];

  constructor(process: Process) {
    this.process = process;
    this.flavor = flavorOf(process);
    this.prefixes = this.flavor.product === 'MariaDB' ? ['MARIADB_', 'MYSQL_'] : ['MYSQL_'];
  }

  /** A setting of the image: the variable, or the content of the file that `NAME_FILE` names. */
  setting(name: string): string | undefined {
    for (const prefix of this.prefixes) {
      const value = this.process.env.get(prefix + name);
      if (value !== undefined && value !== '') return value;
      const file = this.process.env.get(`${prefix}${name}_FILE`);
      const node = file === undefined ? undefined : this.process.machine.fs.lookup(this.process.path(file));
      if (node?.type === 'file') return new TextDecoder().decode(node.data).replace(/\n+$/, '');
    }
    return undefined;
  }

  log(level: Level, text: string): Promise<void> {
    const line = `${formatTimestamp(this.process.world.clock.now())}+00:00 [${level}] [Entrypoint]: ${text}\n`;
    return level === 'ERROR' || level === 'Warn' ? this.process.printError(line) : this.process.print(line);
  }
}

export const mysqlEntrypoint: Program = async (process) => {
  let command = process.argv.slice(1);
  const entry = new Entrypoint(process);
  const { daemon } = entry.flavor;
  if (command[0]?.startsWith('-')) command = [daemon, ...command];
  const isServer = command[0] === 'mysqld' || command[0] === 'mariadbd';
  if (!isServer || command.some((a) => /^(--help|-\?|--version|-V|--verbose)$/.test(a)))
    return execOrFail(process, command, '/usr/local/bin/docker-entrypoint.sh: exec');
  const { version, product } = entry.flavor;
  const title =
    product === 'MySQL'
      ? `Entrypoint script for MySQL Server ${version}-1.el${entry.flavor.old ? '7' : '9'} started.`
      : `Entrypoint script for MariaDB Server 1:${version}+maria~ubu2404 started.`;
  await entry.log('Note', title);
  if (process.user.uid === 0) {
    await entry.log('Note', `Switching to dedicated user 'mysql'`);
    await entry.log('Note', title);
  }
  const directory = command.flatMap((a) => /^--datadir=(.*)$/.exec(a)?.[1] ?? [])[0] ?? dataDirectory;
  if (!process.machine.fs.exists(`${directory}/mysql`)) {
    const status = await initialize(entry, command, directory);
    if (status !== 0) return status;
  }
  return execOrFail(process, command, '/usr/local/bin/docker-entrypoint.sh: exec', asMysql(process));
};

async function initialize(entry: Entrypoint, command: readonly string[], directory: string): Promise<number> {
  const { process, flavor } = entry;
  const names = ['ROOT_PASSWORD', 'ALLOW_EMPTY_PASSWORD', 'RANDOM_ROOT_PASSWORD'];
  const maria = flavor.product === 'MariaDB';
  const known = [...names, ...(maria ? ['ROOT_PASSWORD_HASH', 'ALLOW_EMPTY_ROOT_PASSWORD'] : [])];
  if (!known.some((n) => entry.setting(n) !== undefined)) {
    const shown = maria
      ? [
          'MARIADB_ROOT_PASSWORD',
          'MARIADB_ROOT_PASSWORD_HASH',
          'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD',
          'MARIADB_RANDOM_ROOT_PASSWORD',
        ]
      : names.map((n) => `MYSQL_${n}`);
    await entry.log(
      'ERROR',
      `Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n${shown.map((n) => `    - ${n}`).join('\n')}`,
    );
    return 1;
  }
  if (entry.setting('USER') === 'root') {
    await entry.log(
      'ERROR',
      `${maria ? 'MARIADB' : 'MYSQL'}_USER="root", ${maria ? 'MARIADB' : 'MYSQL'}_USER and ${maria ? 'MARIADB' : 'MYSQL'}_PASSWORD are for configuring a regular user and cannot be used for the root user\n    Remove ${maria ? 'MARIADB' : 'MYSQL'}_USER="root" and use one of the following to control the root user password:\n${names.map((n) => `    - ${maria ? 'MARIADB' : 'MYSQL'}_${n}`).join('\n')}`,
    );
    return 1;
  }
  await entry.log('Note', 'Initializing database files');
  const rest = command.slice(1);
  const user = asMysql(process);
  const options = user ? { user } : {};
  const made = await process.spawn([flavor.daemon, '--initialize-insecure', ...rest], options).wait(process.cancel);
  if (made !== 0) return made;
  await entry.log('Note', 'Database files initialized');
  await entry.log('Note', 'Starting temporary server');
  const server = process.spawn([flavor.daemon, '--skip-networking', ...rest], options);
  const connection = await untilReady(entry, server);
  if (!connection) {
    await entry.log('ERROR', 'Unable to start server.');
    return 1;
  }
  await entry.log('Note', 'Temporary server started.');
  await process.sleep(900);
  if (!maria)
    for (const file of ['iso3166.tab', 'leap-seconds.list', 'tzdata.zi', 'zone.tab', 'zone1970.tab'])
      await process.printError(`Warning: Unable to load '/usr/share/zoneinfo/${file}' as time zone. Skipping it.\n`);
  try {
    await setUp(entry, connection);
    const status = await runScripts(entry, connection);
    if (status !== 0) return status;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    await process.printError(`ERROR ${error.code} (${error.state}) at line 1: ${error.message}\n`);
    return 1;
  }
  connection.close();
  await process.print('\n');
  await entry.log('Note', 'Stopping temporary server');
  server.kill('SIGTERM');
  await server.wait(process.cancel);
  await entry.log('Note', 'Temporary server stopped');
  await process.print('\n');
  await entry.log('Note', `${maria ? 'MariaDB' : 'MySQL'} init process done. Ready for start up.`);
  await process.print('\n');
  void directory;
  return 0;
}

async function untilReady({ process, flavor }: Entrypoint, server: ChildProcess): Promise<MysqlConnection | undefined> {
  for (let i = 0; i < 30 && server.status === undefined; i++) {
    try {
      return await connectMysql(process, {
        host: undefined,
        port: 0,
        user: 'root',
        password: '',
        socket: flavor.socket,
        client: 'MySQL',
      });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      await process.sleep(1000);
    }
  }
  return undefined;
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

async function setUp(entry: Entrypoint, connection: MysqlConnection): Promise<void> {
  const { process, flavor } = entry;
  let password = entry.setting('ROOT_PASSWORD') ?? '';
  if (entry.setting('RANDOM_ROOT_PASSWORD') !== undefined) {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    password = [...process.world.random.stream('mysqld').bytes(32)].map((b) => alphabet[b & 63]).join('');
    await entry.log('Note', `GENERATED ROOT PASSWORD: ${password}`);
  }
  const host = entry.setting('ROOT_HOST') ?? '%';
  if (host !== 'localhost') {
    await connection.query(`CREATE USER 'root'@${quote(host)} IDENTIFIED BY ${quote(password)}`);
    await connection.query(`GRANT ALL ON *.* TO 'root'@${quote(host)} WITH GRANT OPTION`);
  }
  await connection.query(`ALTER USER 'root'@'localhost' IDENTIFIED BY ${quote(password)}`);
  const database = entry.setting('DATABASE');
  if (database !== undefined) {
    await entry.log('Note', `Creating database ${database}`);
    await connection.query(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
    await connection.query(`USE \`${database}\``);
  }
  const [user, secret] = [entry.setting('USER'), entry.setting('PASSWORD')];
  if (user !== undefined && secret !== undefined) {
    await entry.log('Note', `Creating user ${user}`);
    await connection.query(`CREATE USER ${quote(user)}@'%' IDENTIFIED BY ${quote(secret)}`);
    if (database !== undefined) {
      await entry.log('Note', `Giving user ${user} access to schema ${database}`);
      await connection.query(`GRANT ALL ON \`${database}\`.* TO ${quote(user)}@'%'`);
    }
  } else if (user !== undefined || secret !== undefined) {
    const [one, other] = user !== undefined ? ['USER', 'PASSWORD'] : ['PASSWORD', 'USER'];
    const prefix = flavor.product === 'MariaDB' ? 'MARIADB' : 'MYSQL';
    await entry.log(
      'Warn',
      `${prefix}_${one} specified, but missing ${prefix}_${other}; ${prefix}_USER will not be created`,
    );
  }
}

/** /docker-entrypoint-initdb.d: scripts and SQL, in the order of their names. */
async function runScripts(entry: Entrypoint, connection: MysqlConnection): Promise<number> {
  const { process } = entry;
  const { fs } = process.machine;
  const directory = '/docker-entrypoint-initdb.d';
  const script = '/usr/local/bin/docker-entrypoint.sh';
  const names =
    fs.lookup(directory)?.type === 'directory'
      ? fs
          .readdir(directory)
          .filter((n) => !n.startsWith('.'))
          .sort()
      : [];
  for (const name of names) {
    const file = `${directory}/${name}`;
    if (fs.lookup(file)?.type !== 'file') continue;
    await process.print('\n');
    if (name.endsWith('.sh')) {
      await entry.log('Note', `${script}: running ${file}`);
      const status = await process.spawn(['bash', file]).wait(process.cancel);
      if (status !== 0) return status;
    } else if (name.endsWith('.sql')) {
      await entry.log('Note', `${script}: running ${file}`);
      const status = await runSql(process, connection, fs.readText(file));
      if (status !== 0) return status;
    } else await entry.log('Warn', `${script}: ignoring ${file}`);
    await process.print('\n');
  }
  return 0;
}

async function runSql(process: Process, connection: MysqlConnection, text: string): Promise<number> {
  let line = 1;
  let rest = text;
  while (rest.trim() !== '') {
    const found = firstStatement(rest, true);
    const sql = 'open' in found ? rest : found.text;
    const at = line + (/^\s*/.exec(sql)![0].split('\n').length - 1);
    try {
      if (sql.replace(/--.*|#.*/g, '').trim() !== '') await connection.query(sql.trim());
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      await process.printError(`ERROR ${error.code} (${error.state}) at line ${at}: ${error.message}\n`);
      return 1;
    }
    if ('open' in found) break;
    line += rest.slice(0, found.end).split('\n').length - 1;
    rest = rest.slice(found.end);
  }
  return 0;
}
