import { DockerfileError, type LineRange } from './error.ts';

/** Text after `<<NAME` of RUN, COPY and ADD. */
export interface Heredoc {
  name: string;
  /** Variables in it are expanded: the name was not quoted. */
  expand: boolean;
  /** `<<-`: leading tabs are no part of it. */
  chomp: boolean;
  content: string;
}

/** One instruction as it stands in the file. */
export interface DockerfileNode extends LineRange {
  /** As it was written. */
  keyword: string;
  /** Lower case. */
  name: string;
  /** `--from=x`, in order. */
  flags: string[];
  /** All after keyword and flags, continuation lines joined. */
  rest: string;
  /** The whole instruction, continuation lines joined. */
  original: string;
  heredocs: Heredoc[];
  /** Has an empty line after a line that goes on. */
  emptyContinuation: boolean;
}

export interface DockerfileText {
  nodes: DockerfileNode[];
  lines: string[];
  /** `syntax`, `escape`, `check`. */
  directives: ReadonlyMap<string, string>;
  escape: '\\' | '`';
}

const directivePattern = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;

function readDirectives(lines: readonly string[]): { directives: Map<string, string>; escape: '\\' | '`' } {
  const directives = new Map<string, string>();
  let escape: '\\' | '`' = '\\';
  for (const [i, line] of lines.entries()) {
    const match = directivePattern.exec(line.replace(/^\uFEFF/, '').trim());
    if (!match) break;
    const name = match[1]!.toLowerCase();
    if (!['syntax', 'escape', 'check'].includes(name)) break;
    const at = { start: i + 1, end: i + 1 };
    if (directives.has(name)) throw new DockerfileError(`only one ${name} parser directive can be used`, at);
    directives.set(name, match[2]!);
    if (name === 'escape') {
      const value = match[2]!;
      if (value !== '\\' && value !== '`')
        throw new DockerfileError(`invalid escape token '${value}' does not match \` or \\`, at);
      escape = value;
    }
  }
  return { directives, escape };
}

const isComment = (line: string) => /^\s*#/.test(line);

/** Splits a Dockerfile into instructions. @throws DockerfileError */
export function parseNodes(text: string): DockerfileText {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const { directives, escape } = readDirectives(lines);
  const nodes: DockerfileNode[] = [];
  const quoted = escape === '\\' ? '\\\\' : '`';
  const continued = new RegExp(`(?:^|[^${quoted}])(${quoted}[ \\t]*)$`);
  const trim = (line: string): { line: string; goesOn: boolean } => {
    const match = continued.exec(line);
    return match ? { line: line.slice(0, line.length - match[1]!.length), goesOn: true } : { line, goesOn: false };
  };
  for (let i = 0; i < lines.length; i++) {
    const first = (i === 0 ? lines[i]!.replace(/^\uFEFF/, '') : lines[i]!).trimStart();
    if (first === '' || first.startsWith('#')) continue;
    const start = i + 1;
    let { line, goesOn } = trim(first);
    let emptyContinuation = false;
    if (line === '' && !goesOn) continue;
    while (goesOn && i + 1 < lines.length) {
      const next = lines[++i]!;
      if (isComment(next)) continue;
      if (next.trim() === '') {
        if (i + 1 < lines.length) emptyContinuation = true;
        continue;
      }
      const part = trim(next);
      line += part.line;
      goesOn = part.goesOn;
    }
    const node = nodeOf(line, { start, end: i + 1 });
    node.emptyContinuation = emptyContinuation;
    if (['run', 'copy', 'add', 'onbuild'].includes(node.name) && line.includes('<<')) {
      for (const heredoc of heredocsIn(node.rest)) {
        const content: string[] = [];
        let closed = false;
        while (i + 1 < lines.length) {
          const raw = lines[++i]!;
          const body = heredoc.chomp ? raw.replace(/^\t+/, '') : raw;
          if (body === heredoc.name) {
            closed = true;
            break;
          }
          content.push(`${body}\n`);
        }
        if (!closed) throw new DockerfileError('unterminated heredoc', { start, end: i + 1 });
        heredoc.content = content.join('');
        node.heredocs.push(heredoc);
      }
      node.end = i + 1;
    }
    nodes.push(node);
  }
  const last = Math.max(1, lines.length - (lines.at(-1) === '' ? 1 : 0));
  if (nodes.length === 0) throw new DockerfileError('file with no instructions', { start: 1, end: last });
  return { nodes, lines, directives, escape };
}

function heredocsIn(rest: string): Heredoc[] {
  const found: Heredoc[] = [];
  for (const [, chomp, quote = '', name] of rest.matchAll(/(?:^|\s|\d)<<(-?)(["']?)([a-zA-Z_][a-zA-Z0-9_.]*)\2/g))
    found.push({ name: name!, expand: quote === '', chomp: chomp === '-', content: '' });
  return found;
}

/** An instruction of its one line. */
export function nodeOf(line: string, range: LineRange): DockerfileNode {
  const trimmed = line.trim();
  const [, keyword = '', args = ''] = /^(\S+)(?:\s+([\s\S]*))?$/.exec(trimmed) ?? [];
  const { flags, rest } = takeFlags(args.trim());
  return {
    keyword,
    name: keyword.toLowerCase(),
    flags,
    rest,
    original: trimmed,
    heredocs: [],
    emptyContinuation: false,
    ...range,
  };
}

/** `--name=value` words before everything else; quotes may hold blanks together. */
function takeFlags(text: string): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++;
    if (!text.startsWith('--', at)) return { flags, rest: text.slice(at) };
    let word = '';
    let quote = '';
    let end = at;
    for (; end < text.length; end++) {
      const c = text[end]!;
      if (quote) {
        if (c === quote) quote = '';
        else word += c;
      } else if (c === '"' || c === "'") quote = c;
      else if (/\s/.test(c)) break;
      else word += c;
    }
    at = end;
    if (word === '--') return { flags, rest: text.slice(at).trimStart() };
    flags.push(word);
  }
}
