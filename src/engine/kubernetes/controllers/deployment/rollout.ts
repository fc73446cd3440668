import { deepEqual } from '../../apiserver/objects.ts';
import { podTemplateHash } from '../../apimachinery/hash.ts';
import { labelMatcher } from '../../apimachinery/label-matcher.ts';
import { ApiError } from '../../client.ts';
import { refs, type Deployment, type Draft, type ReplicaSet } from '../../types.ts';
import { claim, controllerOf, isControlledBy, newControllerReference } from '../owners.ts';
import { isNamespaceTerminating } from '../podcontrol.ts';
import type { ControllerContext } from '../runtime.ts';
import {
  calculateStatus,
  getCondition,
  newCondition,
  rolloutStatus,
  withCondition,
  type Status,
} from './conditions.ts';
import { nextRevision, withAnnotations, withReplicasAnnotations, withRevision } from './revisions.ts';
import { newReplicaSetSize, oldReplicaSetScalings, scalings, type Scaling } from './scaling.ts';
import {
  annotations,
  findNewReplicaSet,
  hasProgressDeadline,
  isActive,
  podTemplateHashLabel,
  replicasOf,
  revisionOf,
  templatesEqual,
} from './util.ts';

/** One reconcile of one Deployment: its ReplicaSets as they are, and what is done about them. */
export class Rollout {
  readonly #context: ControllerContext;
  readonly #replicaSetClient;
  deployment: Deployment;
  /** All that the Deployment owns, by name. */
  readonly #replicaSets = new Map<string, ReplicaSet>();

  /** Adopts and releases ReplicaSets. */
  constructor(context: ControllerContext, deployment: Deployment) {
    this.#context = context;
    this.#replicaSetClient = context.client.resource(refs.replicaSets);
    this.deployment = deployment;
    for (const rs of claim(deployment, labelMatcher(deployment.spec.selector), this.#replicaSetClient)) this.#keep(rs);
  }

  get all(): ReplicaSet[] {
    return [...this.#replicaSets.values()];
  }

  get newReplicaSet(): ReplicaSet | undefined {
    return findNewReplicaSet(this.deployment, this.all);
  }

  get old(): ReplicaSet[] {
    const current = this.newReplicaSet;
    return this.all.filter((rs) => rs !== current);
  }

  /** Finds the ReplicaSet of the current template and gives it its revision, or creates it where `create` says so. */
  syncRevision(create: boolean): ReplicaSet | undefined {
    const existing = this.newReplicaSet;
    if (!existing) return create ? this.#createReplicaSet() : undefined;
    const minReadySeconds = this.deployment.spec.minReadySeconds;
    const annotated = withRevision(existing, this.deployment, nextRevision(this.old));
    if (annotated !== existing || (existing.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      return this.#update({ ...annotated, spec: { ...annotated.spec, minReadySeconds } });
    }
    this.#recordRevision(existing, 'FoundNewReplicaSet', `Found new replica set "${existing.metadata.name}"`);
    return existing;
  }

  /** Sizes ReplicaSets to the Deployment's replicas without rolling anything out. */
  scale(): void {
    this.#apply(scalings(this.deployment, this.newReplicaSet, this.old));
  }

  /** One step of a rolling update. @returns whether something was scaled. */
  roll(): boolean {
    const current = this.newReplicaSet!;
    const desired = replicasOf(this.deployment);
    const replicas =
      replicasOf(current) > desired ? desired : newReplicaSetSize(this.deployment, this.all, replicasOf(current));
    if (replicas !== replicasOf(current)) return this.#apply([{ replicaSet: current, replicas }]);
    return this.#apply(oldReplicaSetScalings(this.deployment, this.old.filter(isActive), current));
  }

  /** Takes all old Pods away. @returns whether something was scaled. */
  stopOld(): boolean {
    return this.#apply(this.old.filter(isActive).map((replicaSet) => ({ replicaSet, replicas: 0 })));
  }

  /** Scales the new ReplicaSet to what the Deployment wants. */
  startNew(): void {
    this.#apply([{ replicaSet: this.newReplicaSet!, replicas: replicasOf(this.deployment) }]);
  }

  /** Deletes old empty ReplicaSets beyond the history limit, lowest revisions first. */
  cleanUp(): void {
    const limit = this.deployment.spec.revisionHistoryLimit;
    if (limit === undefined) return;
    const candidates = this.old.filter((rs) => rs.metadata.deletionTimestamp === undefined);
    const surplus = candidates.length - limit;
    if (surplus <= 0) return;
    candidates.sort((a, b) => revisionOf(a) - revisionOf(b));
    for (const rs of candidates.slice(0, surplus)) {
      const idle = (rs.status.replicas ?? 0) === 0 && replicasOf(rs) === 0;
      if (!idle || (rs.metadata.generation ?? 0) > (rs.status.observedGeneration ?? 0)) continue;
      try {
        this.#replicaSetClient.delete(rs.metadata.namespace, rs.metadata.name, { propagationPolicy: 'Background' });
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 404)) throw error;
      }
    }
  }

  /** Status from the ReplicaSets' counts alone. */
  syncStatus(): void {
    const now = this.#context.world.clock.timestamp();
    this.updateStatus(calculateStatus(this.deployment, this.all, this.newReplicaSet, now));
  }

  /** Status with the rollout's progress. */
  syncRolloutStatus(): void {
    const { clock } = this.#context.world;
    this.updateStatus(rolloutStatus(this.deployment, this.all, this.newReplicaSet, clock.now(), clock.timestamp()));
  }

  updateStatus(status: Status): void {
    if (deepEqual(status, this.deployment.status)) return;
    this.#storeStatus({ ...this.deployment, status });
  }

  #storeStatus(deployment: Deployment): void {
    this.deployment = this.#context.client.resource(refs.deployments).update(deployment, 'status');
  }

  #keep(replicaSet: ReplicaSet): ReplicaSet {
    this.#replicaSets.set(replicaSet.metadata.name, replicaSet);
    return replicaSet;
  }

