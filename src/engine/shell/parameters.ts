import type { ParameterExpansionPart, ParameterOperation, Word } from 'unbash';
import { ShellError } from './errors.ts';
import { arithmetic, expandParts, expandPattern, expandString } from './expand.ts';
import { FieldBuilder, fieldText } from './fields.ts';
import { compilePattern } from './pattern.ts';
import { quoteForReuse } from './quoting.ts';
import type { Shell } from './shell.ts';

/** Parameter expansion: `$x`, `${x…}`. */

/** What a parameter holds. `list`: how several values are put together, as `$@` or as `$*` does it. */
interface Held {
  values: string[];
  list?: '@' | '*';
}

export async function expandSimple(shell: Shell, name: string, builder: FieldBuilder, quoted: boolean): Promise<void> {
  emit(shell, requireSet(shell, name, heldBy(shell, name, undefined)), builder, quoted);
}

function heldBy(shell: Shell, name: string, index: string | undefined): Held | undefined {
  if (name === '@' || name === '*') return { values: shell.positional, list: name };
  if (name === 'PIPESTATUS') return pipeStatus(shell, index);
  if (index === '@' || index === '*') return { values: shell.variables.elements(name), list: index };
  const value = index === undefined ? shell.parameter(name) : shell.variables.getElement(name, index);
  return value === undefined ? undefined : { values: [value] };
}

function pipeStatus(shell: Shell, index = '0'): Held | undefined {
  const values = shell.pipeStatus.map(String);
  if (index === '@' || index === '*') return { values, list: index };
  const value = values[Number(index)];
  return value === undefined ? undefined : { values: [value] };
}

/** @throws ShellError for an unset parameter under `set -u` */
function requireSet(shell: Shell, name: string, held: Held | undefined): Held {
  if (held) return held;
  if (shell.options.has('nounset')) throw new ShellError(`${name}: unbound variable`, { status: 127, fatal: true });
  return { values: [''] };
}

function emit(shell: Shell, held: Held, builder: FieldBuilder, quoted: boolean): void {
  const { values, list } = held;
  if (!list) {
    if (quoted) builder.add(values[0]!, true);
    else builder.addSplit(values[0]!);
    return;
  }
  if (quoted && list === '*') return builder.add(values.join((shell.ifs() ?? ' ').slice(0, 1)), true);
  if (!builder.splits && list === '*' && !quoted)
    return builder.add(values.join((shell.ifs() ?? ' ').slice(0, 1)), false);
  values.forEach((value, i) => {
    if (i > 0) builder.nextField();
    if (quoted) builder.add(value, true);
    else builder.addSplit(value);
  });
}

