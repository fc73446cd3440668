import type { Program } from '../../process/index.ts';
import { accountTools } from './accounts.ts';
import { apkTools } from './apk.ts';
import { aptTools } from './apt.ts';
import { archiveTools } from './archives.ts';
import { yumTools } from './yum.ts';

/** What images use while they are built: package managers, accounts, archives. */
export const packageTools: ReadonlyMap<string, Program> = new Map([
  ...aptTools,
  ...apkTools,
  ...yumTools,
  ...accountTools,
  ...archiveTools,
]);
