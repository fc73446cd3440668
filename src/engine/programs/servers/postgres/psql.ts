import type { Process, Program } from '../../../process/index.ts';
import { readAll } from '../../../world/index.ts';
import { firstStatement } from '../../sql/lexer.ts';
import { askPassword, PromptInput } from '../lib/prompt.ts';
import { connectPostgres, PostgresConnection, type Answer, type ConnectOptions } from './connect.ts';
import { alignedText, alignments, expandedText, unalignedText } from './format.ts';
import { runMeta } from './meta.ts';
import { versionOf } from './server.ts';

interface Options extends ConnectOptions {
  commands: { kind: 'sql' | 'file'; text: string }[];
  tuplesOnly: boolean;
  unaligned: boolean;
  expanded: boolean;
  quiet: boolean;
  list: boolean;
  stopOnError: boolean;
  echo: boolean;
  noPassword: boolean;
  separator: string;
  positional: string[];
}

const long: Readonly<Record<string, string>> = {
  host: 'h', port: 'p', username: 'U', dbname: 'd', command: 'c', file: 'f', 'tuples-only': 't', 'no-align': 'A', quiet: 'q', list: 'l', 'no-password': 'w', password: 'W',
  expanded: 'x', set: 'v', variable: 'v', 'field-separator': 'F', 'no-psqlrc': 'X', 'echo-all': 'a', 'single-transaction': '1',
}; // prettier-ignore

function parse(process: Process): Options | string {
  const { env } = process;
  const o: Options = {
    host: env.get('PGHOST'), port: Number(env.get('PGPORT') ?? 5432), user: env.get('PGUSER') ?? process.user.name, password: env.get('PGPASSWORD'), database: env.get('PGDATABASE') ?? '',
    commands: [], tuplesOnly: false, unaligned: false, expanded: false, quiet: false, list: false, stopOnError: false, echo: false, noPassword: false, separator: '|', positional: [],
  }; // prettier-ignore
  const args = process.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith('-') || arg === '-') {
      o.positional.push(arg);
      continue;
    }
    let letters = arg.slice(1);
    let attached: string | undefined;
    if (arg.startsWith('--')) {
      const [name = '', value] = arg.slice(2).split(/=(.*)/s);
      const letter = long[name];
      if (letter === undefined) return `unrecognized option '${arg}'`;
      [letters, attached] = [letter, value];
    }
    for (let j = 0; j < letters.length; j++) {
      const letter = letters[j]!;
      const value = () => {
        const rest = attached ?? letters.slice(j + 1);
        j = letters.length;
        return attached !== undefined || rest !== '' ? rest : (args[++i] ?? '');
      };
      if (letter === 'h') o.host = value();
      else if (letter === 'p') o.port = Number(value());
      else if (letter === 'U') o.user = value();
      else if (letter === 'd') o.positional.unshift(value());
      else if (letter === 'c') o.commands.push({ kind: 'sql', text: value() });
      else if (letter === 'f') o.commands.push({ kind: 'file', text: value() });
      else if (letter === 'F') o.separator = value();
      else if (letter === 't') o.tuplesOnly = true;
      else if (letter === 'A') o.unaligned = true;
      else if (letter === 'x') o.expanded = true;
      else if (letter === 'q') o.quiet = true;
      else if (letter === 'l') o.list = true;
      else if (letter === 'w') o.noPassword = true;
      else if (letter === 'a') o.echo = true;
      else if (letter === 'v') o.stopOnError ||= /^ON_ERROR_STOP=(1|on|true)$/i.test(value());
      else if (letter !== 'X' && letter !== 'W') return `invalid option -- '${letter}'`;
    }
  }
  const [database, user] = o.positional;
  const uri = /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::([^@]*))?@)?([^:/?]*)(?::(\d+))?(?:\/([^?]*))?/.exec(
    database ?? '',
  );
  if (uri) {
    if (uri[1]) o.user = decodeURIComponent(uri[1]);
    if (uri[2] !== undefined) o.password = decodeURIComponent(uri[2]);
    if (uri[3]) o.host = uri[3];
    if (uri[4]) o.port = Number(uri[4]);
    if (uri[5]) o.database = uri[5];
  } else if (database?.includes('=')) {
    for (const [, key, value = ''] of database.matchAll(/(\w+)=(\S+)/g)) {
      if (key === 'host') o.host = value;
      else if (key === 'port') o.port = Number(value);
      else if (key === 'user') o.user = value;
      else if (key === 'password') o.password = value;
      else if (key === 'dbname') o.database = value;
    }
  } else if (database !== undefined) o.database = database;
  if (user !== undefined) o.user = user;
  if (o.database === '') o.database = o.user;
  return o;
}

