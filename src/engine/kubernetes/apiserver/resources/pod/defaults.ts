import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { IProbe } from 'kubernetes-models/v1/Probe';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import { parseImageReference } from '../../../apimachinery/image-reference.ts';
import type { Mutable } from '../kind.ts';

/** Defaults of Pod templates and Pods (SetDefaults_PodSpec and neighbours). */

type Spec = Mutable<IPodSpec>;
type Container = Mutable<IContainer>;

/** Defaults that hold for templates as well as for Pods. */
export function defaultPodSpec(spec: Spec): void {
  spec.containers ??= [];
  // Upstream's fields are structs, so an absent securityContext comes back as {} from the API.
  spec.securityContext ??= {};
  spec.restartPolicy ||= 'Always';
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.schedulerName ||= 'default-scheduler';
  spec.terminationGracePeriodSeconds ??= 30;
  // The old name is kept in step with the new one.
  if (spec.serviceAccountName === undefined && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of spec.initContainers ?? []) defaultContainer(container);
  for (const container of spec.containers ?? []) defaultContainer(container);
  for (const container of (spec.ephemeralContainers ?? []) as Container[]) defaultContainer(container);
}

/** Further defaults of Pods (SetDefaults_Pod): requests follow limits. */
export function defaultPod(spec: Spec): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    // On the host's network both numbers are the same.
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
    const { resources } = container;
    if (!resources?.limits) continue;
    resources.requests = { ...resources.limits, ...resources.requests };
  }
  spec.enableServiceLinks ??= true;
}

function defaultContainer(container: Container): void {
  container.resources ??= {};
  container.imagePullPolicy ||= pullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  for (const port of container.ports ?? []) {
    port.protocol ||= 'TCP';
  }
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ||= 'v1';
    const divisor = variable.valueFrom?.resourceFieldRef;
    if (divisor) divisor.divisor ??= '0';
    const file = variable.valueFrom?.fileKeyRef;
    if (file) file.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler?.httpGet) defaultHttpGet(handler.httpGet);
  }
  defaultResizePolicy(container);
}

/** The server fills this in only for containers that state resources when the Pod is created. */
function defaultResizePolicy(container: Container): void {
  for (const policy of container.resizePolicy ?? []) policy.restartPolicy ||= 'NotRequired';
}

/** `Always` for the tag latest, written or implied. */
function pullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  try {
    const { tag, digest } = parseImageReference(image ?? '');
    const isLatest = tag === 'latest' || (tag === undefined && digest === undefined);
    return isLatest ? 'Always' : 'IfNotPresent';
  } catch {
    return 'IfNotPresent';
  }
}

function defaultProbe(probe: Mutable<IProbe>): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet) defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHttpGet(action: { path?: string; scheme?: string }): void {
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

const sourceNames = new Set(['name']);

function defaultVolume(volume: Mutable<IVolume>): void {
  const hasSource = Object.keys(volume).some((key) => !sourceNames.has(key));
  if (!hasSource) volume.emptyDir = {};
  const fileMode = 0o644;
  if (volume.secret) volume.secret.defaultMode ??= fileMode;
  if (volume.configMap) volume.configMap.defaultMode ??= fileMode;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= fileMode;
    for (const item of volume.downwardAPI.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  }
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default';
  if (volume.projected) {
    volume.projected.defaultMode ??= fileMode;
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
      for (const item of source.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
    }
  }
  if (volume.image) volume.image.pullPolicy ||= pullPolicy(volume.image.reference);
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (template) template.spec.volumeMode ??= 'Filesystem';
}
