import type { Command } from '../../framework/command.ts';
import { fieldManagerFlag, filenameFlags, selectorFlag } from '../../framework/file-flags.ts';
import { completeTypes } from '../../framework/completion.ts';
import type { ApiObject } from '../../client/types.ts';
import { printFlags } from '../../printers/options.ts';
import { CommandError } from '../../framework/errors.ts';
import { fieldManager } from './shared.ts';
import { change, PatchRefused } from './change.ts';

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

export const restart: Command = {
  use: 'restart RESOURCE',
  short: 'Restart a resource',
  long: 'Replaces the pods of a workload by new ones, as a rollout does.',
  examples: `# Restart all deployments in the namespace test-namespace
kubectl rollout restart deployment -n test-namespace

# Restart a deployment
kubectl rollout restart deployment/nginx

# Restart a daemon set
kubectl rollout restart daemonset/abc

# Restart deployments with the label app=nginx
kubectl rollout restart deployment --selector=app=nginx`,
  flags: [...printFlags, fieldManagerFlag(fieldManager), ...filenameFlags('to restart'), selectorFlag],
  complete: completeTypes(['deployment', 'daemonset', 'statefulset']),
  run: (context) => {
    const now = context.process.world.clock.timestamp();
    return change(context, { verb: 'restarted', patch: (object) => patch(object, now) });
  },
};

function patch(object: ApiObject, now: string): object {
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(object.kind))
    throw new CommandError('restarting is not supported');
  const spec = object.spec as { paused?: boolean; template?: { metadata?: { annotations?: Record<string, string> } } };
  if (object.kind === 'Deployment' && spec.paused)
    throw new CommandError("can't restart paused deployment (run rollout resume first)");
  if (spec.template?.metadata?.annotations?.[restartedAt] === now)
    throw new PatchRefused(
      `failed to create patch for ${object.metadata.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
    );
  return { spec: { template: { metadata: { annotations: { [restartedAt]: now } } } } };
}
