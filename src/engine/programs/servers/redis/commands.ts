import { hashCommands } from './commands-hash.ts';
import { keyCommands } from './commands-key.ts';
import { listCommands } from './commands-list.ts';
import { setCommands } from './commands-set.ts';
import { stringCommands } from './commands-string.ts';
import { RedisError, type CommandContext, type Commands } from './command.ts';
import { error, type Reply } from './resp.ts';

/** Commands on keys, by name. */
export const dataCommands: Commands = {
  ...keyCommands,
  ...stringCommands,
  ...listCommands,
  ...hashCommands,
  ...setCommands,
};

/** Runs a command on keys; undefined if there is none of that name. */
export function runData(words: readonly string[], context: CommandContext): Reply | undefined {
  const name = (words[0] ?? '').toLowerCase();
  const command = Object.hasOwn(dataCommands, name) ? dataCommands[name] : undefined;
  if (!command) return undefined;
  const { arity } = command;
  if (arity >= 0 ? words.length !== arity : words.length < -arity)
    return error(`ERR wrong number of arguments for '${name}' command`);
  try {
    return command.run(words.slice(1), context);
  } catch (failure) {
    if (!(failure instanceof RedisError)) throw failure;
    return error(failure.message);
  }
}
