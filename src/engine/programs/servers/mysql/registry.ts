import type { Program } from '../../../process/index.ts';
import { mysqlClient } from './client.ts';
import { mysqlEntrypoint } from './entrypoint.ts';
import { mysqld } from './server.ts';
import { mariadbHealthcheck, mysqladmin, mysqldump } from './tools.ts';

/** MySQL and MariaDB by the names that executable files carry. */
export const mysqlPrograms: readonly (readonly [string, Program])[] = [
  ['mariadb-healthcheck', mariadbHealthcheck],
  ['mysql', mysqlClient],
  ['mysql-entrypoint', mysqlEntrypoint],
  ['mysqladmin', mysqladmin],
  ['mysqld', mysqld],
  ['mysqldump', mysqldump],
];
