import type { Process, Program, User } from '../../../process/index.ts';
import { Catalog } from '../../sql/database.ts';
import { firstStatement } from '../../sql/lexer.ts';
import { execOrFail } from '../entrypoint.ts';
import { connectPostgres, type PostgresConnection } from './connect.ts';
import { dataDirectory, filesOf, postgresOwner, versionOf } from './server.ts';

/** docker-entrypoint.sh of the image postgres, and initdb. */

const script = '/usr/local/bin/docker-entrypoint.sh';

const refusal =
  'Error: Database is uninitialized and superuser password is not specified.\n' +
  '       You must specify POSTGRES_PASSWORD to a non-empty value for the\n' +
  '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n\n' +
  '       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all\n' +
  '       connections without a password. This is *not* recommended.\n\n' +
  '       See PostgreSQL documentation about "trust":\n' +
  '       https://www.postgresql.org/docs/current/auth-trust.html\n';

/** The account that the server runs as when the container's is root. */
function asPostgres(process: Process): User | undefined {
  return process.user.uid === 0 ? { name: 'postgres', home: '/var/lib/postgresql', ...postgresOwner } : undefined;
}

function setting(process: Process, name: string): string | undefined {
  const file = process.env.get(`${name}_FILE`);
  const node = file === undefined ? undefined : process.machine.fs.lookup(process.path(file));
  if (node?.type === 'file') return new TextDecoder().decode(node.data).replace(/\n+$/, '');
  return process.env.get(name);
}

export const postgresEntrypoint: Program = async (process) => {
  let command = process.argv.slice(1);
  if (command[0]?.startsWith('-')) command = ['postgres', ...command];
  if (command[0] !== 'postgres' || command.some((a) => /^(-\?|--help|--version|-V)$/.test(a)))
    return execOrFail(process, command, `${script}: line 351`);
  const directory = dataDirectory(process);
  if (process.machine.fs.exists(`${directory}/PG_VERSION`))
    await process.print('\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n');
  else {
    const password = setting(process, 'POSTGRES_PASSWORD') ?? '';
    const method = process.env.get('POSTGRES_HOST_AUTH_METHOD') ?? '';
    if (password === '' && method !== 'trust') {
      await process.printError(refusal);
      return 1;
    }
    const status = await initialize(process, command, directory, password, method);
    if (status !== 0) return status;
  }
  return execOrFail(process, command, `${script}: line 351`, asPostgres(process));
};

async function initialize(
  process: Process,
  command: readonly string[],
  directory: string,
  password: string,
  method: string,
): Promise<number> {
  const { fs } = process.machine;
  const user = setting(process, 'POSTGRES_USER') || 'postgres';
  const database = setting(process, 'POSTGRES_DB') || user;
  const { version } = versionOf(process);
  const major = version.split('.')[0]!;
  await process.print(
    'The files belonging to this database system will be owned by user "postgres".\nThis user must also own the server process.\n\n' +
      'The database cluster will be initialized with locale "en_US.utf8".\nThe default database encoding has accordingly been set to "UTF8".\nThe default text search configuration will be set to "english".\n\n' +
      `Data page checksums are ${Number(major) >= 18 ? 'enabled' : 'disabled'}.\n\n`,
  );
  const present = fs.exists(directory) ? fs.readdir(directory) : [];
  if (present.length > 0) {
    const lost = present.includes('lost+found');
    await process.printError(
      `initdb: error: directory "${directory}" exists but is not empty\n` +
        (lost
          ? 'initdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.\n'
          : `initdb: hint: If you want to create a new database system, either remove or empty the directory "${directory}" or run initdb with an argument other than "${directory}".\n`),
    );
    return 1;
  }
  const step = async (text: string, ms: number, outcome = 'ok') => {
    await process.print(`${text} ... `);
    await process.cpu(ms);
    await process.print(`${outcome}\n`);
  };
  await step(`fixing permissions on existing directory ${directory}`, 5);
  await step('creating subdirectories', 10);
  await step('selecting dynamic shared memory implementation', 5, 'posix');
  await step('selecting default "max_connections"', 60, '100');
  await step('selecting default "shared_buffers"', 60, '128MB');
  await step('selecting default time zone', 10, 'Etc/UTC');
  await step('creating configuration files', 5);
  await step('running bootstrap script', 350);
  await step('performing post-bootstrap initialization', 700);
  await step('syncing data to disk', 400);
  writeCluster(process, directory, major, user, password, method || 'scram-sha-256');
  await process.print(
    `\n\nSuccess. You can now start the database server using:\n\n    pg_ctl -D ${directory} -l logfile start\n\n`,
  );
  await process.printError(
    'initdb: warning: enabling "trust" authentication for local connections\ninitdb: hint: You can change this by editing pg_hba.conf or using the option -A, or --auth-local and --auth-host, the next time you run initdb.\n',
  );
  await process.print('waiting for server to start....');
  const account = asPostgres(process);
  const server = process.spawn([...command, '-c', "listen_addresses=''"], account ? { user: account } : {});
  let connection: PostgresConnection | undefined;
  for (let i = 0; i < 60 && !connection && server.status === undefined; i++) {
    await process.sleep(250);
    const opened = await connectPostgres(process, { host: undefined, port: 5432, user, database: 'postgres' });
    if (!('failure' in opened)) connection = opened;
  }
  if (!connection) return 1;
  await process.print(' done\nserver started\n');
  if (database !== 'postgres') {
    await connection.query(`CREATE DATABASE "${database.replaceAll('"', '""')}"`);
    await process.print('CREATE DATABASE\n\n');
  }
  connection.close();
  await process.print('\n');
  const status = await runScripts(process, user, database);
  if (status !== 0) return status;
  await process.print('\nwaiting for server to shut down....');
  server.kill('SIGINT');
  await server.wait(process.cancel);
  await process.print(' done\nserver stopped\n\nPostgreSQL init process complete; ready for start up.\n\n');
  return 0;
}

