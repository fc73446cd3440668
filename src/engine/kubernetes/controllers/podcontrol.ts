import { ApiError, type ResourceClient } from '../client.ts';
import type { EventRecorder } from '../events.ts';
import type { Draft, KubeObject, Pod } from '../types.ts';
import { newControllerReference } from './owners.ts';

type PodTemplate = {
  metadata?: {
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
    finalizers?: readonly string[];
  };
  spec?: Pod['spec'];
};

/** The most Pods that one reconcile creates or deletes. */
export const burstReplicas = 500;

/** The Pod that a controller makes of its template; its name is generated from the owner's. */
export function podFromTemplate(template: PodTemplate, owner: KubeObject): Draft<Pod> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels ? { labels } : undefined),
      ...(annotations ? { annotations } : undefined),
      ...(finalizers ? { finalizers } : undefined),
      ownerReferences: [newControllerReference(owner)],
    },
    spec: template.spec,
  } as unknown as Draft<Pod>;
}

/** A write is refused because the namespace is being deleted: no use in trying again. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating')
  );
}

/**
 * Creates Pods and deletes them, telling it with Events on the owner (package k8s.io/kubernetes/pkg/controller,
 * RealPodControl).
 */
export class PodControl {
  readonly #pods: ResourceClient<Pod>;
  readonly #events: EventRecorder;

  constructor(pods: ResourceClient<Pod>, events: EventRecorder) {
    this.#pods = pods;
    this.#events = events;
  }

  /** @throws ApiError after recording FailedCreate. */
  create(owner: KubeObject, pod: Draft<Pod>): Pod {
    try {
      const created = this.#pods.create(pod);
      this.#events.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (error instanceof ApiError && !isNamespaceTerminating(error)) {
        this.#events.record(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
      }
      throw error;
    }
  }

  /** @throws ApiError after recording FailedDelete; a Pod that is gone is no error. */
  delete(owner: KubeObject, pod: Pod): void {
    const { namespace, name } = pod.metadata;
    try {
      this.#pods.delete(namespace, name);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 404) return;
      this.#events.record(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
      throw error;
    }
    this.#events.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
  }
}

/**
 * Calls `create` up to `count` times in batches of 1, 2, 4, 8, …: where the first ones are refused (a quota, say), the
 * rest isn't tried. @returns how many succeeded, and the first error.
 */
export function slowStartBatch(count: number, create: () => void): { successes: number; error?: ApiError } {
  let successes = 0;
  let error: ApiError | undefined;
  for (let batch = Math.min(count, 1); batch > 0; batch = Math.min(2 * batch, count - successes)) {
    for (let i = 0; i < batch; i++) {
      try {
        create();
        successes++;
      } catch (e) {
        if (!(e instanceof ApiError)) throw e;
        error ??= e;
      }
    }
    if (error) break;
  }
  return error ? { successes, error } : { successes };
}
