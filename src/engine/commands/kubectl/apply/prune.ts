import type { Context } from '../framework/command.ts';
import { isNotFound } from '../framework/errors.ts';
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

/** Deletes what was applied with the same selector before and isn't in the files any more. */
export async function prune(context: Context, applied: readonly Info[], options: ApplyOptions): Promise<void> {
  const { factory, flags } = context;
  const mapper = await factory.mapper();
  const allowed = flags.strings('prune-allowlist');
  if (allowed.length === 0)
    await context.err(
      klogLine(
        context.process,
        'W',
        'prune.go:71',
        'Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.',
      ),
    );
  const mappings = (allowed.length > 0 ? allowed : [...namespacedTypes, ...clusterTypes]).map((text) => {
    const [group = '', version = '', kind = ''] = text.split('/');
    return mapper.mappingForKind({ group: group === 'core' ? '' : group, version, kind });
  });
  const kept = new Set(applied.map((info) => info.object.metadata.uid));
  const namespaces = [...new Set(applied.filter((i) => i.namespace !== '').map((i) => i.namespace))];
  const client = factory.client();
  const printer = namePrinter(operation('pruned', options.dryRun));
  const pruneIn = async (mapping: (typeof mappings)[number], namespace: string) => {
    const list = await client.list(mapping, namespace, { labelSelector: flags.string('selector') || undefined });
    for (const item of list.items) {
      const object = { ...item, apiVersion: list.apiVersion, kind: mapping.kind };
      if (lastApplied(object) === undefined || kept.has(object.metadata.uid)) continue;
      if (options.dryRun !== 'client')
        await client
          .delete(mapping, namespace, object.metadata.name ?? '', {
            propagationPolicy: 'Background',
            ...(options.dryRun === 'server' ? { dryRun: ['All'] } : {}),
          })
          .catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
      await printWith(context, printer, [object]);
    }
  };
  for (const namespace of namespaces)
    for (const mapping of mappings.filter((m) => m.namespaced)) await pruneIn(mapping, namespace);
  for (const mapping of mappings.filter((m) => !m.namespaced)) await pruneIn(mapping, '');
}