function writeCluster(
  process: Process,
  directory: string,
  major: string,
  user: string,
  password: string,
  method: string,
): void {
  const { fs } = process.machine;
  const owner = process.user.uid === 0 ? postgresOwner : { uid: process.user.uid, gid: process.user.gid };
  for (const name of ['base', 'global', 'pg_wal', 'pg_stat', 'pg_tblspc'])
    fs.mkdir(`${directory}/${name}`, { recursive: true, mode: 0o700, ...owner });
  const write = (name: string, text: string) => fs.writeFile(`${directory}/${name}`, text, { mode: 0o600, ...owner });
  write('PG_VERSION', `${major}\n`);
  write(
    'postgresql.conf',
    "listen_addresses = '*'\nmax_connections = 100\nshared_buffers = 128MB\ndynamic_shared_memory_type = posix\nlog_timezone = 'Etc/UTC'\ntimezone = 'Etc/UTC'\n",
  );
  write(
    'pg_hba.conf',
    `local   all             all                                     trust\nhost    all             all             127.0.0.1/32            trust\nhost    all             all             ::1/128                 trust\n\nhost all all all ${method}\n`,
  );
  const catalog = new Catalog();
  catalog.accounts.push({
    name: user,
    host: '%',
    password: password === '' ? undefined : password,
    attributes: ['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS', 'LOGIN'],
    grants: new Map(),
  });
  catalog.databases.set('postgres', { name: 'postgres', owner: user, tables: new Map() });
  filesOf(process, directory).saveCatalog(catalog);
}

async function runScripts(process: Process, user: string, database: string): Promise<number> {
  const { fs } = process.machine;
  const directory = '/docker-entrypoint-initdb.d';
  const names =
    fs.lookup(directory)?.type === 'directory'
      ? fs
          .readdir(directory)
          .filter((n) => !n.startsWith('.') && fs.lookup(`${directory}/${n}`)?.type === 'file')
          .sort()
      : [];
  if (names.length === 0) await process.print(`${script}: ignoring ${directory}/*\n`);
  for (const name of names) {
    const file = `${directory}/${name}`;
    if (name.endsWith('.sh')) {
      await process.print(`${script}: running ${file}\n`);
      const status = await process.spawn(['bash', file]).wait(process.cancel);
      if (status !== 0) return status;
    } else if (name.endsWith('.sql')) {
      await process.print(`${script}: running ${file}\n`);
      const opened = await connectPostgres(process, { host: undefined, port: 5432, user, database });
      if ('failure' in opened) return 2;
      for (let rest = fs.readText(file); rest.trim() !== '';) {
        const found = firstStatement(rest, false);
        const sql = 'open' in found ? rest : found.text;
        const answer = await opened.query(sql);
        if ('error' in answer) {
          const line = fs
            .readText(file)
            .slice(0, fs.readText(file).length - rest.length + sql.length)
            .split('\n').length;
          await process.printError(`psql:${file}:${line}: ERROR:  ${answer.error.message}\n`);
          return 3;
        }
        if (answer.result.tag !== '') await process.print(`${answer.result.tag}\n`);
        if ('open' in found) break;
        rest = rest.slice(found.end);
      }
      opened.close();
      await process.print('\n\n');
    } else await process.print(`${script}: ignoring ${file}\n`);
  }
  return 0;
}
