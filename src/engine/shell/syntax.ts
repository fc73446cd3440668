import { forEachChild, parse, type ParsedScript, type Statement, type SyntaxNode } from 'unbash';

/** A piece of shell source with its syntax tree. Positions in the tree index `text`. */
export interface Source {
  readonly text: string;
  readonly script: ParsedScript;
  /** What is wrong with it, if anything. */
  readonly problem: SyntaxProblem | undefined;
  /** Here-documents that end with the text instead of their delimiter. */
  readonly openHereDocs: readonly { line: number; delimiter: string }[];
  /** Line number (from 1) of a position. */
  lineOf(position: number): number;
}

export interface SyntaxProblem {
  /** Statements before this position are sound, and run before the problem is reported. */
  readonly soundUntil: number;
  readonly line: number;
  /** More input could make it complete: an interactive shell asks for it. */
  readonly incomplete: boolean;
  /** bash's text, without prefix. */
  readonly message: string;
  /** The source line bash shows after the message, if it does. */
  readonly shown: string | undefined;
}

/** Source longer than this is refused: nobody types it, and a paste of megabytes is a mistake. */
const sourceLimit = 4 << 20;

const matching: Record<string, string> = {
  'double quote': '"',
  'single quote': "'",
  'ANSI-C quote': "'",
  backtick: '`',
  'command substitution': ')',
  'process substitution': ')',
  'parameter expansion': '}',
  'arithmetic expansion': ')',
  'arithmetic command': ')',
  'arithmetic for header': ')',
  'array subscript': ']',
  'extended glob': ')',
};

const operatorTokens = [
  '&&',
  '||',
  ';;&',
  ';;',
  ';&',
  '|&',
  '<<<',
  '<<',
  '>>',
  '&>',
  '>|',
  '>&',
  '<&',
  ';',
  '&',
  '|',
  '(',
  ')',
  '<',
  '>',
];

