import { floatArgument, integerArgument, RedisError, typed, type Commands } from './command.ts';
import { bulk, bulks, integer, nil } from './resp.ts';
import type { Keyspace } from './store.ts';

const membersOf = (db: Keyspace, key: string): Set<string> => typed(db, key, 'set')?.members ?? new Set<string>();

function combine(keep: (sets: readonly Set<string>[]) => Iterable<string>): Commands[string] {
  return { arity: -2, run: (keys, { db }) => bulks(keep(keys.map((k) => membersOf(db, k)))) };
}

/** A score as Redis writes it. */
function scoreText(score: number): string {
  return score === Infinity ? 'inf' : score === -Infinity ? '-inf' : String(score);
}

/** Members by score, then by name. */
function ranked(db: Keyspace, key: string): [string, number][] {
  return [...(typed(db, key, 'zset')?.scores ?? [])].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
}

function range(reverse: boolean): Commands[string] {
  return {
    arity: -4,
    run: ([key, from, to, ...options], { db }) => {
      const flags = options.map((o) => o.toUpperCase());
      if (flags.some((f) => f !== 'WITHSCORES' && f !== 'REV')) throw new RedisError('ERR syntax error');
      const all = ranked(db, key!);
      if (reverse !== flags.includes('REV')) all.reverse();
      const at = (text: string | undefined) =>
        integerArgument(text) < 0 ? all.length + integerArgument(text) : integerArgument(text);
      const chosen = all.slice(Math.max(0, at(from)), at(to) + 1);
      return bulks(chosen.flatMap(([m, s]) => (flags.includes('WITHSCORES') ? [m, scoreText(s)] : [m])));
    },
  };
}

function bound(text: string): { value: number; open: boolean } {
  const open = text.startsWith('(');
  return { value: floatArgument(open ? text.slice(1) : text), open };
}

function within(db: Keyspace, key: string, low: string, high: string): [string, number][] {
  const [from, to] = [bound(low), bound(high)];
  return ranked(db, key).filter(
    ([, s]) => (from.open ? s > from.value : s >= from.value) && (to.open ? s < to.value : s <= to.value),
  );
}

/** Sets and sorted sets. */
export const setCommands: Commands = {
  sadd: {
    arity: -3,
    writes: true,
    run: ([key, ...values], { db }) => {
      const members = membersOf(db, key!);
      const before = members.size;
      for (const value of values) members.add(value);
      db.set(key!, { type: 'set', members }, { keep: true });
      return integer(members.size - before);
    },
  },
  scard: { arity: 2, run: ([key], { db }) => integer(membersOf(db, key!).size) },
  sdiff: combine(([first = new Set(), ...rest]) => [...first].filter((m) => !rest.some((s) => s.has(m))))!,
  sinter: combine(([first = new Set(), ...rest]) => [...first].filter((m) => rest.every((s) => s.has(m))))!,
  sismember: { arity: 3, run: ([key, member], { db }) => integer(Number(membersOf(db, key!).has(member!))) },
  smembers: { arity: 2, run: ([key], { db }) => bulks(membersOf(db, key!)) },
  spop: {
    arity: 2,
    writes: true,
    run: ([key], { db, random }) => {
      const members = membersOf(db, key!);
      const chosen = [...members][members.size === 0 ? 0 : random(members.size)];
      if (chosen === undefined) return nil;
      members.delete(chosen);
      if (members.size === 0) db.delete(key!);
      return bulk(chosen);
    },
  },
  srem: {
    arity: -3,
    writes: true,
    run: ([key, ...values], { db }) => {
      const members = membersOf(db, key!);
      const gone = values.filter((v) => members.delete(v)).length;
      if (members.size === 0) db.delete(key!);
      return integer(gone);
    },
  },
  sunion: combine((sets) => new Set(sets.flatMap((s) => [...s])))!,
  zadd: {
    arity: -4,
    writes: true,
    run: ([key, ...rest], { db }) => {
      const flags: string[] = [];
      while (/^(NX|XX|GT|LT|CH)$/i.test(rest[0] ?? '')) flags.push(rest.shift()!.toUpperCase());
      if (rest.length % 2 !== 0) throw new RedisError('ERR syntax error');
      const scores = typed(db, key!, 'zset')?.scores ?? new Map<string, number>();
      let [added, changed] = [0, 0];
      for (let i = 0; i < rest.length; i += 2) {
        const [score, member] = [floatArgument(rest[i]), rest[i + 1]!];
        const before = scores.get(member);
        if (before === undefined ? flags.includes('XX') : flags.includes('NX')) continue;
        if (
          before !== undefined &&
          ((flags.includes('GT') && score <= before) || (flags.includes('LT') && score >= before))
        )
          continue;
        if (before === undefined) added++;
        else if (before !== score) changed++;
        scores.set(member, score);
      }
      if (scores.size > 0) db.set(key!, { type: 'zset', scores }, { keep: true });
      return integer(flags.includes('CH') ? added + changed : added);
    },
  },
  zcard: { arity: 2, run: ([key], { db }) => integer(typed(db, key!, 'zset')?.scores.size ?? 0) },
  zcount: { arity: 4, run: ([key, low, high], { db }) => integer(within(db, key!, low!, high!).length) },
  zincrby: {
    arity: 4,
    writes: true,
    run: ([key, amount, member], { db }) => {
      const scores = typed(db, key!, 'zset')?.scores ?? new Map<string, number>();
      const score = (scores.get(member!) ?? 0) + floatArgument(amount);
      scores.set(member!, score);
      db.set(key!, { type: 'zset', scores }, { keep: true });
      return bulk(scoreText(score));
    },
  },
  zrange: range(false)!,
  zrangebyscore: {
    arity: -4,
    run: ([key, low, high, option], { db }) =>
      bulks(
        within(db, key!, low!, high!).flatMap(([m, s]) =>
          option?.toUpperCase() === 'WITHSCORES' ? [m, scoreText(s)] : [m],
        ),
      ),
  },
  zrank: {
    arity: 3,
    run: ([key, member], { db }) => {
      const rank = ranked(db, key!).findIndex(([m]) => m === member);
      return rank < 0 ? nil : integer(rank);
    },
  },
  zrem: {
    arity: -3,
    writes: true,
    run: ([key, ...members], { db }) => {
      const scores = typed(db, key!, 'zset')?.scores;
      const gone = members.filter((m) => scores?.delete(m)).length;
      if (scores?.size === 0) db.delete(key!);
      return integer(gone);
    },
  },
  zrevrange: range(true)!,
  zscore: {
    arity: 3,
    run: ([key, member], { db }) => {
      const score = typed(db, key!, 'zset')?.scores.get(member!);
      return score === undefined ? nil : bulk(scoreText(score));
    },
  },
};
