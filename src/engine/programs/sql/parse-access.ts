import type { Statement } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

/** Users, roles and what they may do. */

interface UserName {
  name: string;
  host: string;
}

function parseUser(s: TokenStream): UserName {
  const name = s.current.kind === 'string' ? s.string() : s.name();
  // The lexer takes `@host` as a variable; `@'host'` as a lone sign and a string.
  const sign = s.current;
  if (sign.kind !== 'variable') return { name, host: '%' };
  s.take();
  if (sign.text !== '@') return { name, host: sign.text.slice(1) };
  return { name, host: s.current.kind === 'string' ? s.string() : s.name() };
}

function parseUsers(s: TokenStream): UserName[] {
  const users = [parseUser(s)];
  while (s.accept(',')) users.push(parseUser(s));
  return users;
}

/** After CREATE, ALTER or DROP and USER, ROLE or GROUP. */
export function parseUserStatement(s: TokenStream, verb: 'CREATE' | 'ALTER' | 'DROP', role: boolean): Statement {
  const conditional = verb === 'CREATE' ? s.accept('IF', 'NOT', 'EXISTS') : s.accept('IF', 'EXISTS');
  if (verb === 'DROP') return { kind: 'drop-user', users: parseUsers(s), ifExists: conditional };
  const { name, host } = parseUser(s);
  let password: string | undefined;
  const attributes: string[] = s.dialect.name === 'postgres' ? [role ? 'NOLOGIN' : 'LOGIN'] : [];
  if (s.accept('IDENTIFIED')) {
    if (s.accept('WITH')) s.take();
    if (s.accept('BY')) password = s.string();
  }
  s.accept('WITH');
  while (s.current.kind === 'word') {
    if (s.accept('ENCRYPTED')) continue;
    if (s.accept('PASSWORD')) password = s.string();
    else if (s.dialect.name === 'postgres' && attribute.test(s.current.upper)) attributes.push(s.take().upper);
    else throw s.wrong();
  }
  const secret = password === undefined ? undefined : { password };
  if (verb === 'ALTER') return { kind: 'alter-user', name, host, attributes: attributes.slice(1), ...secret };
  return { kind: 'create-user', name, host, attributes, ifNotExists: conditional, ...secret };
}

const attribute = /^(NO)?(SUPERUSER|CREATEDB|CREATEROLE|LOGIN|INHERIT|REPLICATION|BYPASSRLS)$/;

export function parseGrant(s: TokenStream, kind: 'grant' | 'revoke'): Statement {
  const privileges: string[] = [];
  do {
    let words = '';
    while (s.current.kind === 'word' && !s.is('ON') && !s.is('TO') && !s.is('FROM')) words += ` ${s.take().upper}`;
    privileges.push(words.trim().replace(/^ALL PRIVILEGES$/, 'ALL'));
  } while (s.accept(','));
  let database = '*';
  let table = '*';
  if (s.accept('ON')) {
    if (s.accept('DATABASE')) database = s.name();
    else if (s.accept('SCHEMA')) s.name();
    else if (s.accept('ALL')) {
      s.oneOf('TABLES', 'SEQUENCES');
      s.expect('IN', 'SCHEMA');
      s.name();
      database = '';
    } else {
      s.accept('TABLE');
      const first = s.accept('*') ? '*' : s.name();
      if (s.accept('.')) {
        database = first;
        table = s.accept('*') ? '*' : s.name();
      } else {
        database = '';
        table = first;
      }
    }
  }
  s.expect(kind === 'grant' ? 'TO' : 'FROM');
  const users = parseUsers(s);
  s.accept('WITH', 'GRANT', 'OPTION');
  return { kind, privileges, on: { database, table }, users };
}
