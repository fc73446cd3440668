import { integerArgument, RedisError, type Commands } from './command.ts';
import { array, bulk, bulks, integer, nil, ok } from './resp.ts';
import { matchesGlob } from './store.ts';

function expire(unit: number, absolute: boolean): Commands[string] {
  return {
    arity: -3,
    writes: true,
    run: ([key, text, option], { db, now }) => {
      const amount = integerArgument(text);
      if (!db.has(key!)) return integer(0);
      const before = db.expiry(key!);
      const until = absolute ? amount * unit : now + amount * unit;
      const flag = option?.toUpperCase();
      if (flag !== undefined && !/^(NX|XX|GT|LT)$/.test(flag)) throw new RedisError(`ERR Unsupported option ${option}`);
      if (flag === 'NX' && before !== undefined) return integer(0);
      if (flag === 'XX' && before === undefined) return integer(0);
      if (flag === 'GT' && (before === undefined || until <= before)) return integer(0);
      if (flag === 'LT' && before !== undefined && until >= before) return integer(0);
      db.setExpiry(key!, until);
      return integer(1);
    },
  };
}

/** Commands on keys of every type. */
export const keyCommands: Commands = {
  del: { arity: -2, writes: true, run: (keys, { db }) => integer(keys.filter((k) => db.delete(k)).length) },
  exists: { arity: -2, run: (keys, { db }) => integer(keys.filter((k) => db.has(k)).length) },
  expire: expire(1000, false)!,
  expireat: expire(1000, true)!,
  keys: { arity: 2, run: ([pattern], { db }) => bulks(db.keys().filter((k) => matchesGlob(k, pattern!))) },
  persist: {
    arity: 2,
    writes: true,
    run: ([key], { db }) => {
      if (db.expiry(key!) === undefined) return integer(0);
      db.setExpiry(key!, undefined);
      return integer(1);
    },
  },
  pexpire: expire(1, false)!,
  pttl: {
    arity: 2,
    run: ([key], { db, now }) =>
      integer(!db.has(key!) ? -2 : db.expiry(key!) === undefined ? -1 : db.expiry(key!)! - now),
  },
  randomkey: {
    arity: 1,
    run: (_, { db, random }) => {
      const keys = db.keys();
      return keys.length === 0 ? nil : bulk(keys[random(keys.length)]);
    },
  },
  rename: {
    arity: 3,
    writes: true,
    run: ([from, to], { db }) => {
      const value = db.get(from!);
      if (!value) throw new RedisError('ERR no such key');
      const expires = db.expiry(from!);
      db.delete(from!);
      db.set(to!, value, { expires });
      return ok;
    },
  },
  scan: {
    arity: -2,
    run: (args, { db }) => {
      const cursor = Number(args[0]);
      if (!Number.isInteger(cursor)) throw new RedisError('ERR invalid cursor');
      let [pattern, count, type] = ['*', 10, undefined as string | undefined];
      for (let i = 1; i < args.length; i += 2) {
        const option = args[i]!.toUpperCase();
        if (option === 'MATCH') pattern = args[i + 1] ?? '*';
        else if (option === 'COUNT') count = integerArgument(args[i + 1]);
        else if (option === 'TYPE') type = args[i + 1];
        else throw new RedisError('ERR syntax error');
      }
      const keys = db.keys();
      const next = cursor + count < keys.length ? cursor + count : 0;
      const page = keys
        .slice(cursor, cursor + count)
        .filter((k) => matchesGlob(k, pattern) && (type === undefined || db.get(k)?.type === type));
      return array([bulk(String(next)), bulks(page)]);
    },
  },
  touch: { arity: -2, run: (keys, { db }) => integer(keys.filter((k) => db.has(k)).length) },
  ttl: {
    arity: 2,
    run: ([key], { db, now }) =>
      integer(!db.has(key!) ? -2 : db.expiry(key!) === undefined ? -1 : Math.round((db.expiry(key!)! - now) / 1000)),
  },
  type: { arity: 2, run: ([key], { db }) => ({ kind: 'status', text: db.get(key!)?.type ?? 'none' }) },
  unlink: { arity: -2, writes: true, run: (keys, { db }) => integer(keys.filter((k) => db.delete(k)).length) },
};
