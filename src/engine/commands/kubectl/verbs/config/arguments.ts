import type { Context } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { ownHelp } from '../../framework/help.ts';

/** `kubectl config` shows a command's help before it says what is wrong with its arguments. */
export async function wrongUse(context: Context, why: string): Promise<CommandError> {
  await context.out(ownHelp(context));
  return new CommandError(why);
}

export function unexpectedArguments(context: Context): Promise<CommandError> {
  return wrongUse(context, `Unexpected args: [${context.args.join(' ')}]`);
}
