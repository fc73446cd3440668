import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { filenameFlags, selectorFlag } from '../../framework/file-flags.ts';
import { completeTypes } from '../../framework/completion.ts';
import { follow } from '../../client/follow.ts';
import { groupResource } from '../../client/types.ts';
import { statusViewer } from '../../workloads/rollout-status.ts';
import { findWorkloads } from './shared.ts';

const year = 365 * 24 * 3_600_000;

export const status: Command = {
  use: 'status (TYPE NAME | TYPE/NAME) [flags]',
  short: 'Show the status of the rollout',
  long: `Shows how the latest rollout gets on, until it is over. If a new rollout begins meanwhile, that one is watched; --revision=N ends the command then.

With --watch=false it shows the state once.`,
  examples: `# Watch the rollout of a deployment
kubectl rollout status deployment/nginx`,
  flags: [
    ...filenameFlags('whose rollout to show'),
    {
      name: 'revision',
      type: 'int64',
      usage: 'Fail if another revision than this one is rolled out; 0 for the latest.',
    },
    selectorFlag,
    { name: 'timeout', type: 'duration', usage: 'How long to watch; zero is without end. With a unit (1s, 2m, 3h).' },
    { name: 'watch', shorthand: 'w', type: 'bool', default: true, usage: 'Watch the rollout until it is over.' },
  ],
  complete: completeTypes(['deployment', 'daemonset', 'statefulset'], { repeat: false }),
  async run(context) {
    const { process, factory, flags } = context;
    const revision = flags.int('revision');
    if (revision < 0) throw new CommandError(`revision must be a positive integer: ${revision}`);
    const timeout = flags.duration('timeout') || year;
    let count = 0;
    const result = await findWorkloads(context);
    await result.visit(async ({ mapping, namespace, name }) => {
      const viewer = statusViewer(mapping);
      count++;
      const deadline = process.world.clock.now() + timeout;
      let isPresent = false;
      const fieldSelector = `metadata.name=${name}`;
      for await (const event of follow(process, factory.client(), mapping, namespace, { fieldSelector }, deadline)) {
        if (event.type === 'SYNCED') {
          if (!isPresent) throw new CommandError(`${groupResource(mapping)} ${JSON.stringify(name)} not found`);
          continue;
        }
        if (event.type === 'DELETED') throw new CommandError('object has been deleted');
        isPresent = true;
        const { text, done } = viewer(event.object, revision);
        await context.out(`${text}\n`);
        if (done || !flags.bool('watch')) return;
      }
    });
    if (count === 0) await context.err(`No resources found in ${factory.namespace().namespace} namespace.\n`);
  },
};
