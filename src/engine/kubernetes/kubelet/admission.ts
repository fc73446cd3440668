import { rfc3339 } from '../../world/index.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from '../apimachinery/quantity.ts';
import type { Node, Pod } from '../types.ts';

type Amounts = Map<string, number>;

/** What a Pod asks of a node: CPU in millicores, everything else in its own unit. */
export function podRequests(pod: Pod): Amounts {
  const total: Amounts = new Map([['pods', 1]]);
  const read = (container: { resources?: { requests?: unknown } }): Amounts => {
    const amounts: Amounts = new Map();
    for (const [name, value] of Object.entries((container.resources?.requests ?? {}) as Record<string, string>)) {
      const quantity = parseQuantity(value);
      amounts.set(name, name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity));
    }
    return amounts;
  };
  for (const container of pod.spec.containers)
    for (const [name, n] of read(container)) total.set(name, (total.get(name) ?? 0) + n);
  for (const container of pod.spec.initContainers ?? []) {
    const always = (container as { restartPolicy?: string }).restartPolicy === 'Always';
    for (const [name, n] of read(container))
      total.set(name, always ? (total.get(name) ?? 0) + n : Math.max(total.get(name) ?? 0, n));
  }
  return total;
}

/** The node's room, kept up to date Pod by Pod; refuses what doesn't fit, as the kubelet does after the scheduler. */
export class NodeRoom {
  readonly #capacity: Amounts = new Map();
  readonly #used: Amounts = new Map();
  readonly #pods = new Map<string, Amounts>();

  constructor(allocatable: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(allocatable)) {
      const quantity = parseQuantity(value);
      this.#capacity.set(name, name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity));
    }
  }

  /** Takes the Pod in, or says why not. */
  admit(pod: Pod, node: Node | undefined): { reason: string; message: string } | undefined {
    const requests = podRequests(pod);
    const refusal = this.#lack(requests) ?? (node ? mismatch(pod, node) : undefined);
    if (refusal) return refusal;
    this.release(pod);
    this.#pods.set(pod.metadata.uid, requests);
    for (const [name, n] of requests) this.#used.set(name, (this.#used.get(name) ?? 0) + n);
    return undefined;
  }

  release(pod: Pod): void {
    const requests = this.#pods.get(pod.metadata.uid);
    if (!requests) return;
    this.#pods.delete(pod.metadata.uid);
    for (const [name, n] of requests) this.#used.set(name, this.#used.get(name)! - n);
  }

  #lack(requests: Amounts): { reason: string; message: string } | undefined {
    for (const [name, requested] of requests) {
      const used = this.#used.get(name) ?? 0;
      const capacity = this.#capacity.get(name) ?? 0;
      if (requested === 0 || used + requested <= capacity) continue;
      return {
        reason: `OutOf${name}`,
        message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
      };
    }
    return undefined;
  }
}

function mismatch(pod: Pod, node: Node): { reason: string; message: string } | undefined {
  const labels = node.metadata.labels ?? {};
  const wrong = Object.entries(pod.spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value);
  if (!wrong) return undefined;
  return {
    reason: 'NodeAffinity',
    message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  };
}

/** The status of a Pod that its node does not take. @param now Unix ms */
export function refusedStatus(
  { metadata, status }: Pod,
  { reason, message }: { reason: string; message: string },
  now: number,
): Pod['status'] {
  return {
    ...(metadata.generation === undefined ? undefined : { observedGeneration: metadata.generation }),
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    ...(status.conditions ? { conditions: status.conditions } : undefined),
    startTime: rfc3339(now),
    ...(status.qosClass ? { qosClass: status.qosClass } : undefined),
  } as Pod['status'];
}
