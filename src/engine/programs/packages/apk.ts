import type { Process, Program } from '../../process/index.ts';
import { findPackages, type Package } from './catalogue.ts';
import { isOnline, PackageDatabase, placeCommands, removeCommands } from './install.ts';

/** apk of Alpine Linux. */

const path = '/lib/apk/db/installed';
const baseCount = 16;
const baseKilobytes = 7800;

const databaseOf = (process: Process) => new PackageDatabase(process, path, /^P:(.+)$/m);

function repositories({ machine: { fs } }: Process): string[] {
  const version = fs.exists('/etc/alpine-release') ? fs.readText('/etc/alpine-release').split('.').slice(0, 2).join('.') : '3.22';
  return ['main', 'community'].map((name) => `https://dl-cdn.alpinelinux.org/alpine/v${version}/${name}`);
} // prettier-ignore

async function total(process: Process): Promise<void> {
  const blocks = databaseOf(process).blocks().filter((block) => !/^P:\./m.test(block));
  const kilobytes = blocks.reduce((sum, block) => sum + Number(/^I:(\d+)$/m.exec(block)?.[1] ?? 0) / 1024, baseKilobytes);
  await process.print(`OK: ${Math.round(kilobytes / 1024)} MiB in ${baseCount + blocks.length} packages\n`);
} // prettier-ignore

async function fetchIndex(process: Process): Promise<boolean> {
  for (const url of repositories(process)) {
    await process.print(`fetch ${url}/x86_64/APKINDEX.tar.gz\n`);
    await process.sleep(isOnline(process) ? 180 : 5000);
    if (isOnline(process)) continue;
    await process.printError(`WARNING: updating and opening ${url}: temporary error (try again later)\n`);
  }
  return isOnline(process);
}

async function add(process: Process, names: readonly string[], options: { fetch: boolean; virtual: string }): Promise<number> {
  const database = databaseOf(process);
  const online = options.fetch ? await fetchIndex(process) : isOnline(process);
  const chosen = new Map<string, Package>();
  const missing: string[] = [];
  for (const text of names) {
    const name = text.split(/[=<>~@]/, 1)[0]!;
    const found = online ? findPackages('apk', name) : undefined;
    if (!found && !database.has(name)) missing.push(text);
    for (const each of found ?? []) if (!database.has(each.name)) chosen.set(each.name, each);
  }
  if (missing.length > 0) {
    await process.printError(`ERROR: unable to select packages:\n${missing.map((name) => `  ${name} (no such package):\n    required by: ${options.virtual === '' ? `world[${name}]` : `${options.virtual}-0[${name}]`}\n`).join('')}`);
    return missing.length;
  }
  const all = [...chosen.values()];
  let i = 0;
  const count = all.length + (options.virtual === '' ? 0 : 1);
  for (const each of all) {
    await process.print(`(${++i}/${count}) Installing ${each.name} (${each.version})\n`);
    await process.sleep(20 + each.size / 100);
    placeCommands(process, each);
    database.add(`P:${each.name}\nV:${each.version}\nA:x86_64\nS:${each.size * 1024}\nI:${each.installed * 1024}\nT:${each.about}`);
  }
  if (options.virtual !== '') {
    await process.print(`(${count}/${count}) Installing ${options.virtual} (20260101.000000)\n`);
    database.add(`P:${options.virtual}\nV:20260101.000000\nA:noarch\nI:0\nD:${all.map(({ name }) => name).join(' ')}`);
  }
  if (count > 0) await process.print('Executing busybox-1.37.0-r18.trigger\n');
  await total(process);
  return 0;
} // prettier-ignore

async function del(process: Process, names: readonly string[]): Promise<number> {
  const database = databaseOf(process);
  const gone: string[] = [];
  for (const name of names) {
    const block = database.blocks().find((each) => new RegExp(`^P:${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm').test(each));
    if (!block) continue;
    gone.push(name, ...(/^D:(.*)$/m.exec(block)?.[1] ?? '').split(' ').filter(Boolean));
  }
  for (const [i, name] of gone.entries()) {
    const version = /^V:(.*)$/m.exec(database.remove(name) ?? '')?.[1] ?? '0';
    const own = findPackages('apk', name)?.at(-1);
    if (own) removeCommands(process, own);
    await process.print(`(${i + 1}/${gone.length}) Purging ${name} (${version})\n`);
  }
  if (gone.length > 0) await process.print('Executing busybox-1.37.0-r18.trigger\n');
  await total(process);
  return 0;
} // prettier-ignore

const apk: Program = async (process) => {
  const argv = process.argv.slice(1);
  let virtual = '';
  const words: string[] = [];
  const flags = new Set<string>();
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--virtual' || arg === '-t') virtual = argv[++i] ?? '';
    else if (arg.startsWith('--virtual=')) virtual = arg.slice('--virtual='.length);
    else if (arg === '--repository' || arg === '-X') i++;
    else if (arg.startsWith('-')) flags.add(arg);
    else words.push(arg);
  }
  const [command, ...names] = words;
  if (process.user.uid !== 0 && ['add', 'del', 'update', 'upgrade'].includes(command ?? '')) {
    await process.printError('ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n');
    return 99;
  }
  const { fs } = process.machine;
  const index = '/var/cache/apk/APKINDEX.tar.gz';
  switch (command) {
    case 'update':
      await fetchIndex(process);
      if (!fs.exists('/var/cache/apk')) fs.mkdir('/var/cache/apk', { recursive: true });
      fs.writeFile(index, 'index\n');
      await process.print(`OK: 26339 distinct packages available\n`);
      return isOnline(process) ? 0 : 2;
    case 'upgrade':
      if (flags.has('--no-cache') || flags.has('-U')) await fetchIndex(process);
      await total(process);
      return 0;
    case 'add':
      return add(process, names, { fetch: flags.has('--no-cache') || flags.has('-U') || flags.has('--update-cache') || flags.has('--update') || !fs.exists(index), virtual });
    case 'del':
      return del(process, names);
    case 'info':
    case 'list': {
      const database = databaseOf(process);
      for (const name of ['alpine-baselayout', 'apk-tools', 'busybox', 'musl', ...database.names()]) if (names.length === 0 || names.includes(name)) await process.print(`${name}\n`);
      return 0;
    }
    case 'cache':
      return 0;
    case undefined:
      await process.print('apk-tools 2.14.9, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n');
      return 1;
    default:
      await process.printError(`ERROR: '${command}' is not an apk command. See 'apk --help'.\n`);
      return 1;
  }
}; // prettier-ignore

export const apkTools: ReadonlyMap<string, Program> = new Map([['apk', apk]]);