  #update(replicaSet: ReplicaSet): ReplicaSet {
    return this.#keep(this.#replicaSetClient.update(replicaSet));
  }

  #apply(steps: readonly Scaling[]): boolean {
    let scaled = false;
    for (const { replicaSet, replicas } of steps) {
      const current = this.#replicaSets.get(replicaSet.metadata.name)!;
      const before = replicasOf(current);
      const annotated = withReplicasAnnotations(current, this.deployment);
      if (before === replicas && annotated === current) continue;
      this.#update({ ...annotated, spec: { ...annotated.spec, replicas } });
      if (before === replicas) continue;
      scaled = true;
      const direction = before < replicas ? 'up' : 'down';
      const message = `Scaled ${direction} replica set ${current.metadata.name} from ${before} to ${replicas}`;
      this.#context.events.record(this.deployment, 'Normal', 'ScalingReplicaSet', message);
    }
    return scaled;
  }

  /** Writes revision and (the first time) a Progressing condition to the Deployment. */
  #recordRevision(replicaSet: ReplicaSet, reason: string, message: string): void {
    const revision = replicaSet.metadata.annotations?.[annotations.revision] ?? '';
    let updated = withAnnotations(this.deployment, { [annotations.revision]: revision });
    const isNew = reason === 'NewReplicaSetCreated' || !getCondition(updated.status, 'Progressing');
    if (hasProgressDeadline(updated) && isNew) {
      const now = this.#context.world.clock.timestamp();
      const status = withCondition(updated.status, newCondition('Progressing', 'True', reason, message, now));
      if (status !== updated.status) updated = { ...updated, status };
    }
    if (updated !== this.deployment) this.#storeStatus(updated);
  }

  #createReplicaSet(): ReplicaSet {
    const { deployment } = this;
    const { namespace } = deployment.metadata;
    const hash = podTemplateHash(deployment.spec.template, deployment.status.collisionCount);
    const name = `${deployment.metadata.name}-${hash}`;
    const template = deployment.spec.template;
    const labels = { ...template.metadata?.labels, [podTemplateHashLabel]: hash };
    const { selector } = deployment.spec;
    const draft = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name, namespace, labels, ownerReferences: [newControllerReference(deployment)] },
      spec: {
        replicas: newReplicaSetSize(deployment, this.all, 0),
        ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : undefined),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [podTemplateHashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    } as unknown as ReplicaSet;
    const revision = nextRevision(this.old);
    const annotated = withReplicasAnnotations(withRevision(draft, deployment, revision), deployment);
    let created: ReplicaSet;
    try {
      created = this.#keep(this.#replicaSetClient.create(annotated as Draft<ReplicaSet>));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      created = this.#keep(this.#resolveCreateError(error, name));
      this.#recordRevision(created, 'FoundNewReplicaSet', `Found new replica set "${name}"`);
      return created;
    }
    if (replicasOf(created) > 0) {
      const message = `Scaled up replica set ${name} from 0 to ${replicasOf(created)}`;
      this.#context.events.record(deployment, 'Normal', 'ScalingReplicaSet', message);
    }
    this.#recordRevision(created, 'NewReplicaSetCreated', `Created new replica set "${name}"`);
    return created;
  }

  /**
   * A ReplicaSet of that name may be ours after all; otherwise the name is taken by another template, and the next
   * attempt hashes with a higher collision count.
   */
  #resolveCreateError(error: ApiError, name: string): ReplicaSet {
    const { deployment } = this;
    if (error.reason === 'AlreadyExists') {
      const rs = this.#replicaSetClient.get(deployment.metadata.namespace, name);
      const ours = rs && isControlledBy(rs, deployment) && controllerOf(rs)?.kind === 'Deployment';
      if (ours && templatesEqual(rs.spec.template, deployment.spec.template)) return rs;
      const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
      this.#storeStatus({ ...deployment, status: { ...deployment.status, collisionCount } });
      throw error;
    }
    if (isNamespaceTerminating(error)) throw error;
    const message = `Failed to create new replica set "${name}": ${error.message}`;
    if (hasProgressDeadline(deployment)) {
      const now = this.#context.world.clock.timestamp();
      const condition = newCondition('Progressing', 'False', 'ReplicaSetCreateError', message, now);
      this.updateStatus(withCondition(deployment.status, condition));
    }
    this.#context.events.record(deployment, 'Warning', 'ReplicaSetCreateError', message);
    throw error;
  }
}
