import type { Command } from '../framework/command.ts';
import { completeName } from '../framework/completion.ts';
import { dryRunFlag, selectorFlag } from '../framework/file-flags.ts';
import { cordonNodes } from '../workloads/cordon.ts';

export const cordon: Command = {
  use: 'cordon NODE',
  short: 'Mark node as unschedulable',
  examples: `# No new pods for the node foo
kubectl cordon foo`,
  flags: [dryRunFlag, selectorFlag],
  complete: completeName('node'),
  run: (context) => cordonNodes(context, true),
};

export const uncordon: Command = {
  use: 'uncordon NODE',
  short: 'Mark node as schedulable',
  examples: `# New pods for the node foo again
kubectl uncordon foo`,
  flags: [dryRunFlag, selectorFlag],
  complete: completeName('node'),
  run: (context) => cordonNodes(context, false),
};
