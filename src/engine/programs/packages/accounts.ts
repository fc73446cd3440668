import type { Process, Program } from '../../process/index.ts';

/** adduser, addgroup (busybox and Debian), useradd, groupadd, passwd files. */

interface Entry {
  name: string;
  id: number;
}

const lines = ({ machine: { fs } }: Process, path: string) =>
  fs.exists(path) ? fs.readText(path).split('\n').filter(Boolean) : [];

function entries(process: Process, path: string): Entry[] {
  return lines(process, path).map((line) => {
    const [name = '', , id = '0'] = line.split(':');
    return { name, id: Number(id) };
  });
}

function append(process: Process, path: string, line: string): void {
  const { fs } = process.machine;
  fs.writeFile(path, [...lines(process, path), line, ''].join('\n'));
}

function freeId(taken: readonly Entry[], from: number): number {
  const ids = new Set(taken.map(({ id }) => id));
  let id = from;
  while (ids.has(id)) id++;
  return id;
}

interface Options {
  words: string[];
  values: Map<string, string>;
  has(...names: string[]): boolean;
  get(...names: string[]): string | undefined;
}

/** Options of which those in `valued` take a value. */
function parse(argv: readonly string[], valued: readonly string[]): Options {
  const words: string[] = [];
  const values = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    if (arg.startsWith('--')) {
      const [name = '', value] = arg.slice(2).split('=');
      values.set(name, value ?? (valued.includes(name) ? (argv[++i] ?? '') : ''));
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j]!;
      if (valued.includes(letter)) {
        values.set(letter, arg.slice(j + 1) || (argv[++i] ?? ''));
        break;
      }
      values.set(letter, '');
    }
  }
  return {
    words,
    values,
    has: (...names) => names.some((name) => values.has(name)),
    get: (...names) => names.map((name) => values.get(name)).find((value) => value !== undefined),
  };
}

const isBusybox = ({ machine: { fs } }: Process) => fs.exists('/bin/busybox');

function addToGroup(process: Process, user: string, group: string): boolean {
  const { fs } = process.machine;
  const all = lines(process, '/etc/group');
  const at = all.findIndex((line) => line.startsWith(`${group}:`));
  if (at < 0) return false;
  const members = (all[at]!.split(':')[3] ?? '').split(',').filter(Boolean);
  if (!members.includes(user)) members.push(user);
  all[at] = [...all[at]!.split(':').slice(0, 3), members.join(',')].join(':');
  fs.writeFile('/etc/group', `${all.join('\n')}\n`);
  return true;
}

async function createGroup(process: Process, name: string, gid: number | undefined, system: boolean): Promise<number | undefined> {
  const groups = entries(process, '/etc/group');
  if (groups.some((group) => group.name === name)) return undefined;
  const id = gid ?? freeId(groups, system ? (isBusybox(process) ? 100 : 101) : 1000);
  append(process, '/etc/group', `${name}:x:${id}:`);
  return Promise.resolve(id);
} // prettier-ignore

function createUser(process: Process, user: { name: string; uid: number | undefined; gid: number; home: string; shell: string; system: boolean; comment: string; makeHome: boolean }): number {
  const { fs } = process.machine;
  const uid = user.uid ?? freeId(entries(process, '/etc/passwd'), user.system ? (isBusybox(process) ? 100 : 101) : 1000);
  append(process, '/etc/passwd', `${user.name}:x:${uid}:${user.gid}:${user.comment}:${user.home}:${user.shell}`);
  if (user.makeHome && !fs.exists(user.home)) {
    fs.mkdir(user.home, { recursive: true, mode: 0o755 });
    fs.setAttributes(user.home, { uid, gid: user.gid });
  }
  return uid;
} // prettier-ignore

const needsRoot = async (process: Process, text: string) => {
  if (process.user.uid === 0) return false;
  await process.printError(`${text}\n`);
  return true;
};

