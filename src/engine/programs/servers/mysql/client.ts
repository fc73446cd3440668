import type { Process, Program } from '../../../process/index.ts';
import { baseName } from '../../../world/index.ts';
import { textWidth } from '../lib/width.ts';
import { SqlError } from '../../sql/error.ts';
import { firstStatement } from '../../sql/lexer.ts';
import type { Result } from '../../sql/result.ts';
import { isNumeric } from '../../sql/values.ts';
import { PromptInput } from '../lib/prompt.ts';
import { connectMysql, type MysqlConnection } from './connect.ts';
import { flavorOf } from './flavor.ts';
import { clientOptions, passwordWarning, type ClientOptions } from './options.ts';

/** mysql and mariadb: the command line client. */
export const mysqlClient: Program = async (process) => {
  const name = baseName(process.argv[0] ?? 'mysql');
  const options = await clientOptions(process, 'h:u:P:D:e:S:BsNtEfvVrH?An');
  if (typeof options === 'string') {
    await process.printError(`${name}: [ERROR] ${name}: ${options}.\n`);
    return options.startsWith('unknown') ? 2 : 1;
  }
  const flavor = flavorOf(process);
  if (options.flags.has('V')) {
    await process.print(
      flavor.product === 'MariaDB'
        ? `${name} from ${flavor.versionText}, client 15.2 for debian-linux-gnu (x86_64)\n`
        : `${name}  Ver ${flavor.version} for Linux on x86_64 (${flavor.edition})\n`,
    );
    return 0;
  }
  if (options.insecure) await process.printError(`${name}: ${passwordWarning}\n`);
  let connection: MysqlConnection;
  try {
    connection = await connectMysql(process, {
      ...options.connect,
      database: options.values.get('D') ?? options.operands[0],
    });
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    await process.printError(`ERROR ${error.code} (${error.state}): ${error.message}\n`);
    return 1;
  }
  try {
    return await new Client(process, connection, options).run();
  } finally {
    connection.close();
  }
};

class Client {
  readonly #process: Process;
  readonly #connection: MysqlConnection;
  readonly #options: ClientOptions;
  readonly #interactive: boolean;
  readonly #table: boolean;
  #database: string | undefined;
  #line = 1;

  constructor(process: Process, connection: MysqlConnection, options: ClientOptions) {
    this.#process = process;
    this.#connection = connection;
    this.#options = options;
    const terminals = process.isatty.stdin && process.isatty.stdout;
    this.#interactive = terminals && !options.values.has('e') && !options.flags.has('B');
    this.#table = options.flags.has('t') || (terminals && !options.flags.has('B') && !options.flags.has('s'));
    this.#database = options.values.get('D') ?? options.operands[0];
  }

