import { isEmptySelector, labelMatcher } from '../../apimachinery/label-matcher.ts';
import { refs, type Deployment, type Pod, type ReplicaSet } from '../../types.ts';
import { controlledBy, controllerOf, indexByController, keyOf, resolveController, splitKey } from '../owners.ts';
import { isPodTerminal } from '../pods.ts';
import type { Controller, ControllerContext } from '../runtime.ts';
import { deadline, getCondition, isComplete, isScalingEvent, newCondition, withCondition } from './conditions.ts';
import { Rollout } from './rollout.ts';
import { hasProgressDeadline, isRollingUpdate } from './util.ts';

/** Rolls templates out through ReplicaSets (pkg/controller/deployment). */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  component: 'deployment-controller',
  serviceAccount: 'deployment-controller',

  start(context) {
    const deployments = context.client.resource(refs.deployments);
    const replicaSets = context.client.resource(refs.replicaSets);
    const pods = context.client.resource(refs.pods);
    indexByController(replicaSets.informer);
    indexByController(pods.informer);
    const queue = context.queue({
      workers: 5,
      maxRetries: 15,
      reconcile: (key) => {
        const delay = reconcile(context, key);
        if (delay !== undefined) queue.addAfter(key, delay);
      },
    });
    const enqueue = (deployment: Deployment | undefined) => deployment && queue.add(keyOf(deployment));
    const ownerOf = (rs: ReplicaSet) =>
      resolveController(deployments, refs.deployments, rs.metadata.namespace, controllerOf(rs));
    const enqueueOwner = (rs: ReplicaSet) => {
      if (controllerOf(rs)) return enqueue(ownerOf(rs));
      for (const deployment of deployments.list({ namespace: rs.metadata.namespace })) {
        const { selector } = deployment.spec;
        if (!isEmptySelector(selector) && labelMatcher(selector)(rs.metadata.labels)) enqueue(deployment);
      }
    };
    context.watch(refs.deployments, { add: enqueue, update: enqueue, delete: enqueue });
    context.watch(refs.replicaSets, {
      add: enqueueOwner,
      update: (rs, previous) => {
        if (controllerOf(previous)?.uid !== controllerOf(rs)?.uid) enqueue(ownerOf(previous));
        enqueueOwner(rs);
      },
      delete: (rs) => enqueue(ownerOf(rs)),
    });
    context.watch(refs.pods, {
      // Recreate waits for the last old Pod to be gone.
      delete: (pod) => {
        const { namespace } = pod.metadata;
        const rs = resolveController(replicaSets, refs.replicaSets, namespace, controllerOf(pod));
        const deployment = rs && ownerOf(rs);
        if (!deployment || isRollingUpdate(deployment)) return;
        const left = controlledBy(replicaSets.informer, deployment).some(
          (member) => controlledBy(pods.informer, member).length > 0,
        );
        if (!left) enqueue(deployment);
      },
    });
  },
};

/** @returns ms after which the progress deadline must be looked at. */
function reconcile(context: ControllerContext, key: string): number | undefined {
  const [namespace, name] = splitKey(key);
  const deployments = context.client.resource(refs.deployments);
  const deployment = deployments.get(namespace, name);
  if (!deployment) return undefined;
  if (isEmptySelector(deployment.spec.selector)) {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    context.events.record(deployment, 'Warning', 'SelectingAll', message);
    return undefined;
  }
  const rollout = new Rollout(context, deployment);
  if (deployment.metadata.deletionTimestamp !== undefined) {
    rollout.syncStatus();
    return undefined;
  }
  markPaused(context, rollout);
  if (rollout.deployment.spec.paused || isScalingEvent(rollout.deployment, rollout.all)) {
    rollout.syncRevision(false);
    rollout.scale();
    if (rollout.deployment.spec.paused) rollout.cleanUp();
    rollout.syncStatus();
    return undefined;
  }
  const observed = rollout.deployment.status;
  if (isRollingUpdate(deployment)) rollingUpdate(rollout);
  else recreate(context, rollout);
  return rollout.deployment.status === observed ? untilDeadline(context, rollout.deployment) : undefined;
}

function rollingUpdate(rollout: Rollout): void {
  rollout.syncRevision(true);
  if (!rollout.roll() && isComplete(rollout.deployment, rollout.deployment.status)) rollout.cleanUp();
  rollout.syncRolloutStatus();
}

function recreate(context: ControllerContext, rollout: Rollout): void {
  rollout.syncRevision(false);
  if (!rollout.stopOld() && !oldPodsRunning(context, rollout)) {
    rollout.syncRevision(true);
    rollout.startNew();
    if (isComplete(rollout.deployment, rollout.deployment.status)) rollout.cleanUp();
  }
  rollout.syncRolloutStatus();
}

function oldPodsRunning(context: ControllerContext, rollout: Rollout): boolean {
  const pods = context.client.resource(refs.pods).informer;
  const running = (pod: Pod) => !isPodTerminal(pod);
  return rollout.old.some((rs) => controlledBy(pods, rs).some(running));
}

/** Pausing stops the progress deadline's clock, resuming starts it anew. */
function markPaused(context: ControllerContext, rollout: Rollout): void {
  const { deployment } = rollout;
  if (!hasProgressDeadline(deployment)) return;
  const current = getCondition(deployment.status, 'Progressing');
  if (current?.reason === 'ProgressDeadlineExceeded') return;
  const paused = deployment.spec.paused === true;
  if (paused === (current?.reason === 'DeploymentPaused')) return;
  const [reason, message] = paused
    ? ['DeploymentPaused', 'Deployment is paused']
    : ['DeploymentResumed', 'Deployment is resumed'];
  const now = context.world.clock.timestamp();
  rollout.updateStatus(withCondition(deployment.status, newCondition('Progressing', 'Unknown', reason, message, now)));
}

/** When a Deployment without news must be looked at again to notice that it is stuck. */
function untilDeadline(context: ControllerContext, deployment: Deployment): number | undefined {
  const progressing = getCondition(deployment.status, 'Progressing');
  if (!hasProgressDeadline(deployment) || !progressing) return undefined;
  if (isComplete(deployment, deployment.status) || progressing.reason === 'ProgressDeadlineExceeded') return undefined;
  return Math.max(0, deadline(deployment, progressing) - context.world.clock.now()) + 1000;
}
