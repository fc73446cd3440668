import type { Reply } from './resp.ts';
import type { Keyspace, RedisValue } from './store.ts';

/** What commands that only work on keys may use. */
export interface CommandContext {
  readonly db: Keyspace;
  readonly now: number;
  random(bound: number): number;
}

export interface Command {
  /** Number of words with the name; negative: at least so many. */
  arity: number;
  /** It changes data. */
  writes?: boolean;
  run(args: readonly string[], context: CommandContext): Reply;
}

export type Commands = Readonly<Record<string, Command>>;

/** Ends a command with an error. */
export class RedisError extends Error {
  override name = 'RedisError';
}

export const wrongType = (): RedisError =>
  new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value');

/** The value of a key if it is of that type; undefined if there is none. @throws RedisError WRONGTYPE */
export function typed<T extends RedisValue['type']>(
  db: Keyspace,
  key: string,
  type: T,
): (RedisValue & { type: T }) | undefined {
  const value = db.get(key);
  if (value && value.type !== type) throw wrongType();
  return value as (RedisValue & { type: T }) | undefined;
}

/** @throws RedisError */
export function integerArgument(text: string | undefined): number {
  if (text === undefined || !/^[+-]?\d{1,19}$/.test(text))
    throw new RedisError('ERR value is not an integer or out of range');
  return Number(text);
}

/** @throws RedisError */
export function floatArgument(text: string | undefined): number {
  const n =
    text === undefined || text.trim() === ''
      ? NaN
      : /^[+-]?inf$/i.test(text)
        ? text.startsWith('-')
          ? -Infinity
          : Infinity
        : Number(text);
  if (Number.isNaN(n)) throw new RedisError('ERR value is not a valid float');
  return n;
}
