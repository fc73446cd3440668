import type { Process } from '../../../process/index.ts';
import { formatTimestamp } from '../../sql/values.ts';

/** MySQL 5.x, MySQL 8 and later, MariaDB: one server with three voices. */
export interface Flavor {
  readonly product: 'MySQL' | 'MariaDB';
  readonly version: string;
  /** Before 8.0: other log lines, other defaults. */
  readonly old: boolean;
  /** Name of the server's program. */
  readonly daemon: string;
  readonly socket: string;
  /** What `VERSION()` says. */
  readonly versionText: string;
  /** After `Server version:` in the client. */
  readonly edition: string;
}

export function flavorOf(process: Process): Flavor {
  const maria = process.env.get('MARIADB_VERSION');
  if (maria !== undefined && maria !== '') {
    const version = maria.replace(/^1:/, '').replace(/[-+].*$/, '');
    return {
      product: 'MariaDB',
      version,
      old: false,
      daemon: 'mariadbd',
      socket: '/run/mysqld/mysqld.sock',
      versionText: `${version}-MariaDB-ubu2404`,
      edition: 'mariadb.org binary distribution',
    };
  }
  const version = (process.env.get('MYSQL_VERSION') ?? '8.4.7').replace(/-.*$/, '');
  const old = version.startsWith('5.');
  return {
    product: 'MySQL',
    version,
    old,
    daemon: 'mysqld',
    socket: '/var/run/mysqld/mysqld.sock',
    versionText: version,
    edition: old ? 'MySQL Community Server (GPL)' : 'MySQL Community Server - GPL',
  };
}

/** `2026-01-15T10:30:00.123456Z`. */
export function stampOf(process: Process): string {
  return `${formatTimestamp(process.world.clock.now(), 6).replace(' ', 'T')}Z`;
}

export type Level = 'System' | 'Note' | 'Warning' | 'ERROR';

/** A line of the server's error log. @param code 8.0's, e.g. `MY-010931` */
export function logLine(
  process: Process,
  flavor: Flavor,
  level: Level,
  code: string,
  text: string,
  part = 'Server',
): string {
  if (flavor.product === 'MariaDB') {
    const now = formatTimestamp(process.world.clock.now());
    return `${now} 0 [${level === 'System' ? 'Note' : level}] ${text}\n`;
  }
  if (flavor.old) return `${stampOf(process)} 0 [${level === 'System' ? 'Note' : level}] ${text}\n`;
  return `${stampOf(process)} 0 [${level}] [${code}] [${part}] ${text}\n`;
}