/** psql. */
export const psql: Program = async (process) => {
  if (process.argv.includes('--version') || process.argv.includes('-V')) {
    await process.print(`psql (PostgreSQL) ${versionOf(process).version}\n`);
    return 0;
  }
  const options = parse(process);
  if (typeof options === 'string') {
    await process.printError(`psql: ${options}\npsql: hint: Try "psql --help" for more information.\n`);
    return 1;
  }
  if (options.list && options.positional.length === 0) options.database = 'postgres';
  let opened = await connectPostgres(process, options);
  if ('needsPassword' in opened && !options.noPassword && process.tty)
    opened = await connectPostgres(process, {
      ...options,
      password: await askPassword(process, `Password for user ${options.user}: `),
    });
  if (!(opened instanceof PostgresConnection)) {
    await process.printError(`psql: error: ${opened.failure}\n`);
    return 2;
  }
  return new Psql(process, options, opened).run();
};

export class Psql {
  readonly process: Process;
  readonly options: Options;
  connection: PostgresConnection;
  #state = 'idle';
  timing = false;

  constructor(process: Process, options: Options, connection: PostgresConnection) {
    this.process = process;
    this.options = options;
    this.connection = connection;
  }

  async run(): Promise<number> {
    const { commands, list } = this.options;
    if (list) return (await runMeta(this, '\\l')) ? 0 : 1;
    if (commands.length > 0) {
      let failed = false;
      for (const { kind, text } of commands) {
        const status =
          kind === 'file'
            ? await this.file(text)
            : text.startsWith('\\')
              ? (await runMeta(this, text))
                ? 0
                : 1
              : await this.#text(text, undefined);
        if (status === 3) return 3;
        failed = status !== 0;
        if (failed && (kind === 'file' || this.options.stopOnError)) return 1;
      }
      return failed ? 1 : 0;
    }
    if (this.process.isatty.stdin && this.process.isatty.stdout) return this.#loop();
    const input = new TextDecoder().decode(await readAll(this.process.stdin, this.process.cancel));
    return this.#text(input, '<stdin>');
  }

  async file(path: string): Promise<number> {
    const node = path === '-' ? undefined : this.process.machine.fs.lookup(this.process.path(path));
    if (path !== '-' && node?.type !== 'file') {
      await this.process.printError(`psql: error: ${path}: No such file or directory\n`);
      return 1;
    }
    const text = node?.type === 'file' ? node.data : await readAll(this.process.stdin, this.process.cancel);
    return this.#text(new TextDecoder().decode(text), path);
  }

