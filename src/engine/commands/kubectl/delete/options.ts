import type { Context } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';
import type { FlagSpec } from '../framework/flags.ts';

/** Flags of everything that deletes (cmdutil.AddDeleteFlags). */
export function deletionFlags(defaults: { cascade: string }): readonly FlagSpec[] {
  return [
    {
      name: 'cascade',
      type: 'string',
      default: defaults.cascade,
      noValue: 'background',
      usage: 'What happens to dependents (e.g. the Pods of a ReplicaSet): "background", "orphan" or "foreground".',
    },
    {
      name: 'force',
      type: 'bool',
      usage: 'If true, remove at once, without waiting for a graceful end. Some resources may then go on running.',
    },
    {
      name: 'grace-period',
      type: 'int',
      default: -1,
      usage:
        'Seconds that the resource has to end gracefully; negative: its own choice; 1: at once. 0 only with --force.',
    },
    {
      name: 'timeout',
      type: 'duration',
      usage: 'How long to wait for the deletion; zero: as long as the grace period says.',
    },
    { name: 'wait', type: 'bool', usage: 'If true, wait until the resources are gone. Finalizers are waited for too.' },
  ];
}

export type Cascade = 'Background' | 'Orphan' | 'Foreground';

/** `--cascade` as the API's propagation policy. @throws CommandError */
export async function cascadeOf(context: Pick<Context, 'flags' | 'err'>): Promise<Cascade> {
  const value = context.flags.string('cascade');
  switch (value) {
    case 'background':
      return 'Background';
    case 'orphan':
      return 'Orphan';
    case 'foreground':
      return 'Foreground';
    case 'true':
      await context.err(
        'warning: --cascade=true is deprecated (boolean value) and can be replaced with --cascade=background.\n',
      );
      return 'Background';
    case 'false':
      await context.err(
        'warning: --cascade=false is deprecated (boolean value) and can be replaced with --cascade=orphan.\n',
      );
      return 'Orphan';
    default:
      throw new CommandError(`invalid cascade value (${value}). Must be "background", "foreground", or "orphan"`);
  }
}
