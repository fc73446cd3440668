import type { Program } from '../../../process/index.ts';
import { postgresEntrypoint } from './entrypoint.ts';
import { pgIsready, psql } from './psql.ts';
import { postgres } from './server.ts';

/** PostgreSQL by the names that executable files carry. */
export const postgresPrograms: readonly (readonly [string, Program])[] = [
  ['pg_isready', pgIsready],
  ['postgres', postgres],
  ['postgres-entrypoint', postgresEntrypoint],
  ['psql', psql],
];
