import type { Process, Program } from '../../process/index.ts';
import { LineReader } from '../../world/index.ts';
import { findPackages, type Package } from './catalogue.ts';
import { isOnline, PackageDatabase, placeCommands, removeCommands } from './install.ts';

/** apt-get, apt and dpkg of Debian and Ubuntu. */

const lists = '/var/lib/apt/lists';
const status = '/var/lib/dpkg/status';

interface Release {
  codename: string;
  site: string;
  security: string;
}

function release({ machine: { fs } }: Process): Release {
  const text = fs.exists('/etc/os-release') ? fs.readText('/etc/os-release') : '';
  if (/^ID=ubuntu/m.test(text)) {
    const version = /^VERSION_ID="?([\d.]+)/m.exec(text)?.[1] ?? '24.04';
    const codename = { '24.04': 'noble', '22.04': 'jammy', '20.04': 'focal', '18.04': 'bionic' }[version] ?? 'noble';
    return { codename, site: 'http://archive.ubuntu.com/ubuntu', security: 'http://security.ubuntu.com/ubuntu' };
  }
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(text)?.[1] ?? 'bookworm';
  return { codename, site: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' };
}

const size = (kilobytes: number) => (kilobytes < 10_000 ? `${kilobytes} kB` : `${(kilobytes / 1000).toFixed(1)} MB`);
const grouped = (kilobytes: number) => size(kilobytes).replace(/^(\d)(\d{3}) /, '$1,$2 ');

async function update(process: Process): Promise<number> {
  const { codename, site, security } = release(process);
  const secure = site.includes('ubuntu') ? `${codename}-security` : `${codename}-security`;
  const sources = [
    [site, codename, 'InRelease', '151 kB'],
    [site, `${codename}-updates`, 'InRelease', '55.4 kB'],
    [security, secure, 'InRelease', '48.0 kB'],
  ] as const;
  if (!isOnline(process)) {
    const host = (url: string) => /\/\/([^/]+)/.exec(url)![1];
    for (const [url, suite] of sources) {
      await process.print(`Ign:1 ${url} ${suite} InRelease\n`.replace('Ign:1', 'Err:1'));
      await process.print(`  Temporary failure resolving '${host(url)}'\n`);
    }
    await process.print('Reading package lists...\n');
    for (const [url, suite] of sources)
      await process.printError(`W: Failed to fetch ${url}/dists/${suite}/InRelease  Temporary failure resolving '${host(url)}'\n`);
    await process.printError('W: Some index files failed to download. They have been ignored, or old ones used instead.\n');
    return 0;
  }
  let number = 1;
  for (const [url, suite, file, bytes] of sources) {
    await process.sleep(40);
    await process.print(`Get:${number++} ${url} ${suite} ${file} [${bytes}]\n`);
  }
  for (const [url, suite, bytes] of [
    [site, codename, '8793 kB'],
    [site, `${codename}-updates`, '6924 B'],
    [security, secure, '293 kB'],
  ] as const) {
    await process.sleep(350);
    await process.print(`Get:${number++} ${url} ${suite}/main amd64 Packages [${bytes}]\n`);
  }
  await process.sleep(600);
  await process.print('Fetched 9347 kB in 2s (5210 kB/s)\nReading package lists...\n');
  const { fs } = process.machine;
  if (!fs.exists(`${lists}/partial`)) fs.mkdir(`${lists}/partial`, { recursive: true });
  fs.writeFile(`${lists}/${site.replace(/^http:\/\//, '').replaceAll('/', '_')}_dists_${codename}_main_binary-amd64_Packages.lz4`, 'lists\n');
  fs.writeFile(`${lists}/lock`, '');
  return 0;
} // prettier-ignore

const hasLists = ({ machine: { fs } }: Process) =>
  fs.exists(lists) && fs.readdir(lists).some((name) => name.includes('Packages'));

async function install(process: Process, names: readonly string[], options: { yes: boolean; quiet: number; recommends: boolean }): Promise<number> {
  const say = (text: string) => (options.quiet > 1 ? Promise.resolve() : process.print(text));
  await say('Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
  const database = new PackageDatabase(process, status, /^Package: (.+)$/m);
  const chosen = new Map<string, Package>();
  const missing: string[] = [];
  const asked: string[] = [];
  for (const text of names) {
    const name = text.split('=')[0]!.split(':')[0]!;
    const found = hasLists(process) ? findPackages('apt', name) : undefined;
    const version = text.includes('=') ? text.slice(text.indexOf('=') + 1) : undefined;
    if (!found) {
      if (database.has(name) || alwaysThere.has(name)) await say(`${name} is already the newest version.\n`);
      else missing.push(`E: Unable to locate package ${name}`);
      continue;
    }
    const own = found.at(-1)!;
    if (version !== undefined && !matches(own.version, version)) missing.push(`E: Version '${version}' for '${name}' was not found`);
    if (database.has(own.name)) await say(`${own.name} is already the newest version (${own.version}).\n`);
    else {
      asked.push(own.name);
      for (const each of found) if (!database.has(each.name)) chosen.set(each.name, each);
    }
  }
  if (missing.length > 0) {
    await process.printError(missing.map((line) => `${line}\n`).join(''));
    return 100;
  }
  const all = [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const extra = all.filter(({ name }) => !asked.includes(name));
  const paragraph = (list: readonly Package[]) => wrap(list.map(({ name }) => name));
  if (extra.length > 0) await say(`The following additional packages will be installed:\n${paragraph(extra)}`);
  if (all.length > 0) await say(`The following NEW packages will be installed:\n${paragraph(all)}`);
  await say(`0 upgraded, ${all.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  if (all.length === 0) return 0;
  const download = all.reduce((sum, each) => sum + each.size, 0);
  const disk = all.reduce((sum, each) => sum + each.installed, 0);
  await say(`Need to get ${grouped(download)} of archives.\nAfter this operation, ${grouped(disk)} of additional disk space will be used.\n`);
  if (!options.yes && (extra.length > 0 || names.length > 0) && extra.length > 0) {
    await process.print('Do you want to continue? [Y/n] ');
    const answer = (await new LineReader(process.stdin).next(process.cancel))?.trim().toLowerCase();
    if (answer === undefined || (answer !== '' && !answer.startsWith('y'))) {
      await process.print('Abort.\n');
      return 1;
    }
  }
  const { codename, site } = release(process);
  if (!isOnline(process)) {
    await process.printError(`E: Failed to fetch ${site}/pool/main/${all[0]!.name[0]}/${all[0]!.name}/${all[0]!.name}_${all[0]!.version}_amd64.deb  Temporary failure resolving '${/\/\/([^/]+)/.exec(site)![1]}'\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n`);
    return 100;
  }
  for (const [i, each] of all.entries()) {
    await process.sleep(15 + each.size / 50);
    await say(`Get:${i + 1} ${site} ${codename}/main amd64 ${each.name} amd64 ${each.version} [${size(each.size)}]\n`);
  }
  await process.printError('debconf: delaying package configuration, since apt-utils is not installed\n');
  await say(`Fetched ${grouped(download)} in 0s (${grouped(Math.max(1000, download * 2))}/s)\n`);
  for (const each of all) {
    const version = each.version.replace(/^\d+:/, '');
    await process.print(`Selecting previously unselected package ${each.name}.\n`);
    if (each === all[0]) await process.print('(Reading database ... 6090 files and directories currently installed.)\n');
    await process.print(`Preparing to unpack .../${each.name}_${version}_amd64.deb ...\nUnpacking ${each.name} (${each.version}) ...\n`);
    await process.sleep(30 + each.installed / 1000);
  }
  for (const each of all) {
    placeCommands(process, each);
    database.add(`Package: ${each.name}\nStatus: install ok installed\nInstalled-Size: ${each.installed}\nArchitecture: amd64\nVersion: ${each.version}\nDescription: ${each.about}`);
    await process.print(`Setting up ${each.name} (${each.version}) ...\n`);
    await process.sleep(20);
  }
  await process.print('Processing triggers for libc-bin (2.36-9+deb12u13) ...\n');
  return 0;
} // prettier-ignore

/** Of every Debian image. */
const alwaysThere = new Set(['apt', 'dpkg', 'bash', 'coreutils', 'tar', 'gzip', 'sed', 'grep', 'login', 'base-files', 'libc6', 'perl-base', 'debconf', 'findutils', 'passwd', 'mount', 'util-linux', 'hostname']); // prettier-ignore

const matches = (version: string, pattern: string) =>
  pattern.endsWith('*') ? version.startsWith(pattern.slice(0, -1)) : version === pattern;

function wrap(names: readonly string[]): string {
  let text = '';
  let line = ' ';
  for (const name of names) {
    if (line.length + name.length + 1 > 78) {
      text += `${line}\n`;
      line = ' ';
    }
    line += ` ${name}`;
  }
  return `${text}${line}\n`;
}

async function remove(process: Process, names: readonly string[]): Promise<number> {
  await process.print('Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
  const database = new PackageDatabase(process, status, /^Package: (.+)$/m);
  const present = names.filter((name) => database.has(name));
  for (const name of names)
    if (!present.includes(name)) await process.print(`Package '${name}' is not installed, so not removed\n`);
  if (present.length > 0) await process.print(`The following packages will be REMOVED:\n${wrap(present)}`);
  await process.print(`0 upgraded, 0 newly installed, ${present.length} to remove and 0 not upgraded.\n`);
  for (const name of present) {
    const own = findPackages('apt', name)?.at(-1);
    if (own) removeCommands(process, own);
    database.remove(name);
    await process.print(`Removing ${name}${own ? ` (${own.version})` : ''} ...\n`);
  }
  return 0;
} // prettier-ignore

function apt(tool: 'apt' | 'apt-get'): Program {
  return async (process) => {
    const flags = process.argv.slice(1).filter((arg) => arg.startsWith('-'));
    const [command, ...names] = process.argv.slice(1).filter((arg, i, all) => !arg.startsWith('-') && all[i - 1] !== '-o' && all[i - 1] !== '-t');
    const short = flags.filter((flag) => !flag.startsWith('--')).join('');
    const yes = /y/.test(short) || flags.some((flag) => ['--yes', '--assume-yes'].includes(flag)) || /qq/.test(short);
    const quiet = (short.match(/q/g) ?? []).length + (flags.includes('--quiet') ? 1 : 0);
    if (process.user.uid !== 0 && ['update', 'install', 'remove', 'purge', 'upgrade'].includes(command ?? '')) {
      await process.printError('E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n');
      return 100;
    }
    if (tool === 'apt' && !process.isatty.stdout) await process.printError('\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n');
    switch (command) {
      case 'update':
        return update(process);
      case 'install':
        return install(process, names, { yes, quiet, recommends: !flags.includes('--no-install-recommends') });
      case 'upgrade':
      case 'dist-upgrade':
      case 'full-upgrade':
        await process.print('Reading package lists...\nBuilding dependency tree...\nReading state information...\nCalculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n');
        return 0;
      case 'remove':
      case 'purge':
        return remove(process, names);
      case 'autoremove':
        return remove(process, []);
      case 'clean':
      case 'autoclean':
        return 0;
      case 'list': {
        const database = new PackageDatabase(process, status, /^Package: (.+)$/m);
        await process.print('Listing...\n');
        for (const block of database.blocks()) {
          const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(block)?.[1] ?? '';
          await process.print(`${field('Package')}/stable,now ${field('Version')} amd64 [installed]\n`);
        }
        return 0;
      }
      case undefined:
        await process.print(`${tool} 2.6.1 (amd64)\nUsage: ${tool} [options] command\n`);
        return 1;
      default:
        await process.printError(`E: Invalid operation ${command}\n`);
        return 100;
    }
  };
} // prettier-ignore

const dpkg: Program = async (process) => {
  const [action, name] = process.argv.slice(1);
  const database = new PackageDatabase(process, status, /^Package: (.+)$/m);
  if (action === '--print-architecture') {
    await process.print('amd64\n');
    return 0;
  }
  if (action === '-l' || action === '--list') {
    await process.print('Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name                Version              Architecture Description\n+++-===================-====================-============-=================================\n');
    for (const block of database.blocks()) {
      const field = (key: string) => new RegExp(`^${key}: (.+)$`, 'm').exec(block)?.[1] ?? '';
      if (name === undefined || field('Package') === name) await process.print(`ii  ${field('Package').padEnd(19)} ${field('Version').padEnd(20)} amd64        ${field('Description')}\n`);
    }
    return 0;
  }
  if (action === '-s' || action === '--status') {
    const block = database.blocks().find((each) => each.includes(`Package: ${name}\n`));
    if (block) await process.print(`${block}\n`);
    else await process.printError(`dpkg-query: package '${name}' is not installed and no information is available\n`);
    return block ? 0 : 1;
  }
  await process.printError(`slipway: dpkg ${action ?? ''} is not simulated\n`);
  return 1;
}; // prettier-ignore

export const aptTools: ReadonlyMap<string, Program> = new Map([['apt', apt('apt')], ['apt-get', apt('apt-get')], ['dpkg', dpkg]]); // prettier-ignore
