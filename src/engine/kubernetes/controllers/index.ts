import { cronJobController } from './cronjob/index.ts';
import { csrApprovingController, csrCleanerController } from './certificates/approving.ts';
import { csrSigningController } from './certificates/signing.ts';
import { clusterRoleAggregationController } from './clusterrole-aggregation.ts';
import { daemonSetController } from './daemonset/index.ts';
import { deploymentController } from './deployment/index.ts';
import { disruptionController } from './disruption.ts';
import { endpointsController } from './endpoints.ts';
import { endpointSliceController } from './endpointslice.ts';
import { endpointSliceMirroringController } from './endpointslice-mirroring.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';
import { garbageCollector } from './garbage-collector.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/index.ts';
import { jobController } from './job/index.ts';
import { localPathProvisioner } from './local-path-provisioner.ts';
import { namespaceController } from './namespace.ts';
import { nodeIpamController } from './node-ipam.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';
import { persistentVolumeBinder } from './persistent-volume/index.ts';
import { podGcController } from './pod-gc.ts';
import { replicaSetController } from './replicaset.ts';
import { replicationController } from './replication-controller.ts';
import { resourceQuotaController } from './resource-quota.ts';
import { rootCaPublisher } from './root-ca.ts';
import { runController, type Controller, type ControllerOptions } from './runtime.ts';
import { serviceAccountController } from './service-account.ts';
import { serviceCidrController } from './service-cidr.ts';
import { statefulSetController } from './statefulset/index.ts';
import { taintEvictionController } from './taint-eviction.ts';
import { tokensController } from './tokens.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status.ts';
import { volumeExpandController } from './volume-expand.ts';
import { claimProtection, volumeProtection } from './volume-protection.ts';

export type { Controller, ControllerContext, ControllerOptions } from './runtime.ts';

/** All controllers of kube-controller-manager that are simulated, in the order they start. */
export const controllers: readonly Controller[] = [
  serviceAccountController,
  rootCaPublisher,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  podGcController,
  namespaceController,
  garbageCollector,
  daemonSetController,
  deploymentController,
  replicaSetController,
  replicationController,
  statefulSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  disruptionController,
  horizontalPodAutoscalerController,
  clusterRoleAggregationController,
  csrSigningController,
  csrApprovingController,
  csrCleanerController,
  tokensController,
  persistentVolumeBinder,
  claimProtection,
  volumeProtection,
  volumeExpandController,
  ephemeralVolumeController,
  localPathProvisioner,
  resourceQuotaController,
  serviceCidrController,
  validatingAdmissionPolicyStatusController,
];

export interface ControllersHandle {
  /** Names of the controllers that run, sorted. */
  readonly running: readonly string[];
  /** Starts one controller again, or all. @throws RangeError for an unknown name. */
  start(name?: string): void;
  /** Stops one controller, or all: what it kept in memory is lost, as when its process ends. */
  stop(name?: string): void;
}

/** Starts kube-controller-manager's controllers, by default all of them. */
export function startControllers(options: ControllerOptions & { names?: readonly string[] }): ControllersHandle {
  const stops = new Map<string, () => void>();
  const handle: ControllersHandle = {
    get running() {
      return [...stops.keys()].sort();
    },
    start(name) {
      for (const controller of selected(name)) {
        if (!stops.has(controller.name)) stops.set(controller.name, runController(controller, options));
      }
    },
    stop(name) {
      for (const controller of selected(name)) {
        stops.get(controller.name)?.();
        stops.delete(controller.name);
      }
    },
  };
  if (options.names) for (const name of options.names) handle.start(name);
  else handle.start();
  return handle;
}

function selected(name: string | undefined): readonly Controller[] {
  if (name === undefined) return controllers;
  const found = controllers.find((controller) => controller.name === name);
  if (!found) throw new RangeError(`there is no controller ${name}`);
  return [found];
}
