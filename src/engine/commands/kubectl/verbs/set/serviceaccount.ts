import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { withPodSpec } from './pod-template.ts';
import { update, updateFlags } from './updater.ts';

/** `kubectl set serviceaccount`. */
export const setServiceAccount: Command = {
  use: 'serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  aliases: ['sa'],
  short: 'Update the service account of a resource',
  long: `Update the service account of pod template resources.

Possible resources (case insensitive) can be:

replicationcontroller (rc), deployment (deploy), daemonset (ds), job, replicaset (rs), statefulset`,
  examples: '# The service account runner for a Deployment\nkubectl set serviceaccount deployment web runner',
  flags: updateFlags.filter(({ name }) => name !== 'selector'),
  run: async (context) => {
    const name = context.args.at(-1);
    if (name === undefined) throw new CommandError('serviceaccount is required');
    await update(context, context.args.slice(0, -1), {
      done: 'serviceaccount updated',
      patchFailure: 'failed to patch ServiceAccountName ',
      localIgnoresArguments: true,
      change: (object) => withPodSpec(object, (spec) => ({ ...spec, serviceAccountName: name })),
    });
  },
};
