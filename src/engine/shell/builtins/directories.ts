import { checkAccess, permission } from '../../process/index.ts';
import { FsError, resolvePath } from '../../world/index.ts';
import { ShellError } from '../errors.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';

/** Changes the working directory. @throws ShellError */
function changeDirectory(shell: Shell, target: string, name = 'cd', physical = false): void {
  const { process } = shell;
  const { fs } = process.machine;
  let path = resolvePath(process.cwd, target);
  if (path.length > 1) path = path.replace(/\/$/, '');
  try {
    const stat = fs.stat(path);
    if (stat.type !== 'directory') throw new FsError('ENOTDIR', path);
    checkAccess(fs, process.user, path, permission.execute);
    if (physical) path = fs.realpath(path);
  } catch (error) {
    if (error instanceof FsError && shell.flavor !== 'bash')
      throw new ShellError(`${name}: can't cd to ${target}`, { status: 2 });
    if (error instanceof FsError) throw new ShellError(`${name}: ${target}: ${error.message}`);
    throw error;
  }
  shell.variables.set('OLDPWD', process.cwd).exported = true;
  process.cwd = path;
  shell.variables.set('PWD', path).exported = true;
}

const cd: Builtin = async (shell, args) => {
  const rest = args.slice(1);
  let physical = false;
  while (rest[0] && /^-[LPe@]+$/.test(rest[0])) physical = rest.shift()!.includes('P');
  if (rest[0] === '--') rest.shift();
  if (rest.length > 1) throw new ShellError('cd: too many arguments');
  let [target] = rest;
  let announce = false;
  if (target === undefined) {
    target = shell.variables.get('HOME');
    if (target === undefined) throw new ShellError('cd: HOME not set');
  } else if (target === '-') {
    target = shell.variables.get('OLDPWD');
    if (target === undefined) throw new ShellError('cd: OLDPWD not set');
    announce = true;
  } else if (/^-./.test(target)) {
    await shell.complain(`cd: ${target.slice(0, 2)}: invalid option`);
    await shell.printError('cd: usage: cd [-L|[-P [-e]] [-@]] [dir]\n');
    return 2;
  } else if (!/^\.{0,2}(\/|$)/.test(target)) {
    for (const base of (shell.variables.get('CDPATH') ?? '').split(':').filter(Boolean)) {
      const candidate = `${base}/${target}`;
      if (shell.process.machine.fs.lookup(shell.process.path(candidate))?.type !== 'directory') continue;
      target = candidate;
      announce = true;
      break;
    }
  }
  if (target === '') return 0;
  changeDirectory(shell, target, 'cd', physical);
  if (announce) await shell.out(`${shell.process.cwd}\n`);
  return 0;
};

const pwd: Builtin = async (shell, args) => {
  const { process } = shell;
  await shell.out(`${args.includes('-P') ? process.machine.fs.realpath(process.cwd) : process.cwd}\n`);
  return 0;
};

async function showStack(shell: Shell): Promise<void> {
  const home = shell.variables.get('HOME') ?? '';
  const short = (path: string) =>
    home && (path === home || path.startsWith(home + '/')) ? '~' + path.slice(home.length) : path;
  await shell.out([shell.process.cwd, ...shell.directories].map(short).join(' ') + '\n');
}

const pushd: Builtin = async (shell, args) => {
  const [, target] = args;
  if (target === undefined) {
    const top = shell.directories.shift();
    if (top === undefined) throw new ShellError('pushd: no other directory');
    const before = shell.process.cwd;
    changeDirectory(shell, top, 'pushd');
    shell.directories.unshift(before);
  } else if (/^[+-]\d+$/.test(target)) {
    const all = [shell.process.cwd, ...shell.directories];
    const n = target[0] === '+' ? Number(target) : all.length - 1 + Number(target);
    if (!all[n]) throw new ShellError(`pushd: ${target}: directory stack index out of range`);
    const rotated = [...all.slice(n), ...all.slice(0, n)];
    changeDirectory(shell, rotated[0]!, 'pushd');
    shell.directories = rotated.slice(1);
  } else {
    const before = shell.process.cwd;
    changeDirectory(shell, target, 'pushd');
    shell.directories.unshift(before);
  }
  await showStack(shell);
  return 0;
};

const popd: Builtin = async (shell) => {
  const top = shell.directories.shift();
  if (top === undefined) throw new ShellError('popd: directory stack empty');
  changeDirectory(shell, top, 'popd');
  await showStack(shell);
  return 0;
};

const dirs: Builtin = async (shell, args) => {
  if (args[1] === '-c') shell.directories = [];
  else if (args[1] === '-p' || args[1] === '-v') {
    const all = [shell.process.cwd, ...shell.directories];
    await shell.out(all.map((d, i) => (args[1] === '-v' ? `${String(i).padStart(2)}  ${d}\n` : `${d}\n`)).join(''));
  } else await showStack(shell);
  return 0;
};

const umask: Builtin = async (shell, args) => {
  const [, mask] = args;
  if (mask === undefined) await shell.out(shell.process.umask.toString(8).padStart(4, '0') + '\n');
  else if (mask === '-S') {
    const allowed = ~shell.process.umask;
    const letters = (shift: number) => ['r', 'w', 'x'].filter((_, i) => (allowed >> shift) & (4 >> i)).join('');
    await shell.out(`u=${letters(6)},g=${letters(3)},o=${letters(0)}\n`);
  } else if (/^[0-7]+$/.test(mask)) shell.process.umask = parseInt(mask, 8) & 0o777;
  else
    throw new ShellError(
      /^\d+$/.test(mask)
        ? `umask: ${mask}: octal number out of range`
        : `umask: \`${mask[0]}': invalid symbolic mode operator`,
    );
  return 0;
};

export const directoryBuiltins: Record<string, Builtin> = { cd, pwd, pushd, popd, dirs, umask };
