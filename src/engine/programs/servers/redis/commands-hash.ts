import { integerArgument, RedisError, typed, type Commands } from './command.ts';
import { array, bulk, bulks, integer, ok } from './resp.ts';
import type { Keyspace } from './store.ts';

const fieldsOf = (db: Keyspace, key: string): Map<string, string> =>
  typed(db, key, 'hash')?.fields ?? new Map<string, string>();

function setFields(name: string, args: readonly string[], db: Keyspace): number {
  const [key, ...pairs] = args;
  if (pairs.length % 2 !== 0) throw new RedisError(`ERR wrong number of arguments for '${name}' command`);
  const fields = fieldsOf(db, key!);
  const before = fields.size;
  for (let i = 0; i < pairs.length; i += 2) fields.set(pairs[i]!, pairs[i + 1]!);
  db.set(key!, { type: 'hash', fields }, { keep: true });
  return fields.size - before;
}

/** Hashes. */
export const hashCommands: Commands = {
  hdel: {
    arity: -3,
    writes: true,
    run: ([key, ...names], { db }) => {
      const fields = fieldsOf(db, key!);
      const gone = names.filter((n) => fields.delete(n)).length;
      if (fields.size === 0) db.delete(key!);
      return integer(gone);
    },
  },
  hexists: { arity: 3, run: ([key, name], { db }) => integer(Number(fieldsOf(db, key!).has(name!))) },
  hget: { arity: 3, run: ([key, name], { db }) => bulk(fieldsOf(db, key!).get(name!)) },
  hgetall: { arity: 2, run: ([key], { db }) => bulks([...fieldsOf(db, key!)].flat()) },
  hincrby: {
    arity: 4,
    writes: true,
    run: ([key, name, amount], { db }) => {
      const fields = fieldsOf(db, key!);
      const before = fields.get(name!) ?? '0';
      if (!/^-?\d+$/.test(before)) throw new RedisError('ERR hash value is not an integer');
      const value = Number(before) + integerArgument(amount);
      fields.set(name!, String(value));
      db.set(key!, { type: 'hash', fields }, { keep: true });
      return integer(value);
    },
  },
  hkeys: { arity: 2, run: ([key], { db }) => bulks(fieldsOf(db, key!).keys()) },
  hlen: { arity: 2, run: ([key], { db }) => integer(fieldsOf(db, key!).size) },
  hmget: { arity: -3, run: ([key, ...names], { db }) => array(names.map((n) => bulk(fieldsOf(db, key!).get(n)))) },
  hmset: { arity: -4, writes: true, run: (args, { db }) => (setFields('hmset', args, db), ok) },
  hset: { arity: -4, writes: true, run: (args, { db }) => integer(setFields('hset', args, db)) },
  hsetnx: {
    arity: 4,
    writes: true,
    run: ([key, name, value], { db }) => {
      if (fieldsOf(db, key!).has(name!)) return integer(0);
      setFields('hsetnx', [key!, name!, value!], db);
      return integer(1);
    },
  },
  hvals: { arity: 2, run: ([key], { db }) => bulks(fieldsOf(db, key!).values()) },
};
