/** nginx's configuration language: directives with arguments, some with a block. */
export interface Directive {
  name: string;
  args: string[];
  block?: Directive[];
  file: string;
  line: number;
}

/** `message` is what nginx prints after `nginx: [emerg] `. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

interface Token {
  text: string;
  quoted: boolean;
  line: number;
}

/**
 * Parses a file and, through `read`, what it includes.
 * @param read content of a file, or undefined if it doesn't exist; `expand` gives the files that a pattern names
 * @throws ConfigError
 */
export function parseConfig(
  file: string,
  read: (path: string) => string | undefined,
  expand: (pattern: string) => string[],
): Directive[] {
  const text = read(file);
  if (text === undefined) throw new ConfigError(`open() "${file}" failed (2: No such file or directory)`);
  const tokens = tokenize(text, file);
  let at = 0;
  const parseBlock = (inBlock: boolean): Directive[] => {
    const directives: Directive[] = [];
    for (;;) {
      const token = tokens[at];
      if (!token) {
        if (inBlock) throw new ConfigError(`unexpected end of file, expecting "}" in ${file}:${lastLine(text)}`);
        return directives;
      }
      if (!token.quoted && token.text === '}') {
        if (!inBlock) throw new ConfigError(`unexpected "}" in ${file}:${token.line}`);
        at++;
        return directives;
      }
      if (!token.quoted && (token.text === ';' || token.text === '{'))
        throw new ConfigError(`unexpected "${token.text}" in ${file}:${token.line}`);
      at++;
      const directive: Directive = { name: token.text, args: [], file, line: token.line };
      for (;;) {
        const next = tokens[at++];
        if (!next) throw new ConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${lastLine(text)}`);
        if (!next.quoted && next.text === ';') break;
        if (!next.quoted && next.text === '{') {
          directive.block = parseBlock(true);
          break;
        }
        if (!next.quoted && next.text === '}') throw new ConfigError(`unexpected "}" in ${file}:${next.line}`);
        directive.args.push(next.text);
      }
      if (directive.name === 'include') {
        const pattern = directive.args[0] ?? '';
        const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
        for (const included of path.includes('*') ? expand(path) : [path])
          directives.push(...parseConfig(included, read, expand));
      } else directives.push(directive);
    }
  };
  return parseBlock(false);
}

function lastLine(text: string): number {
  return text.split('\n').length;
}

function tokenize(text: string, file: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let i = 0;
  while (i < text.length) {
    const c = text[i]!;
    if (c === '\n') line++;
    if (/\s/.test(c)) i++;
    else if (c === '#') while (i < text.length && text[i] !== '\n') i++;
    else if (c === ';' || c === '{' || c === '}') {
      tokens.push({ text: c, quoted: false, line });
      i++;
    } else if (c === '"' || c === "'") {
      const start = line;
      let word = '';
      for (i++; text[i] !== c; i++) {
        if (i >= text.length) throw new ConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${start}`);
        if (text[i] === '\\' && (text[i + 1] === c || text[i + 1] === '\\')) i++;
        else if (text[i] === '\\' && text[i + 1] === 'n') {
          word += '\n';
          i++;
          continue;
        }
        if (text[i] === '\n') line++;
        word += text[i];
      }
      i++;
      tokens.push({ text: word, quoted: true, line });
    } else {
      let word = '';
      while (i < text.length && !/[\s;{]/.test(text[i]!)) {
        if (text[i] === '$' && text[i + 1] === '{') {
          const end = text.indexOf('}', i);
          word += text.slice(i, end + 1);
          i = end + 1;
        } else word += text[i++];
      }
      tokens.push({ text: word, quoted: false, line });
    }
  }
  return tokens;
}

export interface Location {
  modifier: '' | '=' | '~' | '~*' | '^~';
  pattern: string;
  directives: Directive[];
}

export interface VirtualServer {
  ports: number[];
  isDefault: boolean;
  names: string[];
  directives: Directive[];
  locations: Location[];
}

export interface NginxConfig {
  servers: VirtualServer[];
  /** The http block's own directives: inherited by all servers. */
  http: Directive[];
  /** Content types by file extension. */
  types: Map<string, string>;
  logFormats: Map<string, string>;
}

/** Makes sense of parsed directives. @throws ConfigError for what nginx would refuse too */
export function interpret(directives: readonly Directive[]): NginxConfig {
  const known =
    /^(user|worker_processes|error_log|pid|events|http|stream|mail|worker_rlimit_nofile|load_module|env|daemon|master_process|pcre_jit)$/;
  for (const d of directives)
    if (!known.test(d.name)) {
      const misplaced = /^(server|location|upstream|listen|root|return|index|proxy_pass|add_header)$/.test(d.name);
      throw new ConfigError(
        misplaced
          ? `"${d.name}" directive is not allowed here in ${d.file}:${d.line}`
          : `unknown directive "${d.name}" in ${d.file}:${d.line}`,
      );
    }
  const http = directives.filter((d) => d.name === 'http').flatMap((d) => d.block ?? []);
  const config: NginxConfig = {
    servers: [],
    http: [],
    types: new Map(),
    logFormats: new Map([['combined', combined]]),
  };
  for (const d of http) {
    if (d.name === 'server') config.servers.push(interpretServer(d));
    else if (d.name === 'types') for (const t of d.block ?? []) for (const ext of t.args) config.types.set(ext, t.name);
    else if (d.name === 'log_format') config.logFormats.set(d.args[0] ?? '', d.args.slice(1).join(''));
    else config.http.push(d);
  }
  return config;
}

const combined =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

function interpretServer(server: Directive): VirtualServer {
  const result: VirtualServer = { ports: [], isDefault: false, names: [], directives: [], locations: [] };
  for (const d of server.block ?? []) {
    if (d.name === 'listen') {
      const port = /(?:^|:)(\d+)$/.exec(d.args[0] ?? '');
      if (!port && /^\d/.test(d.args[0] ?? '') === false && !d.args[0]?.startsWith('['))
        throw new ConfigError(`invalid parameter "${d.args[0]}" in ${d.file}:${d.line}`);
      const number = port ? Number(port[1]) : 80;
      if (!result.ports.includes(number)) result.ports.push(number);
      if (d.args.includes('default_server')) result.isDefault = true;
    } else if (d.name === 'server_name') result.names.push(...d.args);
    else if (d.name === 'location') result.locations.push(interpretLocation(d));
    else result.directives.push(d);
  }
  if (result.ports.length === 0) result.ports.push(80);
  return result;
}

function interpretLocation(d: Directive): Location {
  const [first = '', second] = d.args;
  if (second === undefined) return { modifier: '', pattern: first, directives: d.block ?? [] };
  if (!/^(=|~|~\*|\^~)$/.test(first))
    throw new ConfigError(`invalid location modifier "${first}" in ${d.file}:${d.line}`);
  return { modifier: first as Location['modifier'], pattern: second, directives: d.block ?? [] };
}
