import type { TopologyObject } from '../objects.ts';

/** One link of a chain of causes: a message code with its parameters, the command that shows it, what it leads to. */
export interface Cause {
  code: CauseCode;
  params: Record<string, string | number>;
  /** Words of the system itself, e.g. an event's message. */
  evidence?: string;
  /** A command that shows the evidence. */
  command?: string;
  /** The object to look at next. */
  next?: { resource: string; key: string };
}

/** Every cause that can be told; the page has a text for each in every language (`why_<code>`). */
export const causeCodes = [
  'pod_ready',
  'pod_leaving',
  'pod_no_node_fits',
  'schedule_insufficient',
  'schedule_taint',
  'schedule_node_labels',
  'schedule_pod_affinity',
  'schedule_claim_unbound',
  'schedule_host_port',
  'pod_not_scheduled_yet',
  'pod_gated',
  'pod_starting',
  'image_not_found',
  'image_denied',
  'image_invalid_name',
  'image_pull_failed',
  'container_config_missing',
  'configmap_missing',
  'secret_missing',
  'config_key_missing',
  'volume_waits',
  'container_crashes',
  'container_oom_killed',
  'container_command_missing',
  'container_not_ready',
  'container_probe_fails',
  'container_completed',
  'init_container_waits',
  'node_not_ready',
  'node_cordoned',
  'node_fine',
  'workload_fine',
  'workload_paused',
  'workload_pods_missing',
  'workload_cannot_create_pods',
  'quota_exceeded',
  'account_missing',
  'workload_rollout_stuck',
  'workload_rolling',
  'workload_scaled_to_zero',
  'service_no_selector',
  'service_selects_nothing',
  'service_label_differs',
  'service_no_ready_pods',
  'service_no_address',
  'service_external_name',
  'service_port_not_declared',
  'service_fine',
  'claim_bound',
  'claim_waits_for_pod',
  'claim_no_class',
  'claim_class_missing',
  'claim_no_volume',
  'volume_released',
  'job_failed',
  'job_suspended',
  'job_done',
  'job_running',
  'autoscaler_no_metrics',
  'autoscaler_no_requests',
  'autoscaler_target_missing',
  'autoscaler_at_most',
  'autoscaler_fine',
  'ingress_no_class',
  'ingress_no_controller',
  'ingress_backend_missing',
  'ingress_fine',
  'policy_selects_nothing',
  'policy_isolates',
  'namespace_ending',
  'traffic_denied',
  'traffic_nothing_listens',
  'traffic_loopback_only',
  'traffic_unknown_port',
  'traffic_no_endpoints',
  'traffic_no_answer',
  'dns_no_answer',
  'nothing_to_tell',
] as const;

export type CauseCode = (typeof causeCodes)[number];

/** Reads API objects: all of a resource, e.g. `/pods`. */
export type ObjectSource = (resource: string) => readonly TopologyObject[];

export interface EventFields {
  type?: string;
  reason?: string;
  message?: string;
  note?: string;
  count?: number;
  lastTimestamp?: string;
  eventTime?: string;
  involvedObject?: { kind?: string; name?: string; namespace?: string };
  regarding?: { kind?: string; name?: string; namespace?: string };
}

/** The newest event about an object with one of the reasons. */
export function newestEvent(
  objects: ObjectSource,
  kind: string,
  object: TopologyObject,
  reasons: readonly string[],
): EventFields | undefined {
  const { name, namespace } = object.metadata;
  let newest: EventFields | undefined;
  for (const event of objects('/events') as unknown as readonly EventFields[]) {
    const about = event.involvedObject ?? event.regarding;
    if (about?.kind !== kind || about.name !== name || about.namespace !== namespace) continue;
    if (!reasons.includes(event.reason ?? '')) continue;
    if (!newest || timeOf(event) >= timeOf(newest)) newest = event;
  }
  return newest;
}

export function messageOf(event: EventFields | undefined): string | undefined {
  return event?.message ?? event?.note;
}

function timeOf(event: EventFields): string {
  return event.lastTimestamp ?? event.eventTime ?? '';
}

export function namespaceFlag(object: TopologyObject): string {
  const { namespace } = object.metadata;
  return namespace === undefined || namespace === 'default' ? '' : ` -n ${namespace}`;
}
