import { ShellError } from '../errors.ts';
import { arithmeticNow } from '../expand.ts';
import { quoteDouble, quoteIfNeeded } from '../quoting.ts';
import { assignArray, type ArrayArguments } from '../simple.ts';
import type { Shell } from '../shell.ts';
import { isName, type Variable } from '../variables.ts';
import type { Builtin } from './index.ts';

interface Attributes {
  add: Set<string>;
  remove: Set<string>;
}

const usage: Record<string, string> = {
  declare: 'declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]',
  local: 'local [option] name[=value] ...',
  export: 'export [-fn] [name[=value] ...] or export -p',
  readonly: 'readonly [-aAf] [name[=value] ...] or readonly -p',
  unset: 'unset [-f] [-v] [-n] [name ...]',
};

async function parseAttributes(
  shell: Shell,
  args: readonly string[],
  allowed: string,
): Promise<{ attributes: Attributes; at: number } | undefined> {
  const attributes: Attributes = { add: new Set(), remove: new Set() };
  let at = 1;
  for (; at < args.length && /^[-+]./.test(args[at]!); at++) {
    if (args[at] === '--') {
      at++;
      break;
    }
    for (const c of args[at]!.slice(1)) {
      if (!allowed.includes(c)) {
        await shell.complain(`${args[0]}: -${c}: invalid option`);
        await shell.printError(`${args[0]}: usage: ${usage[args[0] === 'typeset' ? 'declare' : args[0]!]}\n`);
        return undefined;
      }
      (args[at]![0] === '-' ? attributes.add : attributes.remove).add(c);
    }
  }
  return { attributes, at };
}

function applyAttributes(shell: Shell, variable: Variable, { add, remove }: Attributes): void {
  if (add.has('x')) variable.exported = true;
  if (remove.has('x')) variable.exported = false;
  if (add.has('i')) variable.integer = true;
  if (remove.has('i')) variable.integer = false;
  if (add.has('l')) variable.letterCase = 'lower';
  if (add.has('u')) variable.letterCase = 'upper';
  if (remove.has('l') || remove.has('u')) variable.letterCase = undefined;
  if (add.has('n')) variable.nameref = true;
  if (add.has('A')) shell.variables.makeArray(variable, 'associative');
  else if (add.has('a')) shell.variables.makeArray(variable, 'indexed');
}

/** What `declare`, `local`, `export` and `readonly` have in common. */
async function declareAll(
  shell: Shell,
  args: readonly string[],
  from: number,
  arrays: ArrayArguments,
  attributes: Attributes,
  scope: 'local' | 'global' | 'any',
): Promise<number> {
  let status = 0;
  for (let i = from; i < args.length; i++) {
    const array = arrays.get(i);
    const match = /^([^=+[]*)(?:\[([^\]]*)\])?(\+?=)?([^]*)$/.exec(args[i]!)!;
    const name = array ? array.name : match[1]!;
    if (!isName(name) || (!array && match[3] === undefined && match[4] !== '')) {
      await shell.complain(`${args[0]}: \`${args[i]}': not a valid identifier`);
      status = 1;
      continue;
    }
    const { variables } = shell;
    const variable =
      scope === 'local'
        ? variables.declareLocal(name)
        : scope === 'global'
          ? variables.declareGlobal(name)
          : variables.declare(variables.resolve(name));
    const valued = array !== undefined || match[3] !== undefined;
    if (variable.readonly && (valued || attributes.remove.has('r'))) {
      await shell.complain(`${args[0] === 'declare' ? 'declare: ' : ''}${name}: readonly variable`);
      status = 1;
      continue;
    }
    applyAttributes(shell, variable, attributes);
    if (array?.value.type === 'ArrayValue') await assignArray(shell, name, array.value, array.append ?? false);
    else if (match[3] !== undefined) {
      const value = match[4]!;
      if (match[2] !== undefined) variables.setElement(name, match[2], value);
      else if (attributes.add.has('n')) variable.value = value;
      else {
        const before = match[3] === '+=' ? (variables.get(name) ?? '') : '';
        variables.set(
          name,
          variable.integer ? String(arithmeticNow(shell, before ? `${before}+(${value})` : value)) : before + value,
        );
      }
    }
    if (attributes.add.has('r')) variable.readonly = true;
  }
  return status;
}

function declaration(shell: Shell, name: string, v: Variable): string {
  const letters = shell.attributes(name);
  const head = `declare -${letters || '-'} ${name}`;
  if (v.kind === 'scalar') return v.value === undefined ? head : `${head}=${quoteDouble(v.value)}`;
  const items = shell.variables
    .keys(name)
    .map((key) => `[${v.kind === 'indexed' ? key : quoteIfNeeded(key)}]=${quoteDouble(v.items!.get(key)!)}`);
  return `${head}=(${items.join(' ')}${v.kind === 'associative' && items.length > 0 ? ' ' : ''})`;
}

async function list(shell: Shell, wanted: (v: Variable) => boolean): Promise<number> {
  for (const name of shell.variables.names()) {
    const v = shell.variables.lookup(name)!;
    if (wanted(v)) await shell.out(`${declaration(shell, name, v)}\n`);
  }
  return 0;
}

