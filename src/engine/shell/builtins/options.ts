import { ShellError } from '../errors.ts';
import { quoteIfNeeded } from '../quoting.ts';
import type { Shell } from '../shell.ts';
import { isName } from '../variables.ts';
import type { Builtin } from './index.ts';

const optionNames: Record<string, string> = {
  a: 'allexport', b: 'notify', B: 'braceexpand', C: 'noclobber', e: 'errexit', E: 'errtrace', f: 'noglob', h: 'hashall', H: 'histexpand',
  k: 'keyword', m: 'monitor', n: 'noexec', p: 'privileged', P: 'physical', t: 'onecmd', T: 'functrace', u: 'nounset', v: 'verbose', x: 'xtrace',
}; // prettier-ignore
const longNames = [
  'allexport', 'braceexpand', 'emacs', 'errexit', 'errtrace', 'functrace', 'hashall', 'histexpand', 'history', 'ignoreeof', 'interactive-comments',
  'keyword', 'monitor', 'noclobber', 'noexec', 'noglob', 'nolog', 'notify', 'nounset', 'onecmd', 'physical', 'pipefail', 'posix', 'privileged',
  'verbose', 'vi', 'xtrace',
]; // prettier-ignore

/** Options that are on unless taken back; the set holds `no…` for them. */
function isOn(shell: Shell, name: string): boolean {
  if (name === 'braceexpand') return !shell.options.has('nobraceexpand');
  if (name === 'hashall' || name === 'interactive-comments') return true;
  if (name === 'emacs' || name === 'history' || name === 'histexpand') return shell.interactive;
  return shell.options.has(name);
}

function setOption(shell: Shell, name: string, on: boolean): void {
  if (name === 'braceexpand') return setOption(shell, 'nobraceexpand', !on);
  if (on) shell.options.add(name);
  else shell.options.delete(name);
}

/** Applies `-e`, `+x`, `-o name`, … @returns the index after the options. @throws ShellError */
export function applyOptions(shell: Shell, args: readonly string[], from: number): number {
  let at = from;
  for (; at < args.length; at++) {
    const argument = args[at]!;
    if (!/^[-+]./.test(argument) || argument === '--') break;
    const on = argument[0] === '-';
    for (const c of argument.slice(1)) {
      if (c === 'o') {
        const name = args[++at];
        if (name === undefined) return at;
        if (!longNames.includes(name)) throw new ShellError(`set: ${name}: invalid option name`);
        setOption(shell, name, on);
      } else if (optionNames[c]) setOption(shell, optionNames[c], on);
      else throw new ShellError(`set: ${argument[0]}${c}: invalid option`, { status: 2 });
    }
  }
  return at;
}

const set: Builtin = async (shell, args) => {
  if (args.length === 1) {
    for (const name of shell.variables.names()) {
      const v = shell.variables.lookup(name)!;
      if (v.kind === 'scalar') {
        if (v.value !== undefined) await shell.out(`${name}=${quoteIfNeeded(v.value).replace(/^''$/, '')}\n`);
      } else
        await shell.out(
          `${name}=(${shell.variables
            .keys(name)
            .map((k) => `[${k}]="${v.items!.get(k)}"`)
            .join(' ')})\n`,
        );
    }
    return 0;
  }
  if (args.length === 2 && /^[-+]o$/.test(args[1]!)) {
    for (const name of longNames)
      await shell.out(
        args[1] === '-o'
          ? `${name.padEnd(15)}\t${isOn(shell, name) ? 'on' : 'off'}\n`
          : `set ${isOn(shell, name) ? '-' : '+'}o ${name}\n`,
      );
    return 0;
  }
  let at: number;
  try {
    at = applyOptions(shell, args, 1);
  } catch (error) {
    if (!(error instanceof ShellError)) throw error;
    await shell.complain(error.message);
    if (error.status === 2)
      await shell.printError('set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n');
    return error.status;
  }
  if (args[at] === '--') shell.positional = args.slice(at + 1);
  else if (at < args.length) shell.positional = args.slice(args[at] === '-' ? at + 1 : at);
  return 0;
};

const shoptNames = [
  'autocd', 'cdspell', 'checkhash', 'checkjobs', 'checkwinsize', 'cmdhist', 'complete_fullquote', 'dotglob', 'expand_aliases', 'extglob', 'extquote',
  'failglob', 'force_fignore', 'globasciiranges', 'globstar', 'histappend', 'histreedit', 'histverify', 'hostcomplete', 'inherit_errexit',
  'interactive_comments', 'lastpipe', 'login_shell', 'nocaseglob', 'nocasematch', 'nullglob', 'patsub_replacement', 'progcomp', 'promptvars',
  'sourcepath', 'xpg_echo',
]; // prettier-ignore

