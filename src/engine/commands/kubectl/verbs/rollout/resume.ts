import type { Command } from '../../framework/command.ts';
import { fieldManagerFlag, filenameFlags, selectorFlag } from '../../framework/file-flags.ts';
import { completeTypes } from '../../framework/completion.ts';
import type { ApiObject } from '../../client/types.ts';
import { printFlags } from '../../printers/options.ts';
import { CommandError } from '../../framework/errors.ts';
import { fieldManager } from './shared.ts';
import { change } from './change.ts';

export const resume: Command = {
  use: 'resume RESOURCE',
  short: 'Resume a paused resource',
  long: 'Ends a pause: what was changed meanwhile is rolled out now. Only deployments can be resumed.',
  examples: `# Go on with a paused deployment
kubectl rollout resume deployment/nginx`,
  flags: [...printFlags, fieldManagerFlag(fieldManager), ...filenameFlags('to resume'), selectorFlag],
  complete: completeTypes(['deployment']),
  run: (context) => change(context, { verb: 'resumed', patch }),
};

function patch(object: ApiObject): object {
  if (object.kind !== 'Deployment') throw new CommandError('resuming is not supported');
  if (!(object.spec as { paused?: boolean }).paused) throw new CommandError('is not paused');
  return { spec: { paused: null } };
}