const adduser: Program = async (process) => {
  const options = parse(process.argv.slice(1), ['h', 'g', 's', 'G', 'u', 'k', 'home', 'shell', 'uid', 'gid', 'ingroup', 'gecos', 'firstuid']);
  const [name, group] = options.words;
  const busybox = isBusybox(process);
  if (await needsRoot(process, busybox ? 'adduser: permission denied (are you root?)' : 'adduser: Only root may add a user or group to the system.')) return 1;
  if (name === undefined) {
    await process.printError(busybox ? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: adduser [OPTIONS] USER [GROUP]\n' : 'adduser: Only one or two names allowed.\n');
    return 1;
  }
  const users = entries(process, '/etc/passwd');
  if (group !== undefined) {
    if (addToGroup(process, name, group)) return 0;
    await process.printError(busybox ? `adduser: unknown group ${group}\n` : `adduser: The group \`${group}' does not exist.\n`);
    return 1;
  }
  if (users.some((user) => user.name === name)) {
    await process.printError(busybox ? `adduser: user '${name}' in use\n` : `adduser: The user \`${name}' already exists.\n`);
    return 1;
  }
  const system = options.has('S', 'system', 'r');
  const wanted = options.get('G', 'ingroup', 'gid');
  const groups = entries(process, '/etc/group');
  const found = wanted === undefined ? undefined : groups.find((each) => each.name === wanted || String(each.id) === wanted);
  if (wanted !== undefined && !found) {
    await process.printError(busybox ? `adduser: unknown group ${wanted}\n` : `adduser: The group \`${wanted}' does not exist.\n`);
    return 1;
  }
  const uidText = options.get('u', 'uid');
  const uid = uidText === undefined ? undefined : Number(uidText);
  const gid = found?.id ?? (system && !busybox && !options.has('group') ? 65534 : system && busybox ? 65533 : await createGroup(process, name, uid, system)) ?? groups.find((each) => each.name === name)!.id;
  const home = options.get('h', 'home') ?? `/home/${name}`;
  const shell = options.get('s', 'shell') ?? (system ? (busybox ? '/sbin/nologin' : '/usr/sbin/nologin') : busybox ? '/bin/sh' : '/bin/bash');
  const made = createUser(process, { name, uid, gid, home, shell, system, comment: options.get('g', 'gecos') ?? '', makeHome: !options.has('H', 'no-create-home') });
  if (!busybox && !options.has('quiet', 'q')) {
    await process.print(`Adding ${system ? 'system ' : ''}user \`${name}' (UID ${made}) ...\n`);
    if (!found && !system) await process.print(`Adding new group \`${name}' (${gid}) ...\nAdding new user \`${name}' (${made}) with group \`${name} (${gid})' ...\n`);
    await process.print(options.has('no-create-home') ? `Not creating home directory \`${home}'.\n` : `Creating home directory \`${home}' ...\n`);
  }
  return 0;
}; // prettier-ignore

const addgroup: Program = async (process) => {
  const options = parse(process.argv.slice(1), ['g', 'gid']);
  const [first, second] = options.words;
  const busybox = isBusybox(process);
  if (await needsRoot(process, busybox ? 'addgroup: permission denied (are you root?)' : 'addgroup: Only root may add a user or group to the system.')) return 1;
  if (first === undefined) {
    await process.printError('addgroup: no group name given\n');
    return 1;
  }
  if (second !== undefined) {
    if (addToGroup(process, first, second)) return 0;
    await process.printError(`addgroup: unknown group ${second}\n`);
    return 1;
  }
  const gid = options.get('g', 'gid');
  const made = await createGroup(process, first, gid === undefined ? undefined : Number(gid), options.has('S', 'system'));
  if (made === undefined) {
    await process.printError(busybox ? `addgroup: group '${first}' in use\n` : `addgroup: The group \`${first}' already exists.\n`);
    return 1;
  }
  if (!busybox) await process.print(`Adding group \`${first}' (GID ${made}) ...\nDone.\n`);
  return 0;
}; // prettier-ignore

const useradd: Program = async (process) => {
  const options = parse(process.argv.slice(1), ['d', 'g', 's', 'G', 'u', 'c', 'b', 'k', 'home-dir', 'gid', 'shell', 'groups', 'uid', 'comment', 'base-dir']);
  const [name] = options.words;
  if (await needsRoot(process, 'useradd: Permission denied.\nuseradd: cannot lock /etc/passwd; try again later.')) return 1;
  if (name === undefined) {
    await process.printError('Usage: useradd [options] LOGIN\n');
    return 2;
  }
  if (entries(process, '/etc/passwd').some((user) => user.name === name)) {
    await process.printError(`useradd: user '${name}' already exists\n`);
    return 9;
  }
  const groups = entries(process, '/etc/group');
  const wanted = options.get('g', 'gid');
  const found = wanted === undefined ? undefined : groups.find((group) => group.name === wanted || String(group.id) === wanted);
  if (wanted !== undefined && !found) {
    await process.printError(`useradd: group '${wanted}' does not exist\n`);
    return 6;
  }
  const system = options.has('r', 'system');
  const uidText = options.get('u', 'uid');
  const uid = uidText === undefined ? undefined : Number(uidText);
  const gid = found?.id ?? (await createGroup(process, name, uid, system)) ?? groups.find((group) => group.name === name)!.id;
  createUser(process, { name, uid, gid, home: options.get('d', 'home-dir') ?? `/home/${name}`, shell: options.get('s', 'shell') ?? '/bin/sh', system, comment: options.get('c', 'comment') ?? '', makeHome: options.has('m', 'create-home') });
  for (const group of (options.get('G', 'groups') ?? '').split(',').filter(Boolean))
    if (!addToGroup(process, name, group)) {
      await process.printError(`useradd: group '${group}' does not exist\n`);
      return 6;
    }
  return 0;
}; // prettier-ignore

const groupadd: Program = async (process) => {
  const options = parse(process.argv.slice(1), ['g', 'gid']);
  const [name] = options.words;
  if (await needsRoot(process, 'groupadd: Permission denied.\ngroupadd: cannot lock /etc/group; try again later.')) return 1;
  if (name === undefined) {
    await process.printError('Usage: groupadd [options] GROUP\n');
    return 2;
  }
  const gid = options.get('g', 'gid');
  if (gid !== undefined && entries(process, '/etc/group').some((group) => group.id === Number(gid))) {
    await process.printError(`groupadd: GID '${gid}' already exists\n`);
    return 4;
  }
  if ((await createGroup(process, name, gid === undefined ? undefined : Number(gid), options.has('r', 'system'))) !== undefined) return 0;
  if (options.has('f', 'force')) return 0;
  await process.printError(`groupadd: group '${name}' already exists\n`);
  return 9;
}; // prettier-ignore

const usermod: Program = async (process) => {
  const options = parse(process.argv.slice(1), ['G', 'g', 'd', 's', 'u', 'groups', 'gid', 'shell', 'home', 'uid']);
  const name = options.words.at(-1) ?? '';
  if (!entries(process, '/etc/passwd').some((user) => user.name === name)) {
    await process.printError(`usermod: user '${name}' does not exist\n`);
    return 6;
  }
  for (const group of (options.get('G', 'groups') ?? '').split(',').filter(Boolean))
    if (!addToGroup(process, name, group)) {
      await process.printError(`usermod: group '${group}' does not exist\n`);
      return 6;
    }
  return 0;
}; // prettier-ignore

export const accountTools: ReadonlyMap<string, Program> = new Map([['adduser', adduser], ['addgroup', addgroup], ['useradd', useradd], ['groupadd', groupadd], ['usermod', usermod]]); // prettier-ignore
