import type { Command } from '../../framework/command.ts';
import { fieldManagerFlag, filenameFlags, selectorFlag } from '../../framework/file-flags.ts';
import { completeTypes } from '../../framework/completion.ts';
import type { ApiObject } from '../../client/types.ts';
import { printFlags } from '../../printers/options.ts';
import { CommandError } from '../../framework/errors.ts';
import { fieldManager } from './shared.ts';
import { change } from './change.ts';

export const pause: Command = {
  use: 'pause RESOURCE',
  short: 'Mark the provided resource as paused',
  long: 'Marks workloads as paused: changes to them are not rolled out until they are resumed. Only deployments can be paused.',
  examples: `# Let a deployment run as it is, whatever is changed in it
kubectl rollout pause deployment/nginx`,
  flags: [...printFlags, fieldManagerFlag(fieldManager), ...filenameFlags('to pause'), selectorFlag],
  complete: completeTypes(['deployment']),
  run: (context) => change(context, { verb: 'paused', patch }),
};

function patch(object: ApiObject): object {
  if (object.kind !== 'Deployment') throw new CommandError('pausing is not supported');
  if ((object.spec as { paused?: boolean }).paused) throw new CommandError('is already paused');
  return { spec: { paused: true } };
}
