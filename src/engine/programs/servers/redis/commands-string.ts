import { floatArgument, integerArgument, RedisError, typed, type CommandContext, type Commands } from './command.ts';
import { array, bulk, integer, nil, ok, type Reply } from './resp.ts';

const text = (context: CommandContext, key: string): string | undefined => typed(context.db, key, 'string')?.value;

function add(key: string, amount: number, { db }: CommandContext): Reply {
  const before = typed(db, key, 'string')?.value ?? '0';
  const sum = BigInt(integerArgument(before)) + BigInt(amount);
  if (sum > 9223372036854775807n || sum < -9223372036854775808n)
    throw new RedisError('ERR increment or decrement would overflow');
  db.set(key, { type: 'string', value: sum.toString() }, { keep: true });
  return integer(Number(sum));
}

/** Strings and counters. */
export const stringCommands: Commands = {
  append: {
    arity: 3,
    writes: true,
    run: ([key, more], context) => {
      const value = (text(context, key!) ?? '') + more!;
      context.db.set(key!, { type: 'string', value }, { keep: true });
      return integer(new TextEncoder().encode(value).length);
    },
  },
  decr: { arity: 2, writes: true, run: ([key], context) => add(key!, -1, context) },
  decrby: { arity: 3, writes: true, run: ([key, n], context) => add(key!, -integerArgument(n), context) },
  get: { arity: 2, run: ([key], context) => bulk(text(context, key!)) },
  getdel: {
    arity: 2,
    writes: true,
    run: ([key], context) => {
      const value = text(context, key!);
      context.db.delete(key!);
      return bulk(value);
    },
  },
  getrange: {
    arity: 4,
    run: ([key, from, to], context) => {
      const value = text(context, key!) ?? '';
      const at = (n: number) => (n < 0 ? Math.max(0, value.length + n) : n);
      return bulk(value.slice(at(integerArgument(from)), at(integerArgument(to)) + 1));
    },
  },
  getset: {
    arity: 3,
    writes: true,
    run: ([key, value], context) => {
      const before = text(context, key!);
      context.db.set(key!, { type: 'string', value: value! });
      return bulk(before);
    },
  },
  incr: { arity: 2, writes: true, run: ([key], context) => add(key!, 1, context) },
  incrby: { arity: 3, writes: true, run: ([key, n], context) => add(key!, integerArgument(n), context) },
  incrbyfloat: {
    arity: 3,
    writes: true,
    run: ([key, n], context) => {
      const value = String(Number((floatArgument(text(context, key!) ?? '0') + floatArgument(n)).toPrecision(15)));
      context.db.set(key!, { type: 'string', value }, { keep: true });
      return bulk(value);
    },
  },
  mget: {
    arity: -2,
    run: (keys, { db }) => {
      const values = keys.map((k) => db.get(k));
      return array(values.map((v) => (v?.type === 'string' ? bulk(v.value) : nil)));
    },
  },
  mset: {
    arity: -3,
    writes: true,
    run: (args, { db }) => {
      if (args.length % 2 !== 0) throw new RedisError("ERR wrong number of arguments for 'mset' command");
      for (let i = 0; i < args.length; i += 2) db.set(args[i]!, { type: 'string', value: args[i + 1]! });
      return ok;
    },
  },
  set: {
    arity: -3,
    writes: true,
    run: ([key, value, ...options], { db, now }) => {
      let [expires, keep, condition, get] = [undefined as number | undefined, false, '', false];
      for (let i = 0; i < options.length; i++) {
        const option = options[i]!.toUpperCase();
        if (option === 'NX' || option === 'XX') condition = option;
        else if (option === 'KEEPTTL') keep = true;
        else if (option === 'GET') get = true;
        else if (/^(EX|PX|EXAT|PXAT)$/.test(option)) {
          const amount = integerArgument(options[++i]) * (option.startsWith('E') ? 1000 : 1);
          if (amount <= 0) throw new RedisError("ERR invalid expire time in 'set' command");
          expires = option.endsWith('AT') ? amount : now + amount;
        } else throw new RedisError('ERR syntax error');
      }
      const before = get ? bulk(typed(db, key!, 'string')?.value) : undefined;
      if ((condition === 'NX' && db.has(key!)) || (condition === 'XX' && !db.has(key!))) return before ?? nil;
      db.set(key!, { type: 'string', value: value! }, { keep, expires });
      return before ?? ok;
    },
  },
  setex: {
    arity: 4,
    writes: true,
    run: ([key, seconds, value], { db, now }) => {
      if (integerArgument(seconds) <= 0) throw new RedisError("ERR invalid expire time in 'setex' command");
      db.set(key!, { type: 'string', value: value! }, { expires: now + integerArgument(seconds) * 1000 });
      return ok;
    },
  },
  setnx: {
    arity: 3,
    writes: true,
    run: ([key, value], { db }) => {
      if (db.has(key!)) return integer(0);
      db.set(key!, { type: 'string', value: value! });
      return integer(1);
    },
  },
  strlen: { arity: 2, run: ([key], context) => integer(new TextEncoder().encode(text(context, key!) ?? '').length) },
};
