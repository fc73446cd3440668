import { CommandError, usageError } from './errors.ts';
import type { Context } from './command.ts';
import { quote } from './values.ts';

export type DryRun = 'none' | 'client' | 'server';

/** `--dry-run` as given (cmdutil.GetDryRunStrategy). Bare `--dry-run` is the client's, with a warning. */
export async function dryRunOf(context: Pick<Context, 'flags' | 'err'>): Promise<DryRun> {
  const value = context.flags.string('dry-run');
  switch (value) {
    case 'none':
    case 'client':
    case 'server':
      return value;
    case 'unchanged':
      await context.err('W: --dry-run is deprecated and can be replaced with --dry-run=client.\n'.replace('W: ', 'Warning: '));
      return 'client';
  }
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) {
    await context.err(`Warning: --dry-run=${value} is deprecated (boolean value) and can be replaced with --dry-run=client.\n`);
    return 'client';
  }
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) {
    await context.err(`Warning: --dry-run=${value} is deprecated (boolean value) and can be replaced with --dry-run=none.\n`);
    return 'none';
  }
  throw new CommandError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}

/** `created`, `created (dry run)`, `created (server dry run)`. */
export function operation(done: string, dryRun: DryRun): string {
  return dryRun === 'client' ? `${done} (dry run)` : dryRun === 'server' ? `${done} (server dry run)` : done;
}

/** `--validate` as the API's fieldValidation. @throws CommandError */
export function fieldValidation(value: string): 'Strict' | 'Warn' | 'Ignore' {
  if (value === 'strict' || /^(1|t|T|true|TRUE|True)$/.test(value)) return 'Strict';
  if (value === 'warn') return 'Warn';
  if (value === 'ignore' || /^(0|f|F|false|FALSE|False)$/.test(value)) return 'Ignore';
  throw new CommandError(`invalid - validate option ${quote(value)}; must be one of: strict (or true), warn, ignore (or false)`);
}

/** The one NAME that a generator takes. @throws CommandError */
export function singleName(context: Context): string {
  const [name] = context.args;
  if (context.args.length !== 1 || name === undefined)
    throw usageError(context, `exactly one NAME is required, got ${context.args.length}`);
  return name;
}
