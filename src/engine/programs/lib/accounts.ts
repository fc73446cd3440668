import type { Machine, User } from '../../process/index.ts';
import type { FileNode } from '../../world/index.ts';

/** Accounts as /etc/passwd and /etc/group have them; where these are missing, as the machine was made. */

interface Entry {
  name: string;
  /** uid or gid. */
  id: number;
  fields: readonly string[];
}

const parsed = new WeakMap<FileNode, readonly Entry[]>();

function entries(machine: Machine, path: string): readonly Entry[] {
  const node = machine.fs.lookup(path);
  if (node?.type !== 'file') return [];
  let found = parsed.get(node);
  if (!found) {
    found = new TextDecoder()
      .decode(node.data)
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 3 && /^\d+$/.test(fields[2]!))
      .map((fields) => ({ name: fields[0]!, id: Number(fields[2]), fields }));
    parsed.set(node, found);
  }
  return found;
}

export function userNameOf(machine: Machine, uid: number): string | undefined {
  const listed = entries(machine, '/etc/passwd').find((entry) => entry.id === uid)?.name;
  if (listed !== undefined) return listed;
  for (const user of machine.users.values()) if (user.uid === uid) return user.name;
  return undefined;
}

export function groupNameOf(machine: Machine, gid: number): string | undefined {
  const groups = entries(machine, '/etc/group');
  const listed = groups.find((entry) => entry.id === gid)?.name;
  if (listed !== undefined || groups.length > 0) return listed;
  for (const user of machine.users.values()) if (user.gid === gid) return user.name;
  return undefined;
}

export function findAccount(machine: Machine, name: string): User | undefined {
  const entry = entries(machine, '/etc/passwd').find((each) => each.name === name);
  if (!entry) return machine.users.get(name);
  return { name, uid: entry.id, gid: Number(entry.fields[3] ?? 0), home: entry.fields[5] || '/' };
}

export function findGroup(machine: Machine, name: string): number | undefined {
  return entries(machine, '/etc/group').find((each) => each.name === name)?.id ?? machine.users.get(name)?.gid;
}

/** Group ids of a user: the primary one, those that the process was given, and those that list the name. */
export function groupIdsOf(machine: Machine, user: User): number[] {
  const listing = entries(machine, '/etc/group')
    .filter((entry) => (entry.fields[3] ?? '').split(',').includes(user.name))
    .map((entry) => entry.id);
  return [...new Set([user.gid, ...(user.groups ?? []), ...listing])];
}