/** Parses shell source. Never throws. */
export function parseSource(text: string): Source {
  if (text.length > sourceLimit) return tooLong();
  const script = parse(text);
  const lines = lineStarts(text);
  const lineOf = (position: number) => lineAt(lines, position);
  const errors = [...(script.errors ?? [])];
  const openHereDocs: { line: number; delimiter: string }[] = [];
  let nestedError: { position: number; token: string } | undefined;
  const visit = (node: SyntaxNode, depth: number) => {
    if (node.type === 'HereDoc' && node.delimiter && !node.closing)
      openHereDocs.push({ line: lineOf(node.pos), delimiter: node.delimiter.value });
    if (
      node.type === 'CommandExpansion' &&
      node.script?.errors?.[0] &&
      errors.length === 0 &&
      node.script.source === undefined
    )
      nestedError ??= { position: node.script.errors[0].pos, token: ')' };
    if (depth < 200) forEachChild(node, (child) => visit(child, depth + 1));
  };
  if (/<<|\$\(|`/.test(text)) visit(script, 0);
  const first = errors.sort((a, b) => a.pos - b.pos)[0];
  let problem: SyntaxProblem | undefined;
  if (first) problem = describe(text, script, first.message, first.pos, lineOf, errors);
  else if (nestedError) problem = unexpected(text, script, nestedError.token, nestedError.position, lineOf);
  return { text, script, problem, openHereDocs, lineOf };
}

function tooLong(): Source {
  const message = `slipway: input of more than ${sourceLimit >> 20} MiB is too long for the shell`;
  const problem = { soundUntil: 0, line: 1, incomplete: false, message, shown: undefined };
  return { text: '', script: parse(''), problem, openHereDocs: [], lineOf: () => 1 };
}

function describe(
  text: string,
  script: ParsedScript,
  message: string,
  position: number,
  lineOf: (position: number) => number,
  errors: readonly { message: string; pos: number }[],
): SyntaxProblem {
  const unterminated = errors.findLast((e) => e.message.startsWith('unterminated '));
  if (unterminated) {
    const quote = matching[unterminated.message.slice('unterminated '.length)] ?? ')';
    return {
      soundUntil: soundUntil(text, script, unterminated.pos, true),
      line: lineOf(unterminated.pos),
      incomplete: true,
      message: `unexpected EOF while looking for matching \`${quote}'`,
      shown: undefined,
    };
  }
  if (/^expected '\]\]'|conditional operator|unary test operator/.test(message)) {
    const end = skipBlanks(text, position) >= text.length;
    const problem = end
      ? "unexpected token `newline', conditional binary operator expected"
      : 'conditional binary operator expected';
    return {
      soundUntil: soundUntil(text, script, position),
      line: lineOf(position),
      incomplete: end,
      message: problem,
      shown: undefined,
    };
  }
  const at = skipBlanks(text, position);
  const reserved = /\b(fi|done|else|elif|esac|then|do)\s*;?\s*$/.exec(text);
  if (
    at >= text.length &&
    /^expected '(then|do)'$/.test(message) &&
    reserved &&
    reserved[1] !== /'(\w+)'/.exec(message)![1]
  )
    return unexpected(text, script, reserved[1]!, reserved.index, lineOf);
  if (at >= text.length && /redirect target|function body|expected word after/.test(message))
    return unexpected(text, script, 'newline', Math.max(0, text.trimEnd().length - 1), lineOf);
  const named = /^unexpected token '([^]*)'$/.exec(message);
  if (at >= text.length && !named)
    return {
      soundUntil: soundUntil(text, script, position, true),
      line: lineOf(text.length) + (text.endsWith('\n') ? 0 : 1),
      incomplete: true,
      message: 'syntax error: unexpected end of file',
      shown: undefined,
    };
  let token = tokenAt(text, at);
  if (named?.[1] === ')') {
    // `echo (a)`: the parenthesis after a word is the mistake; bash names the word that follows it.
    const opened = /[^\s$<>=(&|;]\s+\(\s*([^\s()]+)[^()]*$/.exec(text.slice(0, at));
    if (opened) token = opened[1]!;
  }
  return unexpected(text, script, token, at, lineOf);
}

function unexpected(
  text: string,
  script: ParsedScript,
  token: string,
  position: number,
  lineOf: (position: number) => number,
): SyntaxProblem {
  const start = text.lastIndexOf('\n', position - 1) + 1;
  const end = text.indexOf('\n', position);
  return {
    soundUntil: soundUntil(text, script, position),
    line: lineOf(position),
    incomplete: false,
    message: `syntax error near unexpected token \`${token}'`,
    shown: text.slice(start, end < 0 ? undefined : end),
  };
}

/** The beginning of the line on which the statement with the error begins: bash reads and runs line by line. */
function soundUntil(text: string, script: ParsedScript, position: number, atEnd = false): number {
  let begin = position;
  const broken = script.commands.findLast((s: Statement) => s.pos <= position);
  // A construct that was not closed has no extent, or is the last one before the end.
  if (broken && (atEnd || broken.end <= broken.pos || !text.slice(broken.end, position).includes('\n')))
    begin = Math.min(begin, broken.pos);
  return text.lastIndexOf('\n', Math.max(0, begin - 1)) + 1;
}

function skipBlanks(text: string, position: number): number {
  let at = position;
  for (;;) {
    while (at < text.length && /[ \t\n]/.test(text[at]!)) at++;
    if (text[at] !== '#' || (at > 0 && !/\s/.test(text[at - 1]!))) return at;
    while (at < text.length && text[at] !== '\n') at++;
  }
}

function tokenAt(text: string, at: number): string {
  const operator = operatorTokens.find((o) => text.startsWith(o, at));
  return operator ?? /^[^\s;&|()<>]*/.exec(text.slice(at))![0];
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= position) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** A whole command may follow on the next line: an open construct, here-document or a backslash at the end. */
export function isIncomplete(source: Source): boolean {
  if (source.problem) return source.problem.incomplete;
  return source.openHereDocs.length > 0 || /(^|[^\\])(\\\\)*\\\n?$/.test(source.text);
}

/**
 * Replaces aliases in the command positions of `text`, as bash does when it reads a line.
 * @param aliases names and their text
 */
export function expandAliases(text: string, aliases: ReadonlyMap<string, string>): string {
  if (aliases.size === 0) return text;
  // Ranges of text that came from an alias, in which that alias is not expanded again.
  let from: { start: number; end: number; name: string }[] = [];
  for (let round = 0; round < 64; round++) {
    const found = findAlias(parse(text), text, aliases, from);
    if (!found) return text;
    const value = aliases.get(found.name)!;
    const grow = value.length - (found.end - found.start);
    from = from.map((r) => ({
      name: r.name,
      start: r.start > found.start ? r.start + grow : r.start,
      end: r.end >= found.end ? r.end + grow : r.end,
    }));
    from.push({ start: found.start, end: found.start + value.length, name: found.name });
    text = text.slice(0, found.start) + value + text.slice(found.end);
  }
  return text;
}

function findAlias(
  script: ParsedScript,
  text: string,
  aliases: ReadonlyMap<string, string>,
  from: readonly { start: number; end: number; name: string }[],
): { start: number; end: number; name: string } | undefined {
  let found: { start: number; end: number; name: string } | undefined;
  const check = (start: number, end: number) => {
    const name = text.slice(start, end);
    if (found || !aliases.has(name)) return false;
    if (from.some((r) => r.name === name && start >= r.start && end <= r.end)) return false;
    found = { start, end, name };
    return true;
  };
  const visit = (node: SyntaxNode) => {
    if (found) return;
    if (node.type === 'Command' && node.name) {
      if (check(node.name.pos, node.name.end)) return;
      // An alias whose text ends in a blank lets the next word be one too.
      const before = from.find(
        (r) => r.end <= node.end && r.start === node.name!.pos && /\s$/.test(aliases.get(r.name) ?? ''),
      );
      const next = before && node.suffix.find((w) => w.pos >= before.end);
      if (next?.type === 'Word' && check(next.pos, next.end)) return;
    }
    forEachChild(node, visit);
  };
  visit(script);
  return found;
}