const shopt: Builtin = async (shell, args) => {
  const mode = args
    .slice(1)
    .filter((a) => a.startsWith('-'))
    .join('');
  const names = args.slice(1).filter((a) => !a.startsWith('-'));
  for (const name of names)
    if (!(mode.includes('o') ? longNames : shoptNames).includes(name))
      throw new ShellError(`shopt: ${name}: invalid shell option name`);
  const has = (name: string) => (mode.includes('o') ? isOn(shell, name) : shell.shopts.has(name));
  if (mode.includes('s') || mode.includes('u')) {
    for (const name of names) {
      if (mode.includes('o')) setOption(shell, name, mode.includes('s'));
      else if (mode.includes('s')) shell.shopts.add(name);
      else shell.shopts.delete(name);
    }
    return 0;
  }
  let status = 0;
  for (const name of names.length > 0 ? names : shoptNames) {
    if (!has(name) && names.length > 0) status = 1;
    if (!mode.includes('q'))
      await shell.out(
        mode.includes('p')
          ? `shopt -${has(name) ? 's' : 'u'} ${name}\n`
          : `${name.padEnd(15)}\t${has(name) ? 'on' : 'off'}\n`,
      );
  }
  return status;
};

const shift: Builtin = (shell, args) => {
  const count = args[1] === undefined ? 1 : Number(args[1]);
  if (!Number.isInteger(count)) throw new ShellError(`shift: ${args[1]}: numeric argument required`);
  if (count < 0) throw new ShellError(`shift: ${args[1]}: shift count out of range`);
  if (count > shell.positional.length) return 1;
  shell.positional = shell.positional.slice(count);
  return 0;
};

const getopts: Builtin = async (shell, args) => {
  const [, options, name, ...given] = args;
  if (options === undefined || name === undefined) {
    await shell.printError('getopts: usage: getopts optstring name [arg ...]\n');
    return 2;
  }
  if (!isName(name)) throw new ShellError(`getopts: \`${name}': not a valid identifier`);
  const words = given.length > 0 ? given : shell.positional;
  const silent = options.startsWith(':');
  let index = Number(shell.variables.get('OPTIND') ?? 1) || 1;
  let at = shell.getoptsAt ?? 1;
  const word = words[index - 1];
  if (at === 1 && (word === undefined || !/^-./.test(word) || word === '--')) {
    if (word === '--') shell.variables.set('OPTIND', String(index + 1));
    shell.variables.set(name, '?');
    return 1;
  }
  const letter = word![at]!;
  const spec = options.indexOf(letter, silent ? 1 : 0);
  const done = () => {
    if (at + 1 < word!.length) {
      at++;
      shell.getoptsAt = at;
    } else {
      index++;
      shell.getoptsAt = undefined;
    }
    const keep = shell.getoptsAt;
    shell.variables.set('OPTIND', String(index));
    shell.getoptsAt = keep;
  };
  if (spec < 0 || letter === ':') {
    done();
    shell.variables.set(name, '?');
    if (silent) shell.variables.set('OPTARG', letter);
    else {
      shell.variables.unset('OPTARG');
      await shell.printError(`${shell.name}: illegal option -- ${letter}\n`);
    }
    return 0;
  }
  if (options[spec + 1] !== ':') {
    done();
    shell.variables.unset('OPTARG');
    shell.variables.set(name, letter);
    return 0;
  }
  let value: string | undefined = word!.slice(at + 1);
  index++;
  if (value === '') value = words[index++ - 1];
  shell.variables.set('OPTIND', String(index));
  shell.getoptsAt = undefined;
  if (value === undefined) {
    shell.variables.set(name, silent ? ':' : '?');
    if (silent) shell.variables.set('OPTARG', letter);
    else await shell.printError(`${shell.name}: option requires an argument -- ${letter}\n`);
    return 0;
  }
  shell.variables.set('OPTARG', value);
  shell.variables.set(name, letter);
  return 0;
};

const limits: Record<string, [string, string]> = {
  c: ['core file size              (blocks, -c)', '0'],
  f: ['file size                   (blocks, -f)', '131072'],
  l: ['max locked memory          (kbytes, -l)', '8192'],
  n: ['open files                          (-n)', '1024'],
  s: ['stack size                  (kbytes, -s)', '8192'],
  t: ['cpu time                  (seconds, -t)', 'unlimited'],
  u: ['max user processes                  (-u)', '1024'],
  v: ['virtual memory              (kbytes, -v)', 'unlimited'],
};

const ulimit: Builtin = async (shell, args) => {
  const letters = args
    .slice(1)
    .filter((a) => a.startsWith('-'))
    .join('')
    .replace(/[-HS]/g, '');
  const value = args.slice(1).find((a) => !a.startsWith('-'));
  const hard = args.slice(1).some((a) => /^-[a-zS]*H/.test(a));
  const own = (letter: string) => {
    const set = shell.process.machine.limits.get(letter);
    return set && (hard ? set.hard : set.soft);
  };
  if (letters === 'a') {
    await shell.out(
      Object.entries(limits)
        .map(([letter, [text, v]]) => `${text} ${own(letter) ?? v}\n`)
        .join(''),
    );
    return 0;
  }
  const limit = limits[letters || 'f'];
  if (!limit) throw new ShellError(`ulimit: -${letters}: invalid option`, { status: 2 });
  if (value !== undefined) throw new ShellError('slipway: changing resource limits is not simulated');
  await shell.out(`${own(letters || 'f') ?? limit[1]}\n`);
  return 0;
};

const times: Builtin = async (shell) => {
  await shell.out('0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n');
  return 0;
};

const caller: Builtin = async (shell) => {
  if (shell.callStack.length === 0) return 1;
  await shell.out(`${shell.line} ${shell.callStack.at(-2) ?? 'main'}\n`);
  return 0;
};

export const optionBuiltins: Record<string, Builtin> = { set, shopt, shift, getopts, ulimit, times, caller };
