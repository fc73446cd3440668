import type { Process, Program } from '../../process/index.ts';
import { findPackages, type Package } from './catalogue.ts';
import { PackageDatabase, placeCommands, removeCommands } from './install.ts';

/** yum and dnf. CentOS' mirrors are gone: every release of it fails as it does for everyone. */

const path = '/var/lib/rpm/packages';

function centosVersion({ machine: { fs } }: Process): string | undefined {
  if (!fs.exists('/etc/centos-release')) return undefined;
  return /release (\d+)/.exec(fs.readText('/etc/centos-release'))?.[1];
}

async function mirrorsGone(process: Process, version: string): Promise<number> {
  if (version === '8') {
    const url = 'http://mirrorlist.centos.org/?release=8&arch=x86_64&repo=AppStream&infra=container';
    const reason = `Curl error (6): Couldn't resolve host name for ${url} [Could not resolve host: mirrorlist.centos.org]`;
    await process.sleep(2000);
    await process.print(`${'CentOS Linux 8 - AppStream'.padEnd(49)}0.0  B/s |   0  B     00:00    \n`);
    await process.printError(`Errors during downloading metadata for repository 'appstream':\n  - ${reason}\nError: Failed to download metadata for repo 'appstream': Cannot prepare internal mirrorlist: ${reason}\n`);
    return 1;
  }
  const url = `http://mirrorlist.centos.org/?release=${version}&arch=x86_64&repo=os&infra=container`;
  await process.print('Loaded plugins: fastestmirror, ovl\nDetermining fastest mirrors\n');
  await process.sleep(2000);
  await process.print(`Could not retrieve mirrorlist ${url} error was\n14: curl#6 - "Could not resolve host: mirrorlist.centos.org; Unknown error"\n`);
  await process.printError(`\n\n One of the configured repositories failed (Unknown),\n and yum doesn't have enough cached data to continue.\n\nCannot find a valid baseurl for repo: base/${version}/x86_64\n`);
  return 1;
} // prettier-ignore

const yum: Program = async (process) => {
  const [command, ...names] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const version = centosVersion(process);
  if (command === undefined) {
    await process.printError('You need to give some command\n');
    return 1;
  }
  if (command === 'clean') {
    await process.print('0 files removed\n');
    return 0;
  }
  const database = new PackageDatabase(process, path, /^Name: (.+)$/m);
  if (command === 'remove' || command === 'erase') {
    for (const name of names) {
      const own = findPackages('yum', name)?.at(-1);
      if (database.remove(name) === undefined) await process.print(`No match for argument: ${name}\n`);
      else if (own) removeCommands(process, own);
    }
    await process.print('Complete!\n');
    return 0;
  }
  if (version !== undefined) return mirrorsGone(process, version);
  if (command !== 'install') {
    await process.print('Dependencies resolved.\nNothing to do.\nComplete!\n');
    return 0;
  }
  const chosen: Package[] = [];
  for (const name of names) {
    const found = findPackages('yum', name);
    if (!found) {
      await process.print(`No match for argument: ${name}\n`);
      await process.printError(`Error: Unable to find a match: ${name}\n`);
      return 1;
    }
    chosen.push(...found.filter((each) => !database.has(each.name)));
  }
  await process.print(`Dependencies resolved.\nInstalling ${chosen.length} Packages\n`);
  for (const each of chosen) {
    placeCommands(process, each);
    database.add(`Name: ${each.name}\nVersion: ${each.version}\nSize: ${each.installed * 1024}`);
    await process.print(`  Installing       : ${each.name}-${each.version}.x86_64\n`);
    await process.sleep(40);
  }
  await process.print('\nComplete!\n');
  return 0;
}; // prettier-ignore

export const yumTools: ReadonlyMap<string, Program> = new Map([['yum', yum], ['dnf', yum], ['microdnf', yum]]); // prettier-ignore
