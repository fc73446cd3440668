import { ApiError } from '../../client.ts';
import { refs, type KubeObject, type Pod, type StatefulSet } from '../../types.ts';
import { newControllerReference, tolerateGone } from '../owners.ts';
import type { ControllerContext } from '../runtime.ts';
import { claimName, claimsFor, newPod, podName } from './pods.ts';

/** Creates and deletes a StatefulSet's Pods and claims, telling it with Events on the set. */
export class StatefulPodControl {
  readonly #context: ControllerContext;
  readonly #set: StatefulSet;
  readonly #pods;
  readonly #claims;

  constructor(context: ControllerContext, set: StatefulSet) {
    this.#context = context;
    this.#set = set;
    this.#pods = context.client.resource(refs.pods);
    this.#claims = context.client.resource(refs.persistentVolumeClaims);
  }

  /** @throws ApiError after recording it. */
  create(template: Parameters<typeof newPod>[1], revision: string, ordinal: number): Pod {
    const name = podName(this.#set, ordinal);
    this.createClaims(ordinal);
    return this.#tell('Create', name, () => this.#pods.create(newPod(this.#set, template, revision, ordinal)));
  }

  /** @throws ApiError after recording it. */
  delete(pod: Pod): void {
    const { namespace, name } = pod.metadata;
    this.#tell('Delete', name, () => tolerateGone(() => this.#pods.delete(namespace, name)));
  }

  /**
   * Creates the claims that a Pod lacks: a Pod that waits for one may have lost it.
   * @throws ApiError after recording it; Conflict while an old claim is on its way out
   */
  createClaims(ordinal: number): void {
    const { namespace, name: setName } = this.#set.metadata;
    for (const claim of claimsFor(this.#set, ordinal)) {
      const name = claim.metadata.name!;
      const existing = this.#claims.get(namespace, name);
      if (existing?.metadata.deletionTimestamp !== undefined) this.#refuse(ordinal, `pvc ${name} is being deleted`);
      if (existing) continue;
      const what = `Claim ${name} Pod ${podName(this.#set, ordinal)} in StatefulSet ${setName}`;
      try {
        this.#claims.create(claim);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const message = `Create ${what} failed error: ${error.message}`;
        this.#context.events.record(this.#set, 'Warning', 'FailedCreate', message);
        throw error;
      }
      this.#context.events.record(this.#set, 'Normal', 'SuccessfulCreate', `Create ${what} success`);
    }
  }

  /** A claim that goes with its Pod still belongs to the Pod before: nothing may be made of it (PodClaimIsStale). */
  hasStaleClaim(ordinal: number): boolean {
    if (this.#set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
    const { namespace } = this.#set.metadata;
    const pod = podName(this.#set, ordinal);
    return claimsFor(this.#set, ordinal).some(({ metadata: { name } }) => {
      const owners = this.#claims.get(namespace, name!)?.metadata.ownerReferences ?? [];
      return owners.some((owner) => owner.kind === 'Pod' && owner.name === pod);
    });
  }

  #refuse(ordinal: number, reason: string): never {
    const message = `Create Pod ${podName(this.#set, ordinal)} in StatefulSet ${this.#set.metadata.name} failed error: ${reason}`;
    this.#context.events.record(this.#set, 'Warning', 'FailedCreate', message);
    throw new ApiError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: reason,
      reason: 'Conflict',
      code: 409,
    });
  }

  /** Claims go with the set, with their Pod, or stay, as the retention policy says. */
  retain(ordinal: number, condemned: Pod | undefined): void {
    const { whenDeleted = 'Retain', whenScaled = 'Retain' } = this.#set.spec.persistentVolumeClaimRetentionPolicy ?? {};
    for (const { metadata } of this.#set.spec.volumeClaimTemplates ?? []) {
      const claim = this.#claims.get(this.#set.metadata.namespace, claimName(metadata?.name ?? '', this.#set, ordinal));
      if (!claim) continue;
      const owners: KubeObject[] = [];
      if (condemned && whenScaled === 'Delete') owners.push(condemned);
      else if (whenDeleted === 'Delete') owners.push(this.#set);
      const uids = new Set(owners.map((owner) => owner.metadata.uid));
      const before = claim.metadata.ownerReferences ?? [];
      const others = before.filter(({ kind, name }) => kind !== 'StatefulSet' && name !== podName(this.#set, ordinal));
      if (
        before.length - others.length === owners.length &&
        before.every(({ uid }) => uids.has(uid) || others.some((o) => o.uid === uid))
      ) {
        continue;
      }
      const added = owners.map((owner) => ({ ...newControllerReference(owner), controller: owner === this.#set }));
      this.#claims.update({
        ...claim,
        metadata: { ...claim.metadata, ownerReferences: [...others, ...added] },
      });
    }
  }

  #tell<T>(verb: 'Create' | 'Delete', pod: string, write: () => T): T {
    const what = `${verb} Pod ${pod} in StatefulSet ${this.#set.metadata.name}`;
    try {
      const result = write();
      this.#context.events.record(this.#set, 'Normal', `Successful${verb}`, `${what} successful`);
      return result;
    } catch (error) {
      if (error instanceof ApiError) {
        const message = `${what} failed error: ${error.message}`;
        this.#context.events.record(this.#set, 'Warning', `Failed${verb}`, message);
      }
      throw error;
    }
  }
}
