import type { Process } from '../../../process/index.ts';
import { baseName } from '../../../world/index.ts';
import { askPassword } from '../lib/prompt.ts';
import { flavorOf } from './flavor.ts';
import type { ConnectOptions } from './connect.ts';

/** Options that all clients of MySQL share. */
export interface ClientOptions {
  connect: ConnectOptions;
  /** A password stood on the command line. */
  insecure: boolean;
  flags: Set<string>;
  values: Map<string, string>;
  operands: string[];
}

const long: Readonly<Record<string, string>> = {
  host: 'h', user: 'u', port: 'P', database: 'D', execute: 'e', batch: 'B', silent: 's', 'skip-column-names': 'N', table: 't', vertical: 'E', force: 'f',
  socket: 'S', verbose: 'v', version: 'V', help: '?', wait: 'w', 'no-data': 'd', 'all-databases': 'A', databases: 'B', raw: 'r', html: 'H',
}; // prettier-ignore

/** Options without an effect that shows here: connections are not encrypted, and statements need no lock. */
const ignored =
  /^(protocol|ssl-mode|skip-ssl|ssl|default-character-set|connect-timeout|single-transaction|quick|routines|triggers|events|no-tablespaces|skip-lock-tables|add-drop-table|opt|compact|column-statistics|set-gtid-purged|default-auth|comments|skip-comments|disable-ssl-verify-server-cert|no-auto-rehash)(=|$)/;

/** @param short letters that take a value have `:` behind them. @returns a message for a wrong call */
export async function clientOptions(process: Process, short: string): Promise<ClientOptions | string> {
  const args = process.argv.slice(1);
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  let [password, ask] = [process.env.get('MYSQL_PWD'), false] as [string | undefined, boolean];
  let insecure = false;
  const isMaria = /^maria/.test(baseName(process.argv[0] ?? '')) || flavorOf(process).product === 'MariaDB';
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg.startsWith('--')) {
      const [name = '', attached] = arg.slice(2).split(/=(.*)/s);
      if (name === 'password') {
        if (attached === undefined) ask = true;
        else [password, insecure] = [attached, true];
        continue;
      }
      if (ignored.test(arg.slice(2))) {
        if (/^(protocol|ssl-mode|default-character-set|connect-timeout)$/.test(name) && attached === undefined) i++;
        continue;
      }
      const letter = long[name];
      if (letter === undefined || !short.includes(letter)) return `unknown option '${arg}'`;
      if (short[short.indexOf(letter) + 1] === ':') values.set(letter, attached ?? args[++i] ?? '');
      else flags.add(letter);
      continue;
    }
    if (!/^-./.test(arg)) {
      operands.push(arg);
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j]!;
      if (letter === 'p') {
        if (j + 1 < arg.length) [password, insecure] = [arg.slice(j + 1), true];
        else ask = true;
        break;
      }
      if (!short.includes(letter) || letter === ':') return `unknown option '-${letter}'`;
      if (short[short.indexOf(letter) + 1] === ':') {
        values.set(letter, arg.length > j + 1 ? arg.slice(j + 1) : (args[++i] ?? ''));
        break;
      }
      flags.add(letter);
    }
  }
  if (ask) password = await askPassword(process, 'Enter password: ');
  const flavor = flavorOf(process);
  return {
    connect: {
      host: values.get('h') ?? process.env.get('MYSQL_HOST'),
      port: Number(values.get('P') ?? process.env.get('MYSQL_TCP_PORT') ?? 3306),
      user: values.get('u') ?? process.user.name,
      password: password ?? '',
      socket: values.get('S') ?? flavor.socket,
      client: isMaria ? 'MariaDB' : flavor.old ? 'MySQL 5' : 'MySQL',
    },
    insecure: insecure && !isMaria,
    flags,
    values,
    operands,
  };
}

export const passwordWarning = '[Warning] Using a password on the command line interface can be insecure.';