/** @throws ShellError for a bad substitution, a value that is required, … */
export async function expandParameter(
  shell: Shell,
  part: ParameterExpansionPart,
  builder: FieldBuilder,
  quoted: boolean,
): Promise<void> {
  const { prefix, operation } = part;
  let name = part.parameter;
  if (operation?.type === 'Unknown' || !/^(\w+|[@*#?$!-])$/.test(name) || (/^\d/.test(name) && !/^\d+$/.test(name)))
    throw new ShellError(`${part.text}: bad substitution`, { fatal: true });
  if (prefix === '!' && operation?.type === 'Names') {
    const names = shell.variables.names().filter((n) => n.startsWith(name));
    return emit(shell, { values: names, list: operation.operator }, builder, quoted);
  }
  let index = part.index && (await subscript(shell, name, part.index));
  if (prefix === '!' && (index === '@' || index === '*') && !operation)
    return emit(shell, { values: shell.variables.keys(name), list: index }, builder, quoted);
  if (prefix === '!') ({ name, index } = await indirect(shell, part, index));
  const held = heldBy(shell, name, index);
  if (prefix === '#') return builder.add(String(lengthOf(shell, name, held)), quoted);
  if (!operation)
    return emit(shell, requireSet(shell, part.index ? `${name}[${part.index.text}]` : name, held), builder, quoted);
  if (operation.type === 'Default') return withDefault(shell, name, index, held, operation, builder, quoted);
  const present = requireSet(shell, name, held);
  if (operation.type === 'Slice') return emit(shell, await slice(shell, name, present, operation), builder, quoted);
  const change = await valueChange(shell, part, name, index, operation);
  emit(shell, { ...present, values: present.values.map(change) }, builder, quoted);
}

/** The key that a subscript names: arithmetic for indexed arrays, text for associative ones. */
export async function subscript(shell: Shell, name: string, index: Word): Promise<string> {
  if (index.text === '@' || index.text === '*') return index.text;
  if (shell.variables.lookup(shell.variables.resolve(name))?.kind === 'associative')
    return expandString(shell, index, 'none');
  const value = await arithmetic(shell, index.text);
  if (value >= 0n) return String(value);
  const last = Number(shell.variables.keys(name).at(-1) ?? -1);
  const key = BigInt(last) + 1n + value;
  if (key < 0n) throw new ShellError(`${name}: bad array subscript`);
  return String(key);
}

async function indirect(shell: Shell, part: ParameterExpansionPart, index: string | undefined) {
  const target = heldBy(shell, part.parameter, index)?.values[0];
  if (!target) throw new ShellError(`${part.parameter}: invalid indirect expansion`, { fatal: true });
  const match = /^(\w+|[@*#?$!-])(?:\[([^\]]*)\])?$/.exec(target);
  if (!match) throw new ShellError(`${target}: invalid variable name`, { fatal: true });
  return { name: match[1]!, index: match[2] as string | undefined };
}

function lengthOf(shell: Shell, name: string, held: Held | undefined): number {
  const present = requireSet(shell, name, held);
  return present.list ? present.values.length : [...present.values[0]!].length;
}

async function withDefault(
  shell: Shell,
  name: string,
  index: string | undefined,
  held: Held | undefined,
  operation: Extract<ParameterOperation, { type: 'Default' }>,
  builder: FieldBuilder,
  quoted: boolean,
): Promise<void> {
  const { operator, operand } = operation;
  const empty = !held || (held.list ? held.values.length === 0 : false);
  const missing = empty || (operator.startsWith(':') && held.values.join('') === '' && held.values.length <= 1);
  switch (operator.replace(':', '')) {
    case '+':
      return missing
        ? quoted
          ? builder.add('', true)
          : undefined
        : expandParts(shell, operand, builder, quoted, 'start');
    case '-':
      return missing ? expandParts(shell, operand, builder, quoted, 'start') : emit(shell, held!, builder, quoted);
    case '=': {
      if (!missing) return emit(shell, held!, builder, quoted);
      if (!/^[A-Za-z_]/.test(name)) throw new ShellError(`$${name}: cannot assign in this way`, { fatal: true });
      const value = await operandText(shell, operand, quoted);
      if (index === undefined) shell.variables.set(name, value);
      else shell.variables.setElement(name, index, value);
      return emit(shell, { values: [value] }, builder, quoted);
    }
    default: {
      if (!missing) return emit(shell, held!, builder, quoted);
      const given = await operandText(shell, operand, quoted);
      const text = given || (operator === ':?' ? 'parameter null or not set' : 'parameter not set');
      throw new ShellError(`${name}: ${text}`, { status: 127, fatal: true });
    }
  }
}

async function operandText(shell: Shell, operand: Word, quoted: boolean): Promise<string> {
  const builder = new FieldBuilder(undefined);
  await expandParts(shell, operand, builder, quoted, 'start');
  return builder.finish().map(fieldText).join(' ');
}

async function slice(
  shell: Shell,
  name: string,
  held: Held,
  operation: Extract<ParameterOperation, { type: 'Slice' }>,
): Promise<Held> {
  let offset = Number(await arithmetic(shell, operation.offset.text));
  const length = operation.length ? Number(await arithmetic(shell, operation.length.text)) : undefined;
  if (held.list) {
    // ${@:0} counts $0; arrays count from their first element.
    const values = name === '@' || name === '*' ? [shell.name, ...held.values] : held.values;
    if (offset < 0) offset += values.length;
    if (length !== undefined && length < 0)
      throw new ShellError(`${operation.length!.text.trim()}: substring expression < 0`, { fatal: true });
    if (offset < 0) return { ...held, values: [] };
    return { ...held, values: values.slice(offset, length === undefined ? undefined : offset + length) };
  }
  const chars = [...held.values[0]!];
  if (offset < 0) offset += chars.length;
  if (offset < 0) return { values: [''] };
  let end = chars.length;
  if (length !== undefined) end = length < 0 ? chars.length + length : offset + length;
  if (length !== undefined && length < 0 && end < offset)
    throw new ShellError(`${operation.length!.text.trim()}: substring expression < 0`, { fatal: true });
  return { values: [chars.slice(offset, end).join('')] };
}

type Change = (value: string) => string;

async function valueChange(
  shell: Shell,
  part: ParameterExpansionPart,
  name: string,
  index: string | undefined,
  operation: Exclude<ParameterOperation, { type: 'Default' | 'Slice' | 'Names' | 'Unknown' }> | ParameterOperation,
): Promise<Change> {
  switch (operation.type) {
    case 'Remove':
      return removal(operation.operator, await expandPattern(shell, operation.operand));
    case 'Replace': {
      const pattern = await expandPattern(shell, operation.pattern);
      const replacement = await expandString(shell, operation.replacement);
      return replacer(operation.operator, pattern, replacement, shell.shopts.has('nocasematch'));
    }
    case 'CaseModification': {
      const pattern = operation.operand && (await expandPattern(shell, operation.operand));
      return caseChange(operation.operator, pattern || '?');
    }
    case 'Transform':
      return transform(shell, part, name, index, operation.operand.text);
    default:
      throw new ShellError(`${part.text}: bad substitution`, { fatal: true });
  }
}

function removal(operator: '#' | '##' | '%' | '%%', source: string): Change {
  const pattern = compilePattern(source);
  return (value) => {
    const n = value.length;
    if (operator === '#') for (let i = 0; i <= n; i++) if (pattern.test(value.slice(0, i))) return value.slice(i);
    if (operator === '##') for (let i = n; i >= 0; i--) if (pattern.test(value.slice(0, i))) return value.slice(i);
    if (operator === '%') for (let i = n; i >= 0; i--) if (pattern.test(value.slice(i))) return value.slice(0, i);
    if (operator === '%%') for (let i = 0; i <= n; i++) if (pattern.test(value.slice(i))) return value.slice(0, i);
    return value;
  };
}

function replacer(
  operator: '/' | '//' | '/#' | '/%',
  source: string,
  replacement: string,
  ignoreCase: boolean,
): Change {
  if (source === '')
    return (value) => (operator === '/#' ? replacement + value : operator === '/%' ? value + replacement : value);
  const pattern = compilePattern(source, ignoreCase);
  const isLiteral = !/[\\*?[(]/.test(source) && !ignoreCase;
  return (value) => {
    if (isLiteral && operator === '//') return value.split(source).join(replacement);
    if (operator === '/%') {
      for (let i = 0; i <= value.length; i++) if (pattern.test(value.slice(i))) return value.slice(0, i) + replacement;
      return value;
    }
    let out = '';
    for (let i = 0; i <= value.length;) {
      const length = longestMatch(pattern, value, i);
      if (length !== undefined && (length > 0 || value === '')) {
        out += replacement;
        i += length;
        if (operator !== '//') return out + value.slice(i);
        if (length === 0) break;
      } else {
        if (operator === '/#') return value;
        out += value[i] ?? '';
        i++;
      }
    }
    return out;
  };
}

function longestMatch(pattern: { test(text: string): boolean }, value: string, from: number): number | undefined {
  for (let end = value.length; end >= from; end--) if (pattern.test(value.slice(from, end))) return end - from;
  return undefined;
}

function caseChange(operator: '^' | '^^' | ',' | ',,', source: string): Change {
  const pattern = compilePattern(source);
  const convert = (c: string) => (operator.startsWith('^') ? c.toUpperCase() : c.toLowerCase());
  return (value) =>
    [...value].map((c, i) => ((operator.length === 2 || i === 0) && pattern.test(c) ? convert(c) : c)).join('');
}

function transform(
  shell: Shell,
  part: ParameterExpansionPart,
  name: string,
  index: string | undefined,
  operator: string,
): Change {
  switch (operator) {
    case 'Q':
      return quoteForReuse;
    case 'U':
      return (v) => v.toUpperCase();
    case 'u':
      return (v) => v.slice(0, 1).toUpperCase() + v.slice(1);
    case 'L':
      return (v) => v.toLowerCase();
    case 'E':
      return (v) => v.replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\\\/g, '\\');
    case 'P':
      return (v) => shell.decodePrompt(v);
    case 'a':
      return () => shell.attributes(name);
    case 'A':
      return (v) =>
        (shell.attributes(name) ? `declare -${shell.attributes(name)} ` : '') + `${name}=${quoteForReuse(v)}`;
    case 'K':
    case 'k':
      return index === '@' || index === '*' ? (v) => v : quoteForReuse;
    default:
      throw new ShellError(`${part.text}: bad substitution`, { fatal: true });
  }
}
