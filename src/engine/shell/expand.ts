import { parse, type Assignment, type HereDocBody, type Word, type WordPart } from 'unbash';
import { ArithmeticError, evaluateArithmetic } from './arithmetic.ts';
import { BraceLimit, expandBraces } from './braces.ts';
import { ShellError } from './errors.ts';
import { FieldBuilder, fieldPattern, fieldText, type Field } from './fields.ts';
import { expandGlob } from './glob.ts';
import { expandParameter, expandSimple } from './parameters.ts';
import { hasGlob } from './pattern.ts';
import type { Shell } from './shell.ts';

/**
 * Word expansion, in bash's order: braces; tilde, parameters, commands, arithmetic; word splitting; pathnames; quote
 * removal.
 */

/** Where a word stands: `assignment` expands tildes after colons too. */
type TildeRule = 'start' | 'assignment' | 'none';

/** Words that one command line may expand to. */
const argumentLimit = 200_000;

/** Expands the words of a command line into arguments. */
export async function expandWords(shell: Shell, words: readonly (Word | Assignment)[]): Promise<string[]> {
  const out: string[] = [];
  for (const word of words) {
    const plain = plainText(word);
    if (plain !== undefined) out.push(plain);
    else await expandInto(shell, word, out);
    if (out.length > argumentLimit) throw new ShellError('Argument list too long', { status: 126 });
  }
  return out;
}

/** The text of a word that has nothing to expand. */
function plainText(word: Word | Assignment): string | undefined {
  if (word.type !== 'Word' || word.parts) return undefined;
  const { text } = word;
  return text.startsWith('~') || text.includes('\\') ? undefined : text;
}

async function expandInto(shell: Shell, word: Word | Assignment, out: string[]): Promise<void> {
  const hasBraces = word.type === 'Word' && word.parts?.some((p) => p.type === 'BraceExpansion');
  if (hasBraces && !shell.options.has('nobraceexpand')) {
    for (const text of bracedTexts(word.text)) await expandInto(shell, reparse(text), out);
    return;
  }
  const builder = new FieldBuilder(shell.ifs());
  await expandParts(shell, word, builder, false, word.type === 'Word' ? 'start' : 'assignment');
  for (const field of builder.finish()) pathnames(shell, field, out);
}

function bracedTexts(text: string): string[] {
  try {
    return expandBraces(text);
  } catch (error) {
    if (error instanceof BraceLimit) throw new ShellError(error.message);
    throw error;
  }
}

/** A word made of text that brace expansion left; braces in it are literal now. */
function reparse(text: string): Word {
  const command = parse(`: ${text}`).commands[0]?.command;
  const word = command?.type === 'Command' ? command.suffix[0] : undefined;
  if (word?.type === 'Word' && !word.parts?.some((p) => p.type === 'BraceExpansion')) return word;
  return { type: 'Word', text, value: text, pos: 0, end: text.length };
}

