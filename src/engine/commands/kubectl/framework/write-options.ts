import { CommandError, usageError } from './errors.ts';
import { klogLine } from './klog.ts';
import type { Context } from './command.ts';
import { quote } from './values.ts';

export type DryRun = 'none' | 'client' | 'server';

/** `--dry-run` as given (cmdutil.GetDryRunStrategy). Bare `--dry-run` is the client's, with a warning. */
export async function dryRunOf(context: Pick<Context, 'flags' | 'err' | 'process'>): Promise<DryRun> {
  const warn = (place: string, text: string) => context.err(klogLine(context.process, 'W', place, text));
  const value = context.flags.string('dry-run');
  switch (value) {
    case 'none':
    case 'client':
    case 'server':
      return value;
    case 'unchanged':
      await warn('helpers.go:719', '--dry-run is deprecated and can be replaced with --dry-run=client.');
      return 'client';
  }
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) {
    await warn(
      'helpers.go:733',
      `--dry-run=${value} is deprecated (boolean value) and can be replaced with --dry-run=client.`,
    );
    return 'client';
  }
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) {
    await warn(
      'helpers.go:736',
      `--dry-run=${value} is deprecated (boolean value) and can be replaced with --dry-run=none.`,
    );
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
  throw new CommandError(
    `invalid - validate option ${quote(value)}; must be one of: strict (or true), warn, ignore (or false)`,
  );
}

/** The one NAME that a generator takes; a command after `--` does not count. @throws CommandError */
export function singleName(context: Context): string {
  const count = context.dashAt ?? context.args.length;
  if (count !== 1) throw usageError(context, `exactly one NAME is required, got ${count}`);
  return context.args[0]!;
}
