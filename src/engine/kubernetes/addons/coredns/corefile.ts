/** The Corefile: server blocks with directives, and directives with blocks of their own. */

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[];
  readonly line: number;
}

export interface ServerBlock {
  /** Zones with their ports: `.:53`, `example.org`. */
  readonly keys: readonly string[];
  readonly directives: readonly Directive[];
}

/** What CoreDNS prints when a Corefile can't be read. */
export class CorefileError extends Error {
  override name = 'CorefileError';
}

interface Token {
  readonly text: string;
  readonly line: number;
  /** First of its line. */
  readonly first: boolean;
}

function tokens(text: string, env: ReadonlyMap<string, string>): Token[] {
  const found: Token[] = [];
  text.split('\n').forEach((raw, i) => {
    let first = true;
    for (const match of raw.matchAll(/"((?:[^"\\]|\\.)*)"|(#.*)|(\S+)/g)) {
      if (match[2] !== undefined) break;
      const word = match[1]?.replace(/\\(["\\])/g, '$1') ?? match[3]!;
      const value = word.replace(
        /\{\$(\w+)\}|\{%(\w+)%\}/g,
        (_, a?: string, b?: string) => env.get(a ?? b ?? '') ?? '',
      );
      found.push({ text: value, line: i + 1, first });
      first = false;
    }
  });
  return found;
}

/**
 * Reads a Corefile.
 * @param name for messages: `/etc/coredns/Corefile`
 * @throws CorefileError
 */
export function parseCorefile(text: string, name: string, env: ReadonlyMap<string, string>): ServerBlock[] {
  const all = tokens(text, env);
  const snippets = new Map<string, readonly Directive[]>();
  const blocks: ServerBlock[] = [];
  let at = 0;
  const fail = (line: number, message: string): never => {
    throw new CorefileError(`${name}:${line} - Error during parsing: ${message}`);
  };
  const directives = (): Directive[] => {
    const list: Directive[] = [];
    for (;;) {
      const token = all[at];
      if (!token) return fail(all.at(-1)?.line ?? 1, "Unexpected end of file, expected '}'");
      at++;
      if (token.text === '}') return list;
      const args: string[] = [];
      while (all[at] && !all[at]!.first && all[at]!.text !== '{' && all[at]!.text !== '}') args.push(all[at++]!.text);
      let block: Directive[] = [];
      if (all[at]?.text === '{' && !all[at]!.first) {
        at++;
        block = directives();
      }
      if (token.text === 'import') list.push(...(snippets.get(args[0] ?? '') ?? []));
      else list.push({ name: token.text, args, block, line: token.line });
    }
  };
  while (at < all.length) {
    const keys: string[] = [];
    const { line } = all[at]!;
    while (all[at] && all[at]!.text !== '{') keys.push(...all[at++]!.text.split(',').filter(Boolean));
    if (!all[at]) fail(line, "Unexpected token 'EOF', expecting '{'");
    at++;
    const body = directives();
    const snippet = /^\((.+)\)$/.exec(keys[0] ?? '');
    if (snippet) snippets.set(snippet[1]!, body);
    else blocks.push({ keys, directives: body });
  }
  return blocks;
}

/** Zone and port of a key. */
export function zoneOf(key: string): { zone: string; port: number } {
  const [, name = '', port] = /^(?:dns:\/\/)?(.*?)(?::(\d+))?$/.exec(key) ?? [];
  const zone = name === '' || name === '.' ? '.' : `${name.toLowerCase().replace(/\.$/, '')}.`;
  return { zone, port: port ? Number(port) : 53 };
}

/** Whether a name lies in a zone; both absolute. */
export function inZone(name: string, zone: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`);
}
