import { ApiError } from '../client.ts';
import { refs, type KubeObject, type Namespace, type ResourceRef } from '../types.ts';
import { isPodTerminal } from './pods.ts';
import type { Controller, ControllerContext } from './runtime.ts';

const finalizer = 'kubernetes';
/** Seconds until content that a finalizer holds is looked at again. */
const finalizerEstimate = 15;

type Condition = NonNullable<Namespace['status']['conditions']>[number];

/** Empties namespaces that are being deleted, then lets them go (pkg/controller/namespace). */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  component: 'namespace-controller',
  serviceAccount: 'namespace-controller',

  start(context) {
    const queue = context.queue({
      workers: 10,
      reconcile: (name) => {
        const estimate = reconcile(context, name);
        if (estimate !== undefined) queue.addAfter(name, (Math.floor(estimate / 2) + 1) * 1000);
      },
    });
    const enqueue = ({ metadata }: Namespace) => {
      if (metadata.deletionTimestamp !== undefined) queue.add(metadata.name);
    };
    context.watch(refs.namespaces, { add: enqueue, update: enqueue });
  },
};

interface Remaining {
  /** Objects left by `resource.group`. */
  resources: Map<string, number>;
  finalizers: Map<string, number>;
  /** Seconds until it may be gone. */
  estimate: number;
  failures: string[];
}

/** @returns seconds after which the rest may be gone, if something remains. */
function reconcile(context: ControllerContext, name: string): number | undefined {
  const namespaces = context.client.resource(refs.namespaces);
  let namespace = namespaces.get(undefined, name);
  if (!namespace || namespace.metadata.deletionTimestamp === undefined) return undefined;
  if (namespace.status.phase !== 'Terminating') {
    namespace = namespaces.update({ ...namespace, status: { ...namespace.status, phase: 'Terminating' } }, 'status');
  }
  if (!(namespace.spec.finalizers ?? []).includes(finalizer)) return undefined;
  const remaining = deleteContent(context, name);
  namespace = updateConditions(context, namespace, remaining);
  if (remaining.resources.size > 0 || remaining.failures.length > 0) return remaining.estimate;
  const finalizers = (namespace.spec.finalizers ?? []).filter((entry) => entry !== finalizer);
  namespaces.update({ ...namespace, spec: { ...namespace.spec, finalizers } }, 'finalize');
  return undefined;
}

/** Deletes what is there: Pods first, so that nothing they need goes before them. */
function deleteContent(context: ControllerContext, namespace: string): Remaining {
  const remaining: Remaining = { resources: new Map(), finalizers: new Map(), estimate: 0, failures: [] };
  deleteAll(context, namespace, refs.pods, remaining);
  if (remaining.resources.size > 0) return remaining;
  const seen = new Set(['/pods', 'events.k8s.io/events']);
  for (const ref of context.resources()) {
    const id = `${ref.group}/${ref.resource}`;
    if (!ref.namespaced || seen.has(id)) continue;
    seen.add(id);
    deleteAll(context, namespace, ref, remaining);
  }
  return remaining;
}

function deleteAll(context: ControllerContext, namespace: string, ref: ResourceRef, remaining: Remaining): void {
  const client = context.client.resource(ref);
  for (const object of client.list({ namespace })) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    if (ref.resource === 'pods') remaining.estimate = Math.max(remaining.estimate, graceOf(object));
    try {
      client.delete(namespace, object.metadata.name, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== 404) remaining.failures.push(error.message);
    }
  }
  const left = client.list({ namespace });
  if (left.length === 0) return;
  remaining.resources.set(`${ref.resource}.${ref.group}`, left.length);
  for (const { metadata } of left) {
    for (const entry of metadata.finalizers ?? []) {
      remaining.finalizers.set(entry, (remaining.finalizers.get(entry) ?? 0) + 1);
    }
  }
  if (ref.resource === 'pods') {
    for (const pod of left) remaining.estimate = Math.max(remaining.estimate, graceOf(pod));
  }
  if (remaining.estimate === 0) remaining.estimate = finalizerEstimate;
}

function graceOf(object: KubeObject): number {
  const pod = object as typeof refs.pods._type & KubeObject;
  return isPodTerminal(pod) ? 0 : (pod.spec.terminationGracePeriodSeconds ?? 0);
}

function updateConditions(context: ControllerContext, namespace: Namespace, remaining: Remaining): Namespace {
  const list = (counts: Map<string, number>, show: (key: string, count: number) => string) =>
    [...counts]
      .map(([key, count]) => show(key, count))
      .sort()
      .join(', ');
  const resources = list(remaining.resources, (key, count) => `${key} has ${count} resource instances`);
  const finalizers = list(remaining.finalizers, (key, count) => `${key} in ${count} resource instances`);
  const wanted: [type: string, status: 'True' | 'False', reason: string, message: string][] = [
    ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    remaining.failures.length > 0
      ? [
          'NamespaceDeletionContentFailure',
          'True',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${remaining.failures.length} remaining: ${remaining.failures.join(', ')}`,
        ]
      : [
          'NamespaceDeletionContentFailure',
          'False',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ],
    resources
      ? ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain', `Some resources are remaining: ${resources}`]
      : ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
    finalizers
      ? [
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers}`,
        ]
      : [
          'NamespaceFinalizersRemaining',
          'False',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ],
  ];
  const now = context.world.clock.timestamp();
  const old = namespace.status.conditions ?? [];
  let changed = false;
  const conditions = wanted.map(([type, status, reason, message]): Condition => {
    const before = old.find((condition) => condition.type === type);
    if (before?.status === status && before.reason === reason && before.message === message) return before;
    changed = true;
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now;
    return { type, status, lastTransitionTime, reason, message };
  });
  if (!changed) return namespace;
  return context.client
    .resource(refs.namespaces)
    .update({ ...namespace, status: { ...namespace.status, conditions } }, 'status');
}
