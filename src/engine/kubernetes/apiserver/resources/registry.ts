/**
 * Every kind the server knows. A kind with behaviour of its own is a file in this folder and one line in `own`; all other
 * resources of the schema are served generically.
 */
import { apiResources, type ApiResource } from '../../schema/index.ts';
import { customResourceDefinition } from '../apiextensions/definition.ts';
import * as admissionPolicies from './admissionregistration/policies.ts';
import { mutatingPolicies } from './admissionregistration/mutating-policies.ts';
import * as webhooks from './admissionregistration/webhooks.ts';
import * as autoscalers from './autoscaling/horizontalpodautoscaler.ts';
import { cronJob } from './batch/cronjob.ts';
import { job } from './batch/job.ts';
import { defineKind } from './common/define.ts';
import { configMap } from './configmap.ts';
import { daemonSet } from './daemonset.ts';
import { deployment } from './deployment.ts';
import { endpoints } from './endpoints.ts';
import { endpointSlice } from './endpointslice.ts';
import { coreEvent, event } from './events.ts';
import type { KindDefinition } from './kind.ts';
import { lease } from './lease.ts';
import { namespace } from './namespace.ts';
import { ingress } from './networking/ingress.ts';
import { networkPolicy } from './networking/networkpolicy.ts';
import { ingressClass, ipAddress, serviceCidr } from './networking/others.ts';
import { node } from './node.ts';
import { certificateSigningRequest } from './other/certificatesigningrequest.ts';
import { controllerRevision } from './other/controllerrevision.ts';
import { apiService } from './other/extensions.ts';
import * as small from './other/small.ts';
import { pod } from './pod/pod.ts';
import { limitRange } from './policy/limitrange.ts';
import { podDisruptionBudget } from './policy/poddisruptionbudget.ts';
import { priorityClass } from './policy/priorityclass.ts';
import { resourceQuota } from './policy/resourcequota.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac/roles.ts';
import { replicaSet } from './replicaset.ts';
import { replicationController } from './replicationcontroller.ts';
import { secret } from './secret.ts';
import { service } from './service/service.ts';
import { serviceAccount } from './serviceaccount.ts';
import { statefulSet } from './statefulset.ts';
import * as csi from './storage/csi.ts';
import { persistentVolume } from './storage/persistentvolume.ts';
import { persistentVolumeClaim } from './storage/persistentvolumeclaim.ts';
import { storageClass } from './storage/storageclass.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each file is typed by its own kind
const own: readonly KindDefinition<any>[] = [
  webhooks.mutatingWebhookConfiguration,
  admissionPolicies.validatingAdmissionPolicy,
  admissionPolicies.validatingAdmissionPolicyBinding,
  webhooks.validatingWebhookConfiguration,
  apiService,
  autoscalers.horizontalPodAutoscaler,
  autoscalers.horizontalPodAutoscalerV1,
  certificateSigningRequest,
  clusterRole,
  clusterRoleBinding,
  configMap,
  controllerRevision,
  coreEvent,
  cronJob,
  csi.csiDriver,
  csi.csiNode,
  csi.csiStorageCapacity,
  csi.volumeAttachment,
  csi.volumeAttributesClass,
  customResourceDefinition,
  daemonSet,
  deployment,
  endpoints,
  endpointSlice,
  event,
  ingress,
  ingressClass,
  ipAddress,
  job,
  lease,
  limitRange,
  namespace,
  networkPolicy,
  node,
  persistentVolume,
  persistentVolumeClaim,
  pod,
  podDisruptionBudget,
  priorityClass,
  replicaSet,
  replicationController,
  resourceQuota,
  role,
  roleBinding,
  secret,
  service,
  serviceAccount,
  serviceCidr,
  small.componentStatus,
  small.deviceClass,
  small.flowSchema,
  small.podTemplate,
  small.priorityLevelConfiguration,
  small.resourceClaim,
  small.resourceClaimTemplate,
  small.resourceSlice,
  small.runtimeClass,
  statefulSet,
  storageClass,
];

/** All built-in kinds in discovery order. */
export const kinds: readonly KindDefinition[] = apiResources.map(
  (resource) =>
    own.find((k) => matches(k, resource)) ?? defineKind(resource.group, resource.version, resource.resource),
);

/** Kinds of versions that are served only if `--runtime-config` asks for them. */
export function optionalKinds(runtimeConfig: Readonly<Record<string, boolean>>): readonly KindDefinition[] {
  return mutatingPolicies.filter(({ group, version }) => runtimeConfig[`${group}/${version}`]);
}

const byName = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.resource}`, k]));

/** @param resource plural, lower case */
export function kindOf(group: string, version: string, resource: string): KindDefinition | undefined {
  return byName.get(`${group}/${version}/${resource}`);
}

function matches(kind: KindDefinition, resource: ApiResource): boolean {
  return kind.group === resource.group && kind.version === resource.version && kind.resource === resource.resource;
}