  /** Runs all statements of a text. @param file where it is from, for messages */
  async #text(text: string, file: string | undefined): Promise<number> {
    let status = 0;
    let done = 0;
    while (text.slice(done).trim() !== '') {
      const rest = text.slice(done);
      const meta = /^\s*(\\[^\n]*)(?:\n|$)/.exec(rest);
      if (meta) {
        done += meta[0].length;
        if (/^\\q\b/.test(meta[1]!)) return status;
        if (!(await runMeta(this, meta[1]!))) status = 1;
        continue;
      }
      const found = firstStatement(rest, false);
      const sql = 'open' in found ? rest : rest.slice(0, found.end);
      done = 'open' in found ? text.length : done + found.end;
      const line = text.slice(0, done).trimEnd().split('\n').length;
      if (sql.replace(/--.*/g, '').trim() === '') break;
      const ok = await this.statement(sql, file === undefined ? '' : `psql:${file}:${line}: `);
      if (!ok) {
        if (file === undefined) return 1;
        if (this.options.stopOnError) return 3;
      }
    }
    return file === undefined ? status : 0;
  }

  async #loop(): Promise<number> {
    const { process, options } = this;
    const { version } = this.connection;
    if (!options.quiet)
      await process.print(`psql (${version} (Debian ${version}-1.pgdg13+1))\nType "help" for help.\n\n`);
    const input = new PromptInput(process, true);
    let text = '';
    for (;;) {
      const found = text.trim() === '' ? undefined : firstStatement(text, false);
      const open = found && 'open' in found ? found.open || '-' : '=';
      const line = await input.line(
        `${options.database}${open}${this.#state === 'idle' ? '' : this.#state === 'failed' ? '!' : '*'}${this.connection.superuser ? '#' : '>'} `,
      );
      if (line === undefined) {
        await process.print('\\q\n');
        return 0;
      }
      if (typeof line !== 'string') {
        text = '';
        continue;
      }
      if (text === '' && /^\s*(exit|quit|\\q)\s*$/.test(line)) return 0;
      if (text === '' && /^\s*help\s*$/.test(line)) {
        await process.print('You are using psql, the command-line interface to PostgreSQL.\nType:  \\copyright for distribution terms\n       \\h for help with SQL commands\n       \\? for help with psql commands\n       \\g or terminate with semicolon to execute query\n       \\q to quit\n'); // prettier-ignore
        continue;
      }
      if (text === '' && line.trim().startsWith('\\')) {
        await runMeta(this, line.trim());
        continue;
      }
      text = text === '' ? line : `${text}\n${line}`;
      for (let next = firstStatement(text, false); !('open' in next); next = firstStatement(text, false)) {
        await this.statement(text.slice(0, next.end).trim(), '');
        text = text.slice(next.end).trimStart();
      }
    }
  }

  /** @returns whether it went well */
  async statement(sql: string, prefix: string): Promise<boolean> {
    const { process } = this;
    const begun = process.world.clock.now();
    const text = sql.trim();
    const answer: Answer = await this.connection.query(text);
    this.#state = answer.state;
    if ('error' in answer) {
      const { message, position, detail, hint } = answer.error;
      let out = `${prefix}${answer.state === 'gone' ? 'FATAL' : 'ERROR'}:  ${message}\n`;
      if (position !== undefined) {
        const before = text.slice(0, position).split('\n');
        const line = text.split('\n')[before.length - 1] ?? '';
        const head = `LINE ${before.length}: `;
        out += `${head}${line}\n${' '.repeat(head.length + before.at(-1)!.length)}^\n`;
      }
      if (detail) out += `DETAIL:  ${detail}\n`;
      if (hint) out += `HINT:  ${hint}\n`;
      await process.printError(out);
      return false;
    }
    const { result } = answer;
    if (result.notice) await process.printError(`${result.notice.split('\n').map((n) => prefix + n).join('\n')}\n`); // prettier-ignore
    if (result.rows && result.columns) await this.#show(result.columns, result.rows);
    if ((!result.rows || !/^(SELECT|SHOW)/.test(result.tag)) && result.tag !== '' && !this.options.quiet)
      await process.print(`${result.tag}\n`);
    if (this.timing) await process.print(`Time: ${(process.world.clock.now() - begun).toFixed(3)} ms\n`);
    return true;
  }

  async #show(columns: Parameters<typeof alignments>[0], rows: readonly (readonly (string | null)[])[]): Promise<void> {
    const { tuplesOnly, unaligned, expanded, separator } = this.options;
    const names = columns.map((c) => c.name);
    if (expanded) return this.process.print(`${expandedText(names, rows)}\n`);
    if (unaligned) return this.process.print(unalignedText(names, rows, separator, tuplesOnly));
    return this.process.print(`${alignedText(names, alignments(columns), rows, { tuplesOnly })}\n`);
  }
}

/** pg_isready. */
export const pgIsready: Program = async (process) => {
  const o: Record<string, string> = {};
  const args = process.argv.slice(1);
  let quiet = false;
  for (let i = 0; i < args.length; i++) {
    const match = /^(?:-([hpUdt])|--(host|port|username|dbname|timeout)(?:=(.*))?)(.*)$/.exec(args[i]!);
    if (args[i] === '-q' || args[i] === '--quiet') quiet = true;
    else if (match)
      o[match[1] ?? { host: 'h', port: 'p', username: 'U', dbname: 'd', timeout: 't' }[match[2]!]!] =
        match[3] ?? (match[1] && match[4] ? match[4] : (args[++i] ?? ''));
    else {
      await process.printError(
        `pg_isready: invalid option -- '${args[i]!.replace(/^-+/, '')}'\nTry "pg_isready --help" for more information.\n`,
      );
      return 3;
    }
  }
  const host = o['h'] ?? process.env.get('PGHOST');
  const port = Number(o['p'] ?? process.env.get('PGPORT') ?? 5432);
  const place = host === undefined || host.startsWith('/') ? `/var/run/postgresql:${port}` : `${host}:${port}`;
  const opened = await connectPostgres(process, {
    host,
    port,
    user: o['U'] ?? process.user.name,
    database: o['d'] ?? 'postgres',
    limit: Number(o['t'] ?? 3) * 1000,
  });
  const alive = opened instanceof PostgresConnection || /FATAL|fe_sendauth/.test(opened.failure);
  if (opened instanceof PostgresConnection) opened.close();
  if (!quiet) await process.print(`${place} - ${alive ? 'accepting connections' : 'no response'}\n`);
  return alive ? 0 : 2;
};
