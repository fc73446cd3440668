import type { Account, Catalog } from './database.ts';
import type { Dialect } from './dialect.ts';
import type { Statement } from './syntax.ts';

/** Accounts and privileges. */

/** Whether an account may do something to a table, or to a database as a whole. */
export function may(account: Account, privilege: string, database: string, table = '*'): boolean {
  if (account.attributes.includes('SUPERUSER')) return true;
  for (const scope of ['*.*', `${database}.*`, `${database}.${table}`]) {
    const granted = account.grants.get(scope);
    if (granted?.has('ALL') || granted?.has(privilege)) return true;
  }
  return false;
}

/** Whether an account has anything to do with a database. */
export function mayUse(account: Account, database: string): boolean {
  if (account.attributes.includes('SUPERUSER')) return true;
  return [...account.grants].some(
    ([scope, granted]) =>
      [...granted].some((g) => g !== 'USAGE') && (scope === '*.*' || scope.startsWith(`${database}.`)),
  );
}

type UserStatement = Statement & { kind: 'create-user' | 'alter-user' | 'drop-user' | 'grant' | 'revoke' };

/** @returns PostgreSQL's command tag. @throws SqlError */
export function changeAccounts(
  statement: UserStatement,
  catalog: Catalog,
  dialect: Dialect,
  database: string | undefined,
): string {
  const { errors, name: kind } = dialect;
  const found = (name: string, host: string, what: string): Account => {
    const account = catalog.account(name, kind === 'postgres' ? '%' : host);
    if (!account) throw errors.noUser(name, host, what);
    return account;
  };
  switch (statement.kind) {
    case 'create-user': {
      const { name, host, password, attributes } = statement;
      if (catalog.account(name, host)) {
        if (statement.ifNotExists) return 'CREATE ROLE';
        throw errors.userExists(name, host);
      }
      catalog.accounts.push({
        name,
        host,
        password: password ?? (kind === 'mysql' ? '' : undefined),
        attributes: normalized(attributes),
        grants: new Map(kind === 'mysql' ? [['*.*', new Set(['USAGE'])]] : []),
      });
      return 'CREATE ROLE';
    }
    case 'alter-user': {
      const account = found(statement.name, statement.host, 'ALTER USER');
      if (statement.password !== undefined) account.password = statement.password;
      account.attributes = normalized([...account.attributes, ...statement.attributes]);
      return 'ALTER ROLE';
    }
    case 'drop-user':
      for (const { name, host } of statement.users) {
        const account = catalog.account(name, kind === 'postgres' ? '%' : host);
        if (account) catalog.accounts.splice(catalog.accounts.indexOf(account), 1);
        else if (!statement.ifExists) throw errors.noUser(name, host, 'DROP USER');
      }
      return 'DROP ROLE';
    default: {
      const { on, privileges, users } = statement;
      for (const { name, host } of users) {
        const account = found(name, host, statement.kind.toUpperCase());
        if (kind === 'postgres' && on.database === '*' && on.table === '*') {
          // GRANT role TO role.
          for (const role of privileges) {
            const from = found(role.toLowerCase(), '%', 'GRANT');
            for (const [scope, granted] of from.grants) account.grants.set(scope, new Set([...(account.grants.get(scope) ?? []), ...granted])); // prettier-ignore
          }
          continue;
        }
        const scope = `${on.database === '' ? (database ?? '') : on.database}.${on.table}`;
        const granted = account.grants.get(scope) ?? new Set<string>();
        if (statement.kind === 'grant') for (const p of privileges) granted.add(p);
        else if (privileges.includes('ALL')) granted.clear();
        else for (const p of privileges) granted.delete(p);
        if (granted.size > 0) account.grants.set(scope, granted);
        else account.grants.delete(scope);
      }
      return statement.kind.toUpperCase();
    }
  }
}

/** The last word about each attribute counts. */
function normalized(attributes: readonly string[]): string[] {
  const set = new Set<string>();
  for (const attribute of attributes) {
    if (attribute.startsWith('NO')) set.delete(attribute.slice(2));
    else set.add(attribute);
  }
  return [...set];
}
