import type { Program } from '../../../process/index.ts';
import { baseName } from '../../../world/index.ts';
import { SqlError } from '../../sql/error.ts';
import { formatTimestamp } from '../../sql/values.ts';
import { connectMysql, type MysqlConnection } from './connect.ts';
import { flavorOf } from './flavor.ts';
import { clientOptions, passwordWarning } from './options.ts';

/** mysqladmin: ping, status, version, create, drop, shutdown, password. */
export const mysqladmin: Program = async (process) => {
  const name = baseName(process.argv[0] ?? 'mysqladmin');
  const options = await clientOptions(process, 'h:u:P:S:fsw:vV?');
  if (typeof options === 'string') {
    await process.printError(`${name}: [ERROR] ${options}.\n`);
    return 1;
  }
  if (options.insecure) await process.printError(`${name}: ${passwordWarning}\n`);
  const [command, argument = ''] = options.operands;
  if (command === undefined) {
    await process.printError(`Usage: ${name} [OPTIONS] command command....\n`);
    return 1;
  }
  let connection: MysqlConnection | undefined;
  try {
    connection = await connectMysql(process, options.connect);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    // A server that refuses the password is alive.
    if (command === 'ping' && error.code < 2000) {
      await process.print('mysqld is alive\n');
      return 0;
    }
    const host = options.connect.host ?? 'localhost';
    await process.printError(`${name}: connect to server at '${host}' failed\nerror: '${error.message}'\n`);
    if (error.code === 2002)
      await process.printError(
        `Check that mysqld is running and that the socket: '${options.connect.socket}' exists!\n`,
      );
    if (error.code === 2003)
      await process.printError(
        `Check that mysqld is running on ${host} and that the port is ${options.connect.port}.\nYou can check this by doing 'telnet ${host} ${options.connect.port}'\n`,
      );
    return 1;
  }
  try {
    switch (command) {
      case 'ping':
        await process.print('mysqld is alive\n');
        return 0;
      case 'status': {
        const rows = (await connection.query('SHOW STATUS')).rows ?? [];
        const value = (key: string) => rows.find((r) => r[0] === key)?.[1] ?? '0';
        await process.print(`Uptime: ${value('Uptime')}  Threads: ${value('Threads_connected')}  Questions: ${value('Questions')}  Slow queries: 0  Opens: 119  Flush tables: 3  Open tables: 38  Queries per second avg: ${(Number(value('Questions')) / Math.max(1, Number(value('Uptime')))).toFixed(3)}\n`); // prettier-ignore
        return 0;
      }
      case 'version':
        await process.print(`Server version\t\t${connection.version}\nProtocol version\t10\n`);
        return 0;
      case 'create':
        await connection.query(`CREATE DATABASE \`${argument}\``);
        return 0;
      case 'drop':
        await connection.query(`DROP DATABASE \`${argument}\``);
        await process.print(`Database "${argument}" dropped\n`);
        return 0;
      case 'password':
        await connection.query(`ALTER USER '${options.connect.user}'@'localhost' IDENTIFIED BY '${argument}'`);
        return 0;
      case 'shutdown':
        await connection.ask({ shutdown: true });
        return 0;
      default:
        await process.printError(`slipway: ${name} ${command} is not simulated\n`);
        return 1;
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    await process.printError(`${name}: ${error.message}\n`);
    return 1;
  } finally {
    connection.close();
  }
};

/** mysqldump: tables as the statements that make them. */
export const mysqldump: Program = async (process) => {
  const name = baseName(process.argv[0] ?? 'mysqldump');
  const options = await clientOptions(process, 'h:u:P:S:BAdfvV?');
  if (typeof options === 'string') {
    await process.printError(`${name}: [ERROR] ${options}.\n`);
    return 2;
  }
  if (options.insecure) await process.printError(`${name}: ${passwordWarning}\n`);
  const all = options.flags.has('A');
  if (!all && options.operands.length === 0) {
    await process.print(
      `Usage: ${name} [OPTIONS] database [tables]\nOR     ${name} [OPTIONS] --databases [OPTIONS] DB1 [DB2 DB3...]\nOR     ${name} [OPTIONS] --all-databases [OPTIONS]\nFor more options, use ${name} --help\n`,
    );
    return 1;
  }
  const several = all || options.flags.has('B');
  try {
    const connection = await connectMysql(process, options.connect);
    const system = new Set(['information_schema', 'performance_schema', 'sys', 'mysql']);
    const names = all ? ((await connection.query('SHOW DATABASES')).rows ?? []).map((r) => r[0] ?? '').filter((n) => !system.has(n)) : several ? options.operands : [options.operands[0]!]; // prettier-ignore
    const { version } = flavorOf(process);
    const host = options.connect.host ?? 'localhost';
    await process.print(
      `-- MySQL dump 10.13  Distrib ${version}, for Linux (x86_64)\n--\n-- Host: ${host}    Database: ${several ? '' : names[0]}\n-- ------------------------------------------------------\n-- Server version\t${connection.version}\n\n`,
    );
    for (const database of names) {
      await connection.query(`USE \`${database}\``);
      if (several)
        await process.print(
          `--\n-- Current Database: \`${database}\`\n--\n\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ \`${database}\`;\n\nUSE \`${database}\`;\n\n`,
        );
      const tables =
        !several && options.operands.length > 1
          ? options.operands.slice(1)
          : ((await connection.query('SHOW TABLES')).rows ?? []).map((r) => r[0] ?? '');
      for (const table of tables) {
        const create = (await connection.query(`SHOW CREATE TABLE \`${table}\``)).rows?.[0]?.[1] ?? '';
        await process.print(
          `--\n-- Table structure for table \`${table}\`\n--\n\nDROP TABLE IF EXISTS \`${table}\`;\n${create};\n\n`,
        );
        if (options.flags.has('d')) continue;
        const { rows = [], columns = [] } = await connection.query(`SELECT * FROM \`${table}\``);
        const value = (v: string | null, i: number) => v === null ? 'NULL' : /int|decimal|float|double/.test(columns[i]!.type.name) ? v : `'${v.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`; // prettier-ignore
        await process.print(`--\n-- Dumping data for table \`${table}\`\n--\n\nLOCK TABLES \`${table}\` WRITE;\n`);
        if (rows.length > 0)
          await process.print(
            `INSERT INTO \`${table}\` VALUES ${rows.map((row) => `(${row.map(value).join(',')})`).join(',')};\n`,
          );
        await process.print('UNLOCK TABLES;\n\n');
      }
    }
    connection.close();
    await process.print(`-- Dump completed on ${formatTimestamp(process.world.clock.now())}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    await process.printError(
      `${name}: Got error: ${error.code}: ${error.message} when ${error.code === 1146 ? 'using SHOW CREATE TABLE' : error.code === 1049 ? 'selecting the database' : 'trying to connect'}\n`,
    );
    return 2;
  }
};

/** MariaDB's healthcheck.sh: --connect, --innodb_initialized. */
export const mariadbHealthcheck: Program = async (process) => {
  const flavor = flavorOf(process);
  if (process.argv.length < 2) return 1;
  try {
    const password = process.env.get('MARIADB_ROOT_PASSWORD') ?? process.env.get('MYSQL_ROOT_PASSWORD') ?? '';
    (
      await connectMysql(process, {
        host: '127.0.0.1',
        port: 3306,
        user: 'root',
        password,
        socket: flavor.socket,
        client: 'MariaDB',
      })
    ).close();
    return 0;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return 1;
  }
};
