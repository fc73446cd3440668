import type { Draft, PersistentVolumeClaim, Pod, StatefulSet } from '../../types.ts';
import { revisionHashLabel } from '../history.ts';
import { podFromTemplate } from '../podcontrol.ts';
import { isPodAvailable, isPodReady } from '../pods.ts';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

type Template = Parameters<typeof podFromTemplate>[0];

export function startOrdinal(set: StatefulSet): number {
  return set.spec.ordinals?.start ?? 0;
}

/** The number at the end of the Pod's name; undefined if it isn't the set's. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const match = /^(.*)-(0|[1-9]\d*)$/.exec(pod.metadata.name);
  return match && match[1] === set.metadata.name ? Number(match[2]) : undefined;
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

export function revisionOf(pod: Pod): string {
  return pod.metadata.labels?.[revisionHashLabel] ?? '';
}

export function claimName(template: string, set: StatefulSet, ordinal: number): string {
  return `${template}-${podName(set, ordinal)}`;
}

/** Whether a claim's name is that of one of the set's Pods. */
export function isClaimOf(set: StatefulSet, template: string, name: string): boolean {
  const prefix = `${template}-${set.metadata.name}-`;
  return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
}

/** A Pod of one revision's template with its own name, host name and volumes. */
export function newPod(set: StatefulSet, template: Template, revision: string, ordinal: number): Draft<Pod> {
  const pod = podFromTemplate(template, set);
  const name = podName(set, ordinal);
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? '');
  const volumes = [
    ...claims.map((claim) => ({
      name: claim,
      persistentVolumeClaim: { claimName: claimName(claim, set, ordinal) },
    })),
    ...(pod.spec.volumes ?? []).filter(({ name: volume }) => !claims.includes(volume)),
  ];
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      labels: {
        ...template.metadata?.labels,
        [podNameLabel]: name,
        [podIndexLabel]: String(ordinal),
        [revisionHashLabel]: revision,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : undefined),
      ...(volumes.length > 0 ? { volumes } : undefined),
    },
  };
}

/** The claims that a Pod of the set needs. */
export function claimsFor(set: StatefulSet, ordinal: number): Draft<PersistentVolumeClaim>[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(template.metadata?.name ?? '', set, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata?.labels, ...set.spec.selector.matchLabels },
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : undefined),
    },
    spec: template.spec ?? {},
  })) as Draft<PersistentVolumeClaim>[];
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === 'Running' && isPodReady(pod);
}

export function isRunningAndAvailable(set: StatefulSet, pod: Pod, now: number): boolean {
  return pod.status.phase === 'Running' && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

export function isHealthy(pod: Pod): boolean {
  return isRunningAndReady(pod) && !isTerminating(pod);
}
