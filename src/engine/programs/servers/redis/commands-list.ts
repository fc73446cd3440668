import { integerArgument, RedisError, typed, type CommandContext, type Commands } from './command.ts';
import { bulk, bulks, integer, nil, ok } from './resp.ts';

function push(side: 'left' | 'right', must: boolean): Commands[string] {
  return {
    arity: -3,
    writes: true,
    run: ([key, ...values], { db }) => {
      const list = typed(db, key!, 'list');
      if (!list && must) return integer(0);
      const items = list?.items ?? [];
      if (side === 'left') items.unshift(...values.reverse());
      else items.push(...values);
      db.set(key!, { type: 'list', items }, { keep: true });
      return integer(items.length);
    },
  };
}

function take(context: CommandContext, key: string, side: 'left' | 'right'): string | undefined {
  const list = typed(context.db, key, 'list');
  const item = side === 'left' ? list?.items.shift() : list?.items.pop();
  if (list?.items.length === 0) context.db.delete(key);
  return item;
}

function pop(side: 'left' | 'right'): Commands[string] {
  return {
    arity: -2,
    writes: true,
    run: ([key, count], context) => {
      if (count === undefined) return bulk(take(context, key!, side));
      if (!context.db.has(key!)) return nil;
      const taken: string[] = [];
      for (let i = 0; i < integerArgument(count); i++) {
        const item = take(context, key!, side);
        if (item === undefined) break;
        taken.push(item);
      }
      return bulks(taken);
    },
  };
}

const at = (index: number, length: number): number => (index < 0 ? length + index : index);

/** Lists. */
export const listCommands: Commands = {
  lindex: {
    arity: 3,
    run: ([key, index], { db }) => {
      const items = typed(db, key!, 'list')?.items ?? [];
      return bulk(items[at(integerArgument(index), items.length)]);
    },
  },
  llen: { arity: 2, run: ([key], { db }) => integer(typed(db, key!, 'list')?.items.length ?? 0) },
  lpop: pop('left')!,
  lpush: push('left', false)!,
  lpushx: push('left', true)!,
  lrange: {
    arity: 4,
    run: ([key, from, to], { db }) => {
      const items = typed(db, key!, 'list')?.items ?? [];
      return bulks(
        items.slice(Math.max(0, at(integerArgument(from), items.length)), at(integerArgument(to), items.length) + 1),
      );
    },
  },
  lrem: {
    arity: 4,
    writes: true,
    run: ([key, count, value], { db }) => {
      const list = typed(db, key!, 'list');
      if (!list) return integer(0);
      const n = integerArgument(count);
      const order = list.items.map((_, i) => i).filter((i) => list.items[i] === value);
      const gone = new Set(n === 0 ? order : n > 0 ? order.slice(0, n) : order.slice(n));
      list.items = list.items.filter((_, i) => !gone.has(i));
      if (list.items.length === 0) db.delete(key!);
      return integer(gone.size);
    },
  },
  lset: {
    arity: 4,
    writes: true,
    run: ([key, index, value], { db }) => {
      const list = typed(db, key!, 'list');
      if (!list) throw new RedisError('ERR no such key');
      const i = at(integerArgument(index), list.items.length);
      if (i < 0 || i >= list.items.length) throw new RedisError('ERR index out of range');
      list.items[i] = value!;
      return ok;
    },
  },
  ltrim: {
    arity: 4,
    writes: true,
    run: ([key, from, to], { db }) => {
      const list = typed(db, key!, 'list');
      if (!list) return ok;
      list.items = list.items.slice(
        Math.max(0, at(integerArgument(from), list.items.length)),
        at(integerArgument(to), list.items.length) + 1,
      );
      if (list.items.length === 0) db.delete(key!);
      return ok;
    },
  },
  rpop: pop('right')!,
  rpoplpush: {
    arity: 3,
    writes: true,
    run: ([from, to], context) => {
      const target = typed(context.db, to!, 'list');
      const item = take(context, from!, 'right');
      if (item === undefined) return nil;
      const items = target?.items ?? [];
      items.unshift(item);
      context.db.set(to!, { type: 'list', items }, { keep: true });
      return bulk(item);
    },
  },
  rpush: push('right', false)!,
  rpushx: push('right', true)!,
};
