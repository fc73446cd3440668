import type { Context } from '../framework/command.ts';
import type { Cascade } from '../delete/options.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import { CommandError, isNotFound } from '../framework/errors.ts';
import type { FlagSpec } from '../framework/flags.ts';
import { klogLine } from '../framework/klog.ts';
import { operation } from '../framework/write-options.ts';
import { namePrinter } from '../printers/data.ts';
import { printWith } from '../printers/write.ts';
import type { Info } from '../resource/builder.ts';
import { lastApplied } from './last-applied.ts';
import type { ApplyOptions } from './apply-object.ts';

export const pruneFlags: readonly FlagSpec[] = [
  {
    name: 'applyset',
    type: 'string',
    hidden: true,
    usage: '[alpha] Name of the ApplySet that keeps track of what was applied.',
  },
  {
    name: 'prune',
    type: 'bool',
    usage: 'Delete objects that were applied before and that the files no longer name. With -l or --all.',
  },
  {
    name: 'prune-allowlist',
    type: 'stringArray',
    usage: 'Types to prune, as <group/version/kind>, instead of the usual ones.',
  },
];

/** Types that are pruned unless told otherwise (prune.go's defaults): namespaced ones, then the others. */
const namespacedTypes = [
  'core/v1/ConfigMap',
  'core/v1/Endpoints',
  'core/v1/PersistentVolumeClaim',
  'core/v1/Pod',
  'core/v1/ReplicationController',
  'core/v1/Secret',
  'core/v1/Service',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
];
const clusterTypes = ['core/v1/Namespace', 'core/v1/PersistentVolume'];

/** The types that `--prune` looks at. @throws CommandError, NoKindMatchError */
export async function pruneMappings({ factory, flags }: Context): Promise<RestMapping[]> {
  const mapper = await factory.mapper();
  const allowed = flags.strings('prune-allowlist');
  return (allowed.length > 0 ? allowed : [...namespacedTypes, ...clusterTypes]).map((text) => {
    const [group = '', version = '', kind = '', ...more] = text.split('/');
    if (kind === '' || more.length > 0)
      throw new CommandError(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`);
    return mapper.mappingForKind({ group: group === 'core' ? '' : group, version, kind });
  });
}

/** Calls `each` for what was applied with the same selector before and isn't in the files any more. */
export async function visitPrunable(
  { factory, flags, process, err }: Context,
  applied: readonly Info[],
  mappings: readonly RestMapping[],
  each: (mapping: RestMapping, object: ApiObject) => Promise<void>,
): Promise<void> {
  if (flags.strings('prune-allowlist').length === 0)
    await err(
      klogLine(
        process,
        'W',
        'prune.go:71',
        'Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.',
      ),
    );
  const kept = new Set(applied.map((info) => info.object?.metadata?.uid));
  const namespaces = [...new Set(applied.filter((i) => i.namespace !== '').map((i) => i.namespace))];
  const pruneIn = async (mapping: RestMapping, namespace: string) => {
    const labelSelector = flags.string('selector') || undefined;
    const list = await factory.client().list(mapping, namespace, { labelSelector });
    for (const item of list.items) {
      const object = { ...item, apiVersion: list.apiVersion, kind: mapping.kind };
      if (lastApplied(object) !== undefined && !kept.has(object.metadata.uid)) await each(mapping, object);
    }
  };
  for (const namespace of namespaces)
    for (const mapping of mappings.filter((m) => m.namespaced)) await pruneIn(mapping, namespace);
  for (const mapping of mappings.filter((m) => !m.namespaced)) await pruneIn(mapping, '');
}

/** Deletes what was applied with the same selector before and isn't in the files any more. */
export async function prune(
  context: Context,
  applied: readonly Info[],
  options: ApplyOptions & { cascade: Cascade },
  mappings: readonly RestMapping[],
): Promise<void> {
  const printer = namePrinter(operation('pruned', options.dryRun));
  await visitPrunable(context, applied, mappings, async (mapping, object) => {
    const { name = '', namespace = '' } = object.metadata;
    if (options.dryRun !== 'client')
      await context.factory
        .client()
        .delete(mapping, namespace, name, {
          propagationPolicy: options.cascade,
          ...(options.dryRun === 'server' ? { dryRun: ['All'] } : {}),
        })
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
    await printWith(context, printer, [object]);
  });
}
