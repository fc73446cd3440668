import type { Command } from '../../framework/command.ts';
import { SilentExit, usageError } from '../../framework/errors.ts';
import { helpText } from '../../framework/help.ts';
import { history } from './history.ts';
import { pause } from './pause.ts';
import { restart } from './restart.ts';
import { resume } from './resume.ts';
import { status } from './status.ts';
import { undo } from './undo.ts';

export const rollout: Command = {
  use: 'rollout SUBCOMMAND',
  short: 'Manage the rollout of a resource',
  long: `Manage the rollout of one or many resources.

Valid resource types include:

 *  deployments
 *  daemonsets
 *  statefulsets`,
  examples: `# Back to the revision before
kubectl rollout undo deployment/abc

# How the rollout of a daemon set gets on
kubectl rollout status daemonset/foo

# Restart a deployment
kubectl rollout restart deployment/abc

# Restart deployments with the label app=nginx
kubectl rollout restart deployment --selector=app=nginx`,
  commands: [history, pause, restart, resume, status, undo],
  /** Unlike other groups, this one shows its help on stdout. */
  async run(context) {
    const { root, command, args } = context;
    if (args.length > 0) throw usageError(context, `unknown command ${JSON.stringify(args.join(' '))}`);
    await context.out(helpText([root, command]));
    throw new SilentExit();
  },
};