const declare: Builtin = async (shell, args, arrays) => {
  const parsed = await parseAttributes(shell, args, 'aAfFgiIlnprtux');
  if (!parsed) return 2;
  const { attributes, at } = parsed;
  const names = args.slice(at);
  if (attributes.add.has('f') || attributes.add.has('F')) return listFunctions(shell, names, attributes.add.has('F'));
  if (attributes.add.has('p') && names.length > 0) return printDeclarations(shell, args[0]!, names);
  if (names.length === 0) {
    const has = (letter: string) => attributes.add.has(letter);
    return list(
      shell,
      (v) =>
        (!has('x') || v.exported) &&
        (!has('r') || v.readonly) &&
        (!has('a') || v.kind === 'indexed') &&
        (!has('A') || v.kind === 'associative') &&
        (!has('i') || v.integer),
    );
  }
  const scope = attributes.add.has('g') ? 'global' : shell.variables.inFunction ? 'local' : 'any';
  return declareAll(shell, args, at, arrays, attributes, scope);
};

async function printDeclarations(shell: Shell, builtin: string, names: readonly string[]): Promise<number> {
  let status = 0;
  for (const name of names) {
    const v = shell.variables.lookup(name);
    if (v) await shell.out(`${declaration(shell, name, v)}\n`);
    else {
      await shell.complain(`${builtin}: ${name}: not found`);
      status = 1;
    }
  }
  return status;
}

export function functionText(name: string, source: string): string {
  return `${name} () \n${source}`;
}

async function listFunctions(shell: Shell, names: readonly string[], namesOnly: boolean): Promise<number> {
  let status = 0;
  for (const name of names.length > 0 ? names : [...shell.functions.keys()].sort()) {
    const definition = shell.functions.get(name);
    if (!definition) status = 1;
    else if (namesOnly) await shell.out(names.length > 0 ? `${name}\n` : `declare -f ${name}\n`);
    else
      await shell.out(
        `${functionText(name, definition.source.text.slice(definition.body.pos, definition.body.end))}\n`,
      );
  }
  return status;
}

const local: Builtin = async (shell, args, arrays) => {
  if (!shell.variables.inFunction) throw new ShellError('local: can only be used in a function');
  const parsed = await parseAttributes(shell, args, 'aAiIlnprux');
  if (!parsed) return 2;
  return declareAll(shell, args, parsed.at, arrays, parsed.attributes, 'local');
};

const exportBuiltin: Builtin = async (shell, args, arrays) => {
  const parsed = await parseAttributes(shell, args, 'fnp');
  if (!parsed) return 2;
  if (parsed.at >= args.length) return list(shell, (v) => v.exported);
  const unexport = parsed.attributes.add.has('n');
  const attributes: Attributes = { add: new Set(unexport ? [] : ['x']), remove: new Set(unexport ? ['x'] : []) };
  if (parsed.attributes.add.has('f')) throw new ShellError('slipway: export -f is not simulated');
  return declareAll(shell, args, parsed.at, arrays, attributes, 'any');
};

const readonly: Builtin = async (shell, args, arrays) => {
  const parsed = await parseAttributes(shell, args, 'aAfp');
  if (!parsed) return 2;
  if (parsed.at >= args.length) return list(shell, (v) => v.readonly);
  parsed.attributes.add.add('r');
  return declareAll(shell, args, parsed.at, arrays, parsed.attributes, 'any');
};

const unset: Builtin = async (shell, args) => {
  const parsed = await parseAttributes(shell, args, 'fvn');
  if (!parsed) return 2;
  const { add } = parsed.attributes;
  let status = 0;
  for (const argument of args.slice(parsed.at)) {
    const match = /^(\w+)(?:\[(.*)\])?$/.exec(argument);
    try {
      if (
        add.has('f') ||
        (!add.has('v') && match && !shell.variables.lookup(match[1]!) && shell.functions.has(argument))
      )
        shell.functions.delete(argument);
      else if (match?.[2] === '@' || match?.[2] === '*') shell.variables.unset(match[1]!);
      else if (match)
        shell.variables.unset(match[1]!, match[2] === undefined ? undefined : elementKey(shell, match[1]!, match[2]));
      else if (!/^\d/.test(argument)) shell.functions.delete(argument);
    } catch (error) {
      if (!(error instanceof ShellError)) throw error;
      await shell.complain(`unset: ${error.message}`);
      status = 1;
    }
  }
  return status;
};

function elementKey(shell: Shell, name: string, index: string): string {
  if (shell.variables.lookup(name)?.kind === 'associative') return index.replace(/^(["'])(.*)\1$/, '$2');
  const value = arithmeticNow(shell, index);
  return String(value < 0n ? BigInt(Number(shell.variables.keys(name).at(-1) ?? -1) + 1) + value : value);
}

export const declareBuiltins: Record<string, Builtin> = {
  declare,
  typeset: declare,
  local,
  export: exportBuiltin,
  readonly,
  unset,
};