  async run(): Promise<number> {
    const script = this.#options.values.get('e');
    if (script !== undefined) return this.#script(script);
    if (this.#interactive) {
      await this.#welcome();
      return this.#loop();
    }
    const input = new PromptInput(this.#process);
    let text = '';
    for (let line = await input.line(''); typeof line === 'string'; line = await input.line('')) {
      text += `${line}\n`;
      const rest = await this.#complete(text);
      if (typeof rest === 'number') return rest;
      text = rest;
    }
    return text.trim() === '' ? 0 : this.#script(text);
  }

  async #welcome(): Promise<void> {
    const { id, version, edition } = this.#connection;
    const maria = /MariaDB/.test(version);
    await this.#process.print(
      `Welcome to the ${maria ? 'MariaDB' : 'MySQL'} monitor.  Commands end with ; or \\g.\n` +
        `Your ${maria ? 'MariaDB' : 'MySQL'} connection id is ${id}\n` +
        `Server version: ${version} ${edition}\n\n` +
        (maria
          ? 'Copyright (c) 2000, 2018, Oracle, MariaDB Corporation Ab and others.\n\n'
          : `Copyright (c) 2000, ${version.startsWith('5.7') ? '2023' : '2025'}, Oracle and/or its affiliates.\n\nOracle is a registered trademark of Oracle Corporation and/or its\naffiliates. Other names may be trademarks of their respective\nowners.\n\n`) +
        "Type 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n",
    );
  }

  #prompt(open: string | undefined): string {
    if (open !== undefined)
      return open === '' || open === '(' ? '    -> ' : `    ${open === '*' ? '/*' : open}> `.slice(-7);
    return /MariaDB/.test(this.#connection.version) ? `MariaDB [${this.#database ?? '(none)'}]> ` : 'mysql> ';
  }

  async #loop(): Promise<number> {
    const input = new PromptInput(this.#process);
    let text = '';
    for (;;) {
      const open = text.trim() === '' ? undefined : firstStatement(text, true);
      const line = await input.line(this.#prompt(open && 'open' in open ? open.open : undefined));
      if (line === undefined) break;
      if (typeof line !== 'string') {
        text = '';
        await this.#process.print('^C\n');
        continue;
      }
      if (text === '' && /^\s*(exit|quit|\\q)\s*;?\s*$/i.test(line)) break;
      if (text === '' && /^\s*(help|\\h|\?)\s*;?\s*$/i.test(line)) {
        await this.#process.print('\nList of all client commands:\nclear     (\\c) Clear the current input statement.\nego       (\\G) Send command to server, display result vertically.\nexit      (\\q) Exit mysql. Same as quit.\ngo        (\\g) Send command to server.\nsource    (\\.) Execute an SQL script file. Takes a file name as an argument.\nstatus    (\\s) Get status information from the server.\nuse       (\\u) Use another database. Takes database name as argument.\n\n'); // prettier-ignore
        continue;
      }
      if (line.trimEnd().endsWith('\\c')) {
        text = '';
        continue;
      }
      const use = text === '' ? /^\s*(?:use|\\u)\s+`?([\w$-]+)`?\s*;?\s*$/i.exec(line) : null;
      const source = text === '' ? /^\s*(?:source|\\\.)\s+(\S+?);?\s*$/i.exec(line) : null;
      if (use) {
        await this.#statement(`USE \`${use[1]}\``, ';');
        continue;
      }
      if (text === '' && /^\s*(status|\\s)\s*;?\s*$/i.test(line)) {
        await this.#status();
        continue;
      }
      text += source ? this.#source(source[1]!) : `${line}\n`;
      const rest = await this.#complete(text);
      text = typeof rest === 'string' ? rest : '';
    }
    await this.#process.print('Bye\n');
    return 0;
  }

  #source(path: string): string {
    const node = this.#process.machine.fs.lookup(this.#process.path(path));
    return node?.type === 'file' ? `${new TextDecoder().decode(node.data)}\n` : '';
  }

  async #status(): Promise<void> {
    const { id, version, edition } = this.#connection;
    const { user, host, port, socket } = this.#options.connect;
    const tcp = host !== undefined && host !== 'localhost';
    await this.#process.print(
      `--------------\nmysql  Ver ${version} for Linux on x86_64 (${edition})\n\nConnection id:\t\t${id}\nCurrent database:\t${this.#database ?? ''}\nCurrent user:\t\t${user}@${tcp ? host : 'localhost'}\nSSL:\t\t\tNot in use\nServer version:\t\t${version} ${edition}\nProtocol version:\t10\nConnection:\t\t${tcp ? `${host} via TCP/IP` : 'Localhost via UNIX socket'}\n${tcp ? `TCP port:\t\t${port}` : `UNIX socket:\t\t${socket}`}\n--------------\n\n`,
    );
  }

  /** Runs the complete statements of a text. @returns what is left, or an exit status */
  async #complete(text: string): Promise<string | number> {
    for (;;) {
      const found = firstStatement(text, true);
      if ('open' in found) {
        if (text.trim() !== '') return text;
        this.#line += text.split('\n').length - 1;
        return '';
      }
      const status = await this.#statement(found.text, found.terminator);
      this.#line += text.slice(0, found.end).split('\n').length - 1;
      if (status !== 0 && !this.#interactive && !this.#options.flags.has('f')) return status;
      text = text.slice(found.end).replace(/^[ \t]*\n/, () => (this.#line++, ''));
    }
  }

  async #script(script: string): Promise<number> {
    const rest = await this.#complete(script);
    if (typeof rest === 'number') return rest;
    return rest.trim() === '' ? 0 : this.#statement(rest, ';');
  }

  async #statement(sql: string, terminator: ';' | '\\G' | '\\g'): Promise<number> {
    if (sql.trim() === '') {
      if (this.#interactive) await this.#process.printError('ERROR: \nNo query specified\n\n');
      return 0;
    }
    const { clock } = this.#process.world;
    const begun = clock.now();
    let result: Result;
    try {
      result = await this.#connection.query(sql.trim());
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const where = this.#interactive ? '' : ` at line ${this.#line + (/^\s*/.exec(sql)![0].split('\n').length - 1)}`;
      await this.#process.printError(`ERROR ${error.code} (${error.state})${where}: ${error.message}\n`);
      return 1;
    }
    if (result.database !== undefined) this.#database = result.database;
    const seconds = ((clock.now() - begun) / 1000).toFixed(this.#connection.version.includes('MariaDB') ? 3 : 2);
    await this.#show(result, terminator === '\\G' || this.#options.flags.has('E'), seconds);
    return 0;
  }

  async #show(result: Result, vertical: boolean, seconds: string): Promise<void> {
    const { rows, columns } = result;
    const print = (text: string) => this.#process.print(text);
    if (!rows || !columns) {
      if (!this.#interactive) return;
      if (result.database !== undefined) return print('Database changed\n');
      const { affected = 0, warnings = 0 } = result;
      await print(
        `Query OK, ${affected} row${affected === 1 ? '' : 's'} affected${warnings > 0 ? `, ${warnings} warning${warnings === 1 ? '' : 's'}` : ''} (${seconds} sec)\n${result.info ? `${result.info}\n` : ''}\n`,
      );
      return;
    }
    if (rows.length === 0) {
      if (this.#interactive) await print(`Empty set (${seconds} sec)\n\n`);
      return;
    }
    const names = columns.map((c) => c.name);
    if (vertical) await print(verticalText(names, rows));
    else if (this.#table)
      await print(
        tableText(
          names,
          columns.map((c) => isNumeric(c.type)),
          rows,
          !this.#options.flags.has('N'),
        ),
      );
    else await print(tabText(names, rows, !this.#options.flags.has('N'), this.#options.flags.has('r')));
    if (this.#interactive) await print(`${rows.length} row${rows.length === 1 ? '' : 's'} in set (${seconds} sec)\n\n`);
  }
}

type Rows = readonly (readonly (string | null)[])[];

/** With borders; numbers to the right. */
export function tableText(names: readonly string[], numeric: readonly boolean[], rows: Rows, head: boolean): string {
  const cell = (value: string | null) => value ?? 'NULL';
  const lines = (value: string) => value.split('\n');
  const widths = names.map((name, i) =>
    Math.max(head ? textWidth(name) : 0, ...rows.map((row) => Math.max(...lines(cell(row[i] ?? null)).map(textWidth)))),
  );
  const border = `+${widths.map((w) => '-'.repeat(w + 2)).join('+')}+\n`;
  const pad = (text: string, i: number, right: boolean) => {
    const fill = ' '.repeat(Math.max(0, widths[i]! - textWidth(text)));
    return right ? fill + text : text + fill;
  };
  const line = (values: readonly string[], right: readonly boolean[]) =>
    `|${values.map((v, i) => ` ${pad(v, i, right[i] ?? false)} `).join('|')}|\n`;
  return `${border}${head ? line(names, []) + border : ''}${rows.map((row) => line(names.map((_, i) => cell(row[i] ?? null)), numeric)).join('')}${border}`; // prettier-ignore
}

/** For scripts: tabs between, newlines and tabs in values written as escapes. */
function tabText(names: readonly string[], rows: Rows, head: boolean, raw: boolean): string {
  const cell = (value: string | null) => value === null ? 'NULL' : raw ? value : value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\0', '\\0'); // prettier-ignore
  return [...(head ? [names.join('\t')] : []), ...rows.map((row) => row.map(cell).join('\t'))]
    .map((line) => `${line}\n`)
    .join('');
}

function verticalText(names: readonly string[], rows: Rows): string {
  const width = Math.max(...names.map(textWidth));
  return rows
    .map(
      (row, n) =>
        `${'*'.repeat(27)} ${n + 1}. row ${'*'.repeat(27)}\n${names.map((name, i) => `${name.padStart(width)}: ${row[i] ?? 'NULL'}\n`).join('')}`,
    )
    .join('');
}