function pathnames(shell: Shell, field: Field, out: string[]): void {
  if (!shell.options.has('noglob') && field.some((s) => !s.quoted && /[*?[(]/.test(s.text))) {
    const pattern = fieldPattern(field);
    if (hasGlob(pattern)) {
      const found = expandGlob(shell.process.machine.fs, shell.process.cwd, pattern, {
        dotglob: shell.shopts.has('dotglob'),
        ignoreCase: shell.shopts.has('nocaseglob'),
        globstar: shell.shopts.has('globstar'),
      });
      if (found.length > 0) {
        for (const path of found) out.push(path);
        return;
      }
      if (shell.shopts.has('failglob')) throw new ShellError(`no match: ${fieldText(field)}`);
      if (shell.shopts.has('nullglob')) return;
    }
  }
  out.push(fieldText(field));
}

/** Expands to one string, unsplit: assignments, `case` words, here-strings. */
export async function expandString(shell: Shell, word: Word, tilde: TildeRule = 'start'): Promise<string> {
  const plain = plainText(word);
  if (plain !== undefined && tilde !== 'assignment') return plain;
  return (await expandFields(shell, word, tilde)).map(fieldText).join(' ');
}

/** Expands to a pattern: what is quoted stands for itself. */
export async function expandPattern(shell: Shell, word: Word): Promise<string> {
  return (await expandFields(shell, word, 'start')).map(fieldPattern).join(' ');
}

/** Expands to a regular expression for `=~`: quoted stretches are escaped. */
export async function expandRegex(shell: Shell, word: Word, escape: (text: string) => string): Promise<string> {
  const fields = await expandFields(shell, word, 'start');
  return fields.map((f) => f.map((s) => (s.quoted ? escape(s.text) : s.text)).join('')).join(' ');
}

async function expandFields(shell: Shell, word: Word, tilde: TildeRule): Promise<Field[]> {
  const builder = new FieldBuilder(undefined);
  await expandParts(shell, word, builder, false, tilde);
  return builder.finish();
}

/** Expands the body of a here-document. @param stripTabs `<<-`: tabs at the beginnings of lines go. */
export async function expandHereDoc(shell: Shell, body: HereDocBody, stripTabs = false): Promise<string> {
  if (!body.parts) return unescapeHereDoc(stripTabs ? body.text.replace(/^\t+/gm, '') : body.text);
  const builder = new FieldBuilder(undefined);
  let lineStart = true;
  for (const part of body.parts) {
    if (part.type === 'Literal' && stripTabs) {
      const text = part.value.replace(/(\n)\t+/g, '$1');
      builder.add(lineStart ? text.replace(/^\t+/, '') : text, true);
      lineStart = part.value.endsWith('\n');
    } else {
      await expandPart(shell, part, builder, true);
      lineStart = false;
    }
  }
  return builder.finish().map(fieldText).join('');
}

function unescapeHereDoc(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\\$`]|\n)/g, (_, c: string) => (c === '\n' ? '' : c)) : text;
}

/** Does the `$` expansions in the text of an arithmetic expression. */
export async function expandArithmeticText(shell: Shell, text: string): Promise<string> {
  if (!/[$`\\]/.test(text)) return text;
  const delimiter = 'ARITHMETIC_END';
  const command = parse(`: <<${delimiter}\n${text}\n${delimiter}\n`).commands[0]?.command;
  const redirect = command?.type === 'Command' ? command.redirects[0] : undefined;
  if (redirect?.type !== 'HereDoc') return text;
  return (await expandHereDoc(shell, redirect.body)).replace(/\n$/, '');
}

/** Evaluates arithmetic source, `$` expansions included. @throws ShellError */
export async function arithmetic(shell: Shell, text: string, prefix = ''): Promise<bigint> {
  const expression = await expandArithmeticText(shell, text);
  return arithmeticNow(shell, expression, prefix);
}

/** Evaluates arithmetic without `$` expansions. @throws ShellError */
export function arithmeticNow(shell: Shell, expression: string, prefix = ''): bigint {
  try {
    return evaluateArithmetic(expression, shell.arithmeticVariables());
  } catch (error) {
    if (error instanceof ArithmeticError) throw new ShellError(prefix + error.message, { fatal: prefix === '' });
    throw error;
  }
}

/** Expands a word's parts into `builder`. Within double quotes a word has no quoting of its own left. */
export async function expandParts(
  shell: Shell,
  word: Word | Assignment,
  builder: FieldBuilder,
  quoted: boolean,
  tilde: TildeRule = 'none',
): Promise<void> {
  if (word.type === 'Assignment') return expandAssignmentWord(shell, word, builder);
  const { parts } = word;
  if (!parts) {
    if (quoted) builder.add(word.value, true);
    else literal(shell, word.text, builder, tilde, true);
    return;
  }
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (!quoted && part.type === 'Literal' && (tilde === 'assignment' || (tilde === 'start' && i === 0)))
      literal(shell, part.text, builder, tilde, i === parts.length - 1, i > 0);
    else await expandPart(shell, part, builder, quoted);
  }
}

