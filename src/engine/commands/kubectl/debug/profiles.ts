import type { ApiObject } from '../client/types.ts';
import type { FlagValues } from '../framework/flags.ts';

/** What a debug container may do (k8s.io/kubectl/pkg/cmd/debug/profiles.go). */

export const profiles = ['legacy', 'general', 'baseline', 'netadmin', 'restricted', 'sysadmin'];

export type DebugStyle = 'ephemeral' | 'copy' | 'node';

export interface ContainerSpec {
  name: string;
  image?: string;
  command?: readonly string[];
  args?: readonly string[];
  securityContext?: Record<string, unknown>;
  volumeMounts?: Record<string, unknown>[];
  [field: string]: unknown;
}

export interface PodSpec {
  containers: ContainerSpec[];
  initContainers?: ContainerSpec[];
  volumes?: Record<string, unknown>[];
  [field: string]: unknown;
}

const securityContexts: Readonly<Record<string, Record<string, unknown> | undefined>> = {
  general: { capabilities: { add: ['SYS_PTRACE'] } },
  netadmin: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
  restricted: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  sysadmin: { privileged: true },
};

/** Sets what a profile gives the container that debugs. */
export function secure(container: ContainerSpec, profile: string, style: DebugStyle): void {
  // General debugging of a node needs no right to trace: it has the host's namespaces.
  const wanted = profile === 'general' && style === 'node' ? undefined : securityContexts[profile];
  if (profile === 'legacy') return;
  if (wanted) container.securityContext = wanted;
  else delete container.securityContext;
}

/** Host namespaces, and the node's files at /host, for the profiles that give them. */
export function openNode(spec: PodSpec, profile: string): void {
  if (profile === 'baseline' || profile === 'restricted') return;
  Object.assign(spec, { hostNetwork: true, hostPID: true, hostIPC: true });
  if (profile === 'netadmin') return;
  spec.volumes = [...(spec.volumes ?? []), { name: 'host-root', hostPath: { path: '/' } }];
  const [container] = spec.containers;
  container!.volumeMounts = [...(container!.volumeMounts ?? []), { mountPath: '/host', name: 'host-root' }];
}

const probes = [
  ['livenessProbe', 'keep-liveness'],
  ['readinessProbe', 'keep-readiness'],
  ['startupProbe', 'keep-startup'],
] as const;

/** What a copy of a Pod leaves out, unless flags say otherwise; the legacy profile keeps everything but labels. */
export function trimCopy(copy: ApiObject, profile: string, flags: FlagValues): void {
  const { metadata } = copy;
  const spec = copy['spec'] as PodSpec;
  if (!flags.bool('keep-labels')) delete metadata.labels;
  const keeps = (flag: string) => flags.bool(flag) || profile === 'legacy';
  if (!keeps('keep-annotations')) delete metadata.annotations;
  if (!keeps('keep-init-containers')) delete spec.initContainers;
  for (const container of spec.containers)
    for (const [field, flag] of probes) if (!keeps(flag)) delete container[field];
  if (profile !== 'legacy') spec['shareProcessNamespace'] ??= true;
}
