import { equalLists, formatResourceList, maskList, parseResourceList } from '../quota/resource-list.ts';
import { calculateUsage, countedResources, evaluatorFor, type QuotaObject } from '../quota/registry.ts';
import type { KubeObject, ResourceRef } from '../types.ts';
import type { Controller, ControllerContext } from './runtime.ts';

const quotas: ResourceRef<QuotaObject> = {
  group: '',
  version: 'v1',
  resource: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
};

/** All quotas are counted again so often (ms), whatever happened. */
const resyncPeriod = 300_000;

/**
 * Keeps the status of ResourceQuotas: new ones are counted, and again when what they count goes away (pkg/controller/
 * resourcequota). What is created is charged by admission.
 */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  component: 'resourcequota-controller',
  serviceAccount: 'resourcequota-controller',

  start(context) {
    const client = context.client.resource(quotas);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const slash = key.indexOf('/');
        const quota = client.get(key.slice(0, slash), key.slice(slash + 1));
        if (quota) sync(context, quota);
      },
    });
    const enqueue = ({ metadata }: KubeObject) => queue.add(`${metadata.namespace}/${metadata.name}`);
    const watched = new Map<string, () => void>();

    const freed = (group: string, resource: string, namespace: string | undefined) => {
      const evaluator = evaluatorFor(group, resource);
      for (const quota of client.list({ namespace: namespace ?? '' })) {
        if (evaluator?.matching(Object.keys(quota.spec?.hard ?? {})).length) enqueue(quota);
      }
    };
    // Only what some quota counts is watched.
    const watchCounted = (quota: QuotaObject) => {
      for (const { group, resource } of countedResources(Object.keys(quota.spec?.hard ?? {}))) {
        const id = `${group}/${resource}`;
        const ref = watched.has(id) ? undefined : find(context, group, resource);
        if (!ref) continue;
        const evaluator = evaluatorFor(group, resource);
        const undo = context.watch(ref, {
          update: (object, previous) => {
            if (evaluator?.frees?.(object, previous, context.world.clock.now())) {
              freed(group, resource, object.metadata.namespace);
            }
          },
          delete: ({ metadata }) => freed(group, resource, metadata.namespace),
        });
        watched.set(id, undo);
      }
    };
    context.watch(quotas, {
      add: (quota) => {
        watchCounted(quota);
        enqueue(quota);
      },
      update: (quota, previous) => {
        if (quota.spec === previous.spec) return;
        watchCounted(quota);
        enqueue(quota);
      },
    });
    context.every(resyncPeriod, () => client.list().forEach(enqueue));
  },
};

function sync(context: ControllerContext, quota: QuotaObject): void {
  const hard = parseResourceList(quota.spec?.hard);
  const known = parseResourceList(quota.status?.used);
  const list = (group: string, resource: string) => {
    const ref = find(context, group, resource);
    if (!ref) return undefined;
    const objects = context.client.resource(ref).list({ namespace: quota.metadata.namespace ?? '' });
    context.examined(objects.length);
    return objects;
  };
  const counted = calculateUsage(quota, list, context.world.clock.now());
  const used = maskList(new Map([...known, ...counted]), hard.keys());
  const { status } = quota;
  const settled = status?.hard && status.used && equalLists(parseResourceList(status.hard), hard);
  if (settled && equalLists(used, known)) return;
  const next = { hard: formatResourceList(hard), used: formatResourceList(used) };
  context.client.resource(quotas).update({ ...quota, status: next }, 'status');
}

/** The served resource of that name, whichever its version. */
function find(context: ControllerContext, group: string, resource: string): ResourceRef | undefined {
  return context.resources().find((ref) => ref.group === group && ref.resource === resource && ref.namespaced);
}
