import { matchesLabelSelector, type LabelSelector } from '../../engine/kubernetes/apimachinery/label-selector.ts';
import type { TopologyObject } from '../objects.ts';
import { namespaceFlag, type Cause, type ObjectSource } from './cause.ts';

/** Causes of kinds that need few words. */

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

const conditionsOf = (object: TopologyObject) => (object.status?.conditions ?? []) as Condition[];
const isTrue = (object: TopologyObject, type: string) =>
  conditionsOf(object).find((c) => c.type === type && c.status === 'True');
const near = (object: TopologyObject, objects: ObjectSource, resource: string) =>
  objects(resource).filter(({ metadata }) => metadata.namespace === object.metadata.namespace);

export function whyJob(job: TopologyObject): Cause[] {
  const { name } = job.metadata;
  const command = `kubectl describe job ${name}${namespaceFlag(job)}`;
  const failed = isTrue(job, 'Failed');
  if (failed)
    return [{ code: 'job_failed', params: { name, reason: failed.reason ?? '' }, evidence: failed.message, command }];
  if (isTrue(job, 'Complete')) return [{ code: 'job_done', params: { name }, command }];
  if (isTrue(job, 'Suspended')) return [{ code: 'job_suspended', params: { name }, command }];
  const { active = 0, succeeded = 0, failed: lost = 0 } = (job.status ?? {}) as Record<string, number>;
  return [{ code: 'job_running', params: { name, active, succeeded, failed: lost }, command }];
}

const scaled: Readonly<Record<string, string>> = {
  Deployment: 'apps/deployments',
  StatefulSet: 'apps/statefulsets',
  ReplicaSet: 'apps/replicasets',
};

export function whyAutoscaler(hpa: TopologyObject, objects: ObjectSource): Cause[] {
  const { name } = hpa.metadata;
  const command = `kubectl describe hpa ${name}${namespaceFlag(hpa)}`;
  const { kind = '', name: target = '' } = (hpa.spec?.scaleTargetRef ?? {}) as { kind?: string; name?: string };
  const resource = scaled[kind];
  if (resource && !near(hpa, objects, resource).some(({ metadata }) => metadata.name === target))
    return [{ code: 'autoscaler_target_missing', params: { name, kind, target }, command }];
  const active = conditionsOf(hpa).find(({ type }) => type === 'ScalingActive');
  if (active?.status === 'False')
    return [
      {
        code: /missing request for/.test(active.message ?? '') ? 'autoscaler_no_requests' : 'autoscaler_no_metrics',
        params: { name },
        evidence: active.message,
        command: /missing request for/.test(active.message ?? '') ? command : 'kubectl top pods',
      },
    ];
  const limited = isTrue(hpa, 'ScalingLimited');
  const most = Number(hpa.spec?.maxReplicas ?? 0);
  if (limited?.reason === 'TooManyReplicas')
    return [{ code: 'autoscaler_at_most', params: { name, most }, evidence: limited.message, command }];
  const { currentReplicas = 0, desiredReplicas = 0 } = (hpa.status ?? {}) as Record<string, number>;
  return [{ code: 'autoscaler_fine', params: { name, current: currentReplicas, desired: desiredReplicas }, command }];
}

interface Backend {
  service?: { name: string };
}

export function whyIngress(ingress: TopologyObject, objects: ObjectSource): Cause[] {
  const { name } = ingress.metadata;
  const command = `kubectl describe ingress ${name}${namespaceFlag(ingress)}`;
  const spec = (ingress.spec ?? {}) as {
    ingressClassName?: string;
    defaultBackend?: Backend;
    rules?: { http?: { paths: { backend: Backend }[] } }[];
  };
  const classes = objects('networking.k8s.io/ingressclasses');
  const wanted = spec.ingressClassName;
  if (wanted === undefined || !classes.some(({ metadata }) => metadata.name === wanted))
    return [
      wanted === undefined
        ? { code: 'ingress_no_class', params: { name }, command: 'kubectl get ingressclass' }
        : { code: 'ingress_no_controller', params: { name, class: wanted }, command: 'kubectl get ingressclass' },
    ];
  const backends = [
    spec.defaultBackend,
    ...(spec.rules ?? []).flatMap(({ http }) => http?.paths.map((p) => p.backend) ?? []),
  ];
  const services = near(ingress, objects, '/services');
  const missing = backends.find(
    (b) => b?.service && !services.some(({ metadata }) => metadata.name === b.service!.name),
  );
  if (missing) return [{ code: 'ingress_backend_missing', params: { name, service: missing.service!.name }, command }];
  const address = (ingress.status?.loadBalancer as { ingress?: unknown[] } | undefined)?.ingress;
  if (!address?.length) return [{ code: 'ingress_no_controller', params: { name, class: wanted }, command }];
  return [{ code: 'ingress_fine', params: { name }, command }];
}

export function whyPolicy(policy: TopologyObject, objects: ObjectSource): Cause[] {
  const { name } = policy.metadata;
  const command = `kubectl describe networkpolicy ${name}${namespaceFlag(policy)}`;
  const spec = (policy.spec ?? {}) as { podSelector?: LabelSelector; policyTypes?: string[] };
  const selected = near(policy, objects, '/pods').filter(({ metadata }) =>
    matchesLabelSelector(spec.podSelector ?? {}, metadata.labels),
  );
  if (selected.length === 0) return [{ code: 'policy_selects_nothing', params: { name }, command }];
  const types = (spec.policyTypes ?? ['Ingress']).join(', ');
  return [{ code: 'policy_isolates', params: { name, pods: selected.length, types }, command }];
}

export function whyNamespace(namespace: TopologyObject): Cause[] {
  const { name } = namespace.metadata;
  if (namespace.status?.phase !== 'Terminating') return [{ code: 'nothing_to_tell', params: {} }];
  const remaining = isTrue(namespace, 'NamespaceFinalizersRemaining') ?? isTrue(namespace, 'NamespaceContentRemaining');
  return [
    {
      code: 'namespace_ending',
      params: { name },
      evidence: remaining?.message,
      command: `kubectl get namespace ${name} -o yaml`,
    },
  ];
}
