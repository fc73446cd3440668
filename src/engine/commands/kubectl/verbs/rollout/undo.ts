import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { dryRunFlag, filenameFlags, selectorFlag } from '../../framework/file-flags.ts';
import { completeTypes } from '../../framework/completion.ts';
import { type DryRun, dryRunOf, operation } from '../../framework/write-options.ts';
import type { RestClient } from '../../client/rest.ts';
import type { ApiObject } from '../../client/types.ts';
import { canonical } from '../../describe/replica-sets.ts';
import { printFlags } from '../../printers/options.ts';
import type { Info } from '../../resource/result.ts';
import { hasHistory, type Revision, revisionsOf } from '../../workloads/history.ts';
import { details } from './history.ts';
import { findWorkloads, report, unsupported } from './shared.ts';

/** Annotations of a ReplicaSet that are not the Deployment's business, or the other way round. */
const skippedAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]);
const hashLabel = 'pod-template-hash';

export const undo: Command = {
  use: 'undo (TYPE NAME | TYPE/NAME) [flags]',
  short: 'Undo a previous rollout',
  long: 'Brings a workload back to the revision before, or to a given one.',
  examples: `# Back to the revision before
kubectl rollout undo deployment/abc

# Back to revision 3 of a daemon set
kubectl rollout undo daemonset/abc --to-revision=3

# What would happen to a deployment
kubectl rollout undo --dry-run=server deployment/abc`,
  flags: [
    ...printFlags,
    ...filenameFlags('to bring back'),
    dryRunFlag,
    selectorFlag,
    { name: 'to-revision', type: 'int64', usage: 'The revision to go back to; 0 is the one before the latest.' },
  ],
  complete: completeTypes(['deployment', 'daemonset', 'statefulset']),
  async run(context) {
    const dryRun = await dryRunOf(context);
    const revision = context.flags.int('to-revision');
    const result = await findWorkloads(context);
    await result.visit(async (info) => {
      const text = await rollBack(context.factory.client(), info, revision, dryRun);
      await report(context, info.object, operation(text, dryRun));
    });
  },
};

/** Returns what was done. @throws CommandError, StatusError */
async function rollBack(client: RestClient, info: Info, toRevision: number, dryRun: DryRun): Promise<string> {
  const { mapping, namespace, name, object } = info;
  if (!hasHistory(mapping)) throw unsupported(mapping, 'rollbacker', 'rollbacker');
  const isDeployment = mapping.kind === 'Deployment';
  const target = chooseRevision(await revisionsOf(client, object), toRevision, isDeployment, name);
  if (dryRun === 'client')
    return isDeployment ? details({ template: deploymentTemplate(target) }) : `will roll back to ${details(target)}`;
  const spec = object.spec as { paused?: boolean; template?: object };
  if (isDeployment && spec.paused)
    throw new CommandError(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    );
  const template = isDeployment ? deploymentTemplate(target) : target.template;
  if (canonical(withoutEmpty(template)) === canonical(withoutEmpty(spec.template ?? {})))
    return `skipped rollback (current template already matches revision ${toRevision})`;
  const options = { dryRun: dryRun === 'server' };
  if (isDeployment) {
    const patch = [
      { op: 'replace', path: '/spec/template', value: template },
      { op: 'replace', path: '/metadata/annotations', value: annotations(object, target.holder) },
    ];
    await client.patch(mapping, namespace, name, 'json', patch, options);
  } else await client.patch(mapping, namespace, name, 'strategic', target.patch ?? {}, options);
  return 'rolled back';
}

function chooseRevision(revisions: readonly Revision[], wanted: number, isDeployment: boolean, name: string): Revision {
  const notFound = () => new CommandError(`unable to find specified revision ${wanted} in history`);
  if (wanted < 0) throw notFound();
  if (wanted === 0) {
    const previous = revisions.at(-2);
    if (previous) return previous;
    throw isDeployment
      ? new CommandError(`no rollout history found for deployment ${JSON.stringify(name)}`)
      : new CommandError(
          revisions.length === 0
            ? 'no last revision to roll back to'
            : `unable to find specified revision ${wanted} in history`,
        );
  }
  const found = revisions.find((revision) => revision.number === wanted);
  if (!found) throw notFound();
  return found;
}

/** The ReplicaSet's template without the label that tells ReplicaSets apart. */
function deploymentTemplate({ holder }: Revision): object {
  const { template } = holder.spec as { template: { metadata?: { labels?: Record<string, string> } } };
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

function withoutEmpty(template: object): object {
  const { metadata, ...rest } = template as { metadata?: Record<string, unknown> };
  const { creationTimestamp: _, ...kept } = metadata ?? {};
  return { ...rest, metadata: kept };
}

/** The revision's annotations; those about the rollout itself stay the Deployment's. */
function annotations(deployment: ApiObject, replicaSet: ApiObject): Record<string, string> {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => skippedAnnotations.has(key));
  const restored = Object.entries(replicaSet.metadata.annotations ?? {}).filter(
    ([key]) => !skippedAnnotations.has(key),
  );
  return Object.fromEntries([...own, ...restored]);
}
