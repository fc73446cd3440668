import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { matchLabelsOf } from './match-labels.ts';
import { update, updateFlags } from './updater.ts';

/** `kubectl set selector`. */
export const setSelector: Command = {
  use: 'selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  short: 'Set the selector on a resource',
  long: 'Set the selector on a resource. The new selector takes the place of the old one.\n\nOnly Service objects have a selector that can be set.',
  examples: '# Another selector for a Service\nkubectl set selector service web app=web,track=stable',
  flags: [
    ...updateFlags
      .filter(({ name }) => name !== 'kustomize' && name !== 'selector')
      .map((flag) => (flag.name === 'recursive' ? { ...flag, default: true } : flag)),
    { name: 'resource-version', type: 'string', usage: 'Change the resource only if it still has this version.' },
  ],
  run: async (context) => {
    const { args, flags } = context;
    const expression = args.at(-1);
    if (expression === undefined) throw new CommandError('one selector is required');
    const version = flags.string('resource-version');
    await update(context, args.slice(0, -1), {
      done: 'selector updated',
      change: (object) => {
        if (object.kind !== 'Service') throw new CommandError(`setting a selector is only supported for Services`);
        const selector = matchLabelsOf(expression);
        const metadata = version === '' ? object.metadata : { ...object.metadata, resourceVersion: version };
        return { ...object, metadata, spec: { ...(object.spec as object), selector } };
      },
    });
  },
};
