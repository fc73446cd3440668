import { connectPostgres, PostgresConnection } from './connect.ts';
import { alignedText } from './format.ts';
import type { Psql } from './psql.ts';

/** psql's backslash commands. @returns whether it went well */
export async function runMeta(session: Psql, line: string): Promise<boolean> {
  const { process, options } = session;
  const [command = '', ...args] = line.trim().replace(/;$/, '').split(/\s+/);
  const ask = async (what: string, argument = '') => (await session.connection.ask({ meta: what, argument })) ?? {};
  const table = async (title: string, names: readonly string[], rows: readonly (readonly (string | null)[])[]) => {
    await process.print(`${alignedText(names, [], rows, { title, tuplesOnly: options.tuplesOnly })}\n`);
    return true;
  };
  switch (command.replace(/\+$/, '')) {
    case '\\l':
    case '\\list': {
      const rows = ((await ask('databases'))['rows'] as [string, string][]).map(([name, owner]) => [
        name,
        owner,
        'UTF8',
        'libc',
        'en_US.utf8',
        'en_US.utf8',
        null,
        null,
        null,
      ]);
      const owner = rows.find((r) => r[0] === 'postgres')?.[1] ?? 'postgres';
      for (const name of ['template0', 'template1'])
        rows.push([
          name,
          owner,
          'UTF8',
          'libc',
          'en_US.utf8',
          'en_US.utf8',
          null,
          null,
          `=c/${owner}\n${owner}=CTc/${owner}`,
        ]);
      rows.sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
      const major = Number(session.connection.version.split('.')[0]);
      return table(
        'List of databases',
        [
          'Name',
          'Owner',
          'Encoding',
          'Locale Provider',
          'Collate',
          'Ctype',
          major >= 17 ? 'Locale' : 'ICU Locale',
          'ICU Rules',
          'Access privileges',
        ],
        rows,
      );
    }
    case '\\dt':
    case '\\d': {
      if (args[0] !== undefined && command !== '\\dt') {
        const found = (await ask('describe', args[0].replace(/^public\./, '')))['table'] as {
          rows: (string | null)[][];
          lines: string[];
        } | null;
        if (!found) {
          await process.printError(`Did not find any relation named "${args[0]}".\n`);
          return false;
        }
        const text = alignedText(['Column', 'Type', 'Collation', 'Nullable', 'Default'], [], found.rows, {
          title: `Table "public.${args[0].replace(/^public\./, '')}"`,
          footer: false,
        });
        await process.print(`${text}${found.lines.map((l) => `${l}\n`).join('')}\n`);
        return true;
      }
      const all = ((await ask('tables'))['rows'] as string[][]).filter((r) => command !== '\\dt' || r[1] === 'table');
      const rows = all.filter((r) => args[0] === undefined || r[0] === args[0]).map((r) => ['public', ...r]).sort((a, b) => (a[1]! < b[1]! ? -1 : 1)); // prettier-ignore
      if (rows.length === 0) {
        await process.printError(args[0] === undefined ? (Number(session.connection.version.split('.')[0]) >= 18 && command === '\\dt' ? 'Did not find any tables.\n' : 'Did not find any relations.\n') : `Did not find any ${command === '\\dt' ? 'tables' : 'relations'} named "${args[0]}".\n`); // prettier-ignore
        return args[0] === undefined;
      }
      return table(
        command === '\\dt' && Number(session.connection.version.split('.')[0]) >= 18
          ? 'List of tables'
          : 'List of relations',
        ['Schema', 'Name', 'Type', 'Owner'],
        rows,
      );
    }
    case '\\du':
    case '\\dg': {
      const names: Record<string, string> = {
        SUPERUSER: 'Superuser',
        CREATEROLE: 'Create role',
        CREATEDB: 'Create DB',
        REPLICATION: 'Replication',
        BYPASSRLS: 'Bypass RLS',
      };
      const rows = ((await ask('roles'))['rows'] as [string, string[]][]).map(([name, attributes]) => [
        name,
        [...Object.keys(names).filter((n) => attributes.includes(n)).map((n) => names[n]), ...(attributes.includes('LOGIN') ? [] : ['Cannot login'])].join(', '),
      ]); // prettier-ignore
      await process.print(
        `${alignedText(['Role name', 'Attributes'], [], rows, { title: 'List of roles', footer: false })}\n`,
      );
      return true;
    }
    case '\\conninfo': {
      const { host, port, user, database } = options;
      const local = host === undefined || host.startsWith('/');
      const place = local
        ? `via socket in "/var/run/postgresql" at port "${port}"`
        : `on host "${host}" (address "${session.connection.address}") at port "${port}"`;
      await process.print(`You are connected to database "${database}" as user "${user}" ${place}.\n`);
      return true;
    }
    case '\\c':
    case '\\connect': {
      const database = args[0] ?? options.database;
      const opened = await connectPostgres(process, { ...options, database, user: args[1] ?? options.user });
      if (!(opened instanceof PostgresConnection)) {
        await process.printError(`\\connect: ${opened.failure}\nPrevious connection kept\n`);
        return false;
      }
      session.connection.close();
      session.connection = opened;
      options.database = database;
      options.user = args[1] ?? options.user;
      await process.print(`You are now connected to database "${database}" as user "${options.user}".\n`);
      return true;
    }
    case '\\x':
      options.expanded = args[0] === undefined ? !options.expanded : args[0] === 'on';
      await process.print(`Expanded display is ${options.expanded ? 'on' : 'off'}.\n`);
      return true;
    case '\\t':
      options.tuplesOnly = !options.tuplesOnly;
      await process.print(`Tuples only is ${options.tuplesOnly ? 'on' : 'off'}.\n`);
      return true;
    case '\\timing':
      session.timing = args[0] === undefined ? !session.timing : args[0] === 'on';
      await process.print(`Timing is ${session.timing ? 'on' : 'off'}.\n`);
      return true;
    case '\\echo':
      await process.print(`${args.join(' ')}\n`);
      return true;
    case '\\i':
      return (await session.file(args[0] ?? '')) === 0;
    case '\\?':
      await process.print('General\n  \\q                     quit psql\n  \\timing [on|off]       toggle timing of commands\n\nInput/Output\n  \\echo [STRING]         write string to standard output\n  \\i FILE                execute commands from file\n\nInformational\n  \\d [NAME]              describe table, or list tables and sequences\n  \\dt [NAME]             list tables\n  \\du                    list roles\n  \\l                     list databases\n\nFormatting\n  \\t                     show only rows\n  \\x [on|off]            toggle expanded output\n\nConnection\n  \\c [DBNAME [USER]]     connect to new database\n  \\conninfo              display information about current connection\n'); // prettier-ignore
      return true;
    default:
      await process.printError(`invalid command ${command}\nTry \\? for help.\n`);
      return false;
  }
}
