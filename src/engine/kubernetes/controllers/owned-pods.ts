import type { LabelMatcher } from '../apimachinery/label-matcher.ts';
import { refs, type KubeObject, type Pod, type ResourceRef } from '../types.ts';
import { controllerOf, indexByController, keyOf, resolveController } from './owners.ts';
import type { ControllerContext } from './runtime.ts';
import type { WorkQueue } from './workqueue.ts';

/**
 * Adds a workload to the queue when it or one of its Pods changes; a Pod that nobody owns wakes all that may adopt it.
 * @param matcherOf which Pods the workload would adopt.
 * @param matters whether an update of an owned Pod can change anything; by default every one.
 */
export function watchWorkload<T extends KubeObject>(
  context: ControllerContext,
  queue: WorkQueue,
  ref: ResourceRef<T>,
  matcherOf: (workload: T) => LabelMatcher,
  matters: (pod: Pod, previous: Pod) => boolean = () => true,
): void {
  const workloads = context.client.resource(ref);
  indexByController(context.client.resource(refs.pods).informer);
  const enqueue = (workload: T | undefined) => workload && queue.add(keyOf(workload));
  const ownerOf = (pod: Pod) => resolveController(workloads, ref, pod.metadata.namespace, controllerOf(pod));
  const enqueueAdopters = (pod: Pod) => {
    for (const workload of workloads.list({ namespace: pod.metadata.namespace })) {
      if (matcherOf(workload)(pod.metadata.labels)) enqueue(workload);
    }
  };
  context.watch(ref, { add: enqueue, update: enqueue, delete: enqueue });
  context.watch(refs.pods, {
    add: (pod) => (controllerOf(pod) ? enqueue(ownerOf(pod)) : enqueueAdopters(pod)),
    update: (pod, previous) => {
      const owner = controllerOf(pod);
      const released = controllerOf(previous)?.uid !== owner?.uid;
      if (released) enqueue(ownerOf(previous));
      else if (!matters(pod, previous)) return;
      if (owner) enqueue(ownerOf(pod));
      else if (released || pod.metadata.labels !== previous.metadata.labels) enqueueAdopters(pod);
    },
    delete: (pod) => enqueue(ownerOf(pod)),
  });
}