/** `name=value` as an argument of a command that is no declaration. */
async function expandAssignmentWord(shell: Shell, node: Assignment, builder: FieldBuilder): Promise<void> {
  const index = node.index ? `[${await expandString(shell, node.index)}]` : '';
  builder.add(`${node.name}${index}${node.append ? '+' : ''}=`, true);
  if (node.value.type === 'ArrayValue') builder.add(node.text.slice(node.text.indexOf('=') + 1), true);
  else await expandParts(shell, node.value, builder, false, 'assignment');
}

/** Unquoted literal text: backslashes quote, a leading tilde is a home directory. */
function literal(
  shell: Shell,
  text: string,
  builder: FieldBuilder,
  tilde: TildeRule,
  isLast: boolean,
  inside = false,
): void {
  if (tilde !== 'none' && text.includes('~')) {
    const pieces = tilde === 'assignment' ? text.split(/(?<=:)/) : [text];
    pieces.forEach((piece, i) => {
      const match = i > 0 || !inside ? /^~([^/:\\]*)(?=\/|:|$)/.exec(piece) : null;
      const whole = match && (piece.length > match[0].length || i < pieces.length - 1 || isLast);
      const home = whole ? shell.tilde(match[1]!) : undefined;
      if (home === undefined) return unquotedText(piece, builder);
      builder.add(home, true);
      unquotedText(piece.slice(match![0].length), builder);
    });
    return;
  }
  unquotedText(text, builder);
}

function unquotedText(text: string, builder: FieldBuilder): void {
  if (!text.includes('\\')) return builder.add(text, false);
  for (const [piece] of text.matchAll(/\\[^]|[^\\]+|\\$/gu)) {
    if (piece === '\\\n') continue;
    if (piece[0] === '\\' && piece.length > 1) builder.add(piece.slice(1), true);
    else builder.add(piece, piece === '\\');
  }
}

async function expandPart(shell: Shell, part: WordPart, builder: FieldBuilder, quoted: boolean): Promise<void> {
  switch (part.type) {
    case 'Literal':
      if (quoted) builder.add(part.value, true);
      else unquotedText(part.text, builder);
      return;
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return builder.add(part.value, true);
    case 'DoubleQuoted':
    case 'LocaleString': {
      const only = part.parts.length === 1 ? part.parts[0]! : undefined;
      // "$@" without parameters is no word at all, while "" is an empty one.
      if (!only || (only.type !== 'SimpleExpansion' && only.type !== 'ParameterExpansion')) builder.add('', true);
      for (const child of part.parts) await expandPart(shell, child, builder, true);
      return;
    }
    case 'SimpleExpansion':
      return expandSimple(shell, part.text.slice(1), builder, quoted);
    case 'ParameterExpansion':
      return expandParameter(shell, part, builder, quoted);
    case 'CommandExpansion': {
      const output = part.script ? await shell.substitute(part.script) : '';
      if (quoted) builder.add(output, true);
      else builder.addSplit(output);
      return;
    }
    case 'ArithmeticExpansion': {
      const source = part.text.startsWith('$[') ? part.text.slice(2, -1) : part.text.slice(3, -2);
      const value = String(await arithmetic(shell, source));
      if (quoted) builder.add(value, true);
      else builder.addSplit(value);
      return;
    }
    case 'ProcessSubstitution':
      if (part.script) builder.add(shell.processSubstitution(part.script, part.operator), true);
      return;
    case 'Glob':
      if (part.kind !== 'bracket') return builder.add(part.text, quoted);
      builder.add('[', quoted);
      for (const child of part.parts) await expandPart(shell, child, builder, quoted);
      return builder.add(']', quoted);
    case 'ExtendedGlob':
      if (!part.parts) return builder.add(part.text, quoted);
      builder.add(part.operator + '(', quoted);
      for (const child of part.parts) await expandPart(shell, child, builder, quoted);
      return builder.add(')', quoted);
    case 'BraceExpansion':
      if (!part.parts) return unquotedText(part.text, builder);
      for (const child of part.parts) await expandPart(shell, child, builder, quoted);
      return;
  }
}
