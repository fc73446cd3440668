import { ShellError } from '../errors.ts';
import { quoteForReuse } from '../quoting.ts';
import { findExecutables } from '../path.ts';
import { runBuiltin, runProgram } from '../simple.ts';
import type { Shell } from '../shell.ts';
import { functionText } from './declare.ts';
import { builtins, type Builtin } from './index.ts';

export const keywords = [
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'case',
  'esac',
  'for',
  'select',
  'while',
  'until',
  'do',
  'done',
  'in',
  'function',
  'time',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'coproc',
];

const command: Builtin = async (shell, args, arrays) => {
  let at = 1;
  let mode = '';
  for (; at < args.length && /^-[pvV]+$/.test(args[at]!); at++) mode += args[at]!.slice(1);
  if (args[at] === '--') at++;
  const rest = args.slice(at);
  if (mode.includes('v') || mode.includes('V')) {
    let status = 0;
    for (const name of rest) if (!(await describeShort(shell, name, mode.includes('V')))) status = 1;
    return status;
  }
  if (rest.length === 0) return 0;
  const builtin = builtins.get(rest[0]!);
  if (builtin) return runBuiltin(shell, builtin, rest, arrays);
  return runProgram(shell, rest);
};

async function describeShort(shell: Shell, name: string, verbose: boolean): Promise<boolean> {
  if (verbose) return describe(shell, name, 'command', false);
  const alias = shell.aliases.get(name);
  if (alias !== undefined) await shell.out(`alias ${name}=${quoteForReuse(alias)}\n`);
  else if (keywords.includes(name) || shell.functions.has(name) || builtins.has(name)) await shell.out(`${name}\n`);
  else {
    const [path] = findExecutables(shell, name);
    if (!path) return false;
    await shell.out(`${path}\n`);
  }
  return true;
}

async function describe(shell: Shell, name: string, builtin: string, all: boolean): Promise<boolean> {
  let found = false;
  const say = async (text: string) => {
    found = true;
    await shell.out(`${text}\n`);
  };
  const alias = shell.aliases.get(name);
  if (alias !== undefined) await say(`${name} is aliased to \`${alias}'`);
  if ((!found || all) && keywords.includes(name)) await say(`${name} is a shell keyword`);
  const definition = shell.functions.get(name);
  if ((!found || all) && definition)
    await say(
      `${name} is a function\n${functionText(name, definition.source.text.slice(definition.body.pos, definition.body.end))}`,
    );
  if ((!found || all) && builtins.has(name)) await say(`${name} is a shell builtin`);
  if (!found || all)
    for (const path of findExecutables(shell, name).slice(0, all ? undefined : 1)) await say(`${name} is ${path}`);
  if (!found) await shell.complain(`${builtin}: ${name}: not found`);
  return found;
}

const type: Builtin = async (shell, args) => {
  let at = 1;
  let mode = '';
  for (; at < args.length && /^-[aftpP]+$/.test(args[at]!); at++) mode += args[at]!.slice(1);
  let status = 0;
  for (const name of args.slice(at)) {
    if (mode.includes('t')) {
      const kind = kindOf(shell, name);
      if (kind) await shell.out(`${kind}\n`);
      else status = 1;
    } else if (/[pP]/.test(mode)) {
      const [path] = mode.includes('P') || kindOf(shell, name) === 'file' ? findExecutables(shell, name) : [];
      if (path) await shell.out(`${path}\n`);
      else if (!kindOf(shell, name)) status = 1;
    } else if (!(await describe(shell, name, 'type', mode.includes('a')))) status = 1;
  }
  return status;
};

function kindOf(shell: Shell, name: string): string | undefined {
  if (shell.aliases.has(name)) return 'alias';
  if (keywords.includes(name)) return 'keyword';
  if (shell.functions.has(name)) return 'function';
  if (builtins.has(name)) return 'builtin';
  return findExecutables(shell, name).length > 0 ? 'file' : undefined;
}

const builtinBuiltin: Builtin = async (shell, args, arrays) => {
  const [, name] = args;
  if (name === undefined) return 0;
  const builtin = builtins.get(name);
  if (!builtin) throw new ShellError(`builtin: ${name}: not a shell builtin`);
  return runBuiltin(shell, builtin, args.slice(1), arrays);
};

const alias: Builtin = async (shell, args) => {
  const rest = args.slice(1).filter((a) => a !== '-p');
  if (rest.length === 0)
    for (const [name, text] of [...shell.aliases].sort()) await shell.out(`alias ${name}=${quoteForReuse(text)}\n`);
  let status = 0;
  for (const argument of rest) {
    const at = argument.indexOf('=', 1);
    if (at > 0) shell.aliases.set(argument.slice(0, at), argument.slice(at + 1));
    else if (shell.aliases.has(argument))
      await shell.out(`alias ${argument}=${quoteForReuse(shell.aliases.get(argument)!)}\n`);
    else {
      await shell.complain(`alias: ${argument}: not found`);
      status = 1;
    }
  }
  return status;
};

const unalias: Builtin = async (shell, args) => {
  if (args[1] === '-a') shell.aliases.clear();
  let status = 0;
  for (const name of args.slice(1))
    if (name !== '-a' && !shell.aliases.delete(name)) {
      await shell.complain(`unalias: ${name}: not found`);
      status = 1;
    }
  return status;
};

const help: Builtin = async (shell, args) => {
  if (args[1] && !builtins.has(args[1])) {
    await shell.complain(
      `help: no help topics match \`${args[1]}'.  Try \`help help' or \`man -k ${args[1]}' or \`info ${args[1]}'.`,
    );
    return 1;
  }
  const names = [...builtins.keys()].sort();
  await shell.out('The shell runs these commands itself; every other command is a program found through PATH.\n\n');
  for (let i = 0; i < names.length; i += 8)
    await shell.out(
      ' ' +
        names
          .slice(i, i + 8)
          .map((n) => n.padEnd(10))
          .join('')
          .trimEnd() +
        '\n',
    );
  return 0;
};

const hash: Builtin = async (shell, args) => {
  if (args.length === 1) await shell.out('hash: hash table empty\n');
  return 0;
};

export const lookupBuiltins: Record<string, Builtin> = {
  command,
  type,
  builtin: builtinBuiltin,
  alias,
  unalias,
  help,
  hash,
};
