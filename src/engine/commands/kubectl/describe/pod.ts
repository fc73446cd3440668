import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPod } from 'kubernetes-models/v1/Pod';
import { ageSince } from '../../../kubernetes/apimachinery/duration.ts';
import { writeContainers, writeResources } from './containers.ts';
import { controlledBy, type DescribeContext, describer, type Live } from './describer.ts';
import { searchEvents, writeEventTable } from './events.ts';
import { formatTime, writeLabels, writeMetadata } from './format.ts';
import { writeTolerations, writeTopologySpread } from './tolerations.ts';
import { writeVolumes } from './volumes.ts';
import type { DescriptionWriter } from './writer.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

export const pod = describer<IPod>({
  group: '',
  kind: 'Pod',
  async describe(w, object, context) {
    writeIdentity(w, object);
    writeState(w, object, context);
    writeAllContainers(w, object);
    writeConditions(w, object);
    const { spec, status } = object;
    writeVolumes(w, false, spec.volumes);
    w.field(0, 'QoS Class', status.qosClass ?? 'BestEffort');
    writeLabels(w, 0, 'Node-Selectors', spec.nodeSelector);
    writeTolerations(w, 0, spec.tolerations);
    writeTopologySpread(w, 0, spec.topologySpreadConstraints);
    if (!context.showEvents) return;
    const { name, namespace = '', uid = '', annotations } = object.metadata;
    const events = await searchEvents(context, { name, namespace, uid: annotations?.[mirrorAnnotation] ?? uid });
    if (events) writeEventTable(w, events, context.now);
  },
});

function writeIdentity(w: DescriptionWriter, { metadata, spec, status }: Live<IPod>): void {
  w.field(0, 'Name', metadata.name);
  w.field(0, 'Namespace', metadata.namespace ?? '');
  if (spec.priority !== undefined) w.field(0, 'Priority', spec.priority);
  if (spec.priorityClassName) w.field(0, 'Priority Class Name', spec.priorityClassName);
  if (spec.runtimeClassName) w.field(0, 'Runtime Class Name', spec.runtimeClassName);
  if (spec.serviceAccountName) w.field(0, 'Service Account', spec.serviceAccountName);
  w.field(0, 'Node', spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>');
  if (status.startTime) w.field(0, 'Start Time', formatTime(status.startTime));
  writeMetadata(w, metadata);
}

function writeState(w: DescriptionWriter, { metadata, spec, status }: Live<IPod>, context: DescribeContext): void {
  if (metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    w.field(0, 'Status', `Terminating (lasts ${ageSince(metadata.deletionTimestamp, context.now)})`);
    w.field(0, 'Termination Grace Period', `${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else w.field(0, 'Status', status.phase ?? '');
  if (status.reason) w.field(0, 'Reason', status.reason);
  if (status.message) w.field(0, 'Message', status.message);
  const seccomp = spec.securityContext?.seccompProfile;
  if (seccomp) {
    w.field(0, 'SeccompProfile', seccomp.type);
    if (seccomp.type === 'Localhost') w.field(0, 'LocalhostProfile', seccomp.localhostProfile ?? '');
  }
  w.field(0, 'IP', status.podIP ?? '');
  const addresses = status.podIPs ?? [];
  w.line(0, addresses.length === 0 ? 'IPs:\t<none>' : 'IPs:');
  for (const { ip } of addresses) w.field(1, 'IP', ip);
  const owner = controlledBy(metadata);
  if (owner) w.field(0, 'Controlled By', owner);
  if (status.nominatedNodeName) w.field(0, 'NominatedNodeName', status.nominatedNodeName);
  if (spec.resources) {
    w.line(0, 'Resources:');
    writeResources(w, 1, spec.resources);
  }
}

function writeAllContainers(w: DescriptionWriter, pod: Live<IPod>): void {
  const { spec, status } = pod;
  if (spec.initContainers?.length)
    writeContainers(w, {
      title: 'Init Containers',
      containers: spec.initContainers,
      statuses: status.initContainerStatuses,
      pod,
    });
  writeContainers(w, { title: 'Containers', containers: spec.containers, statuses: status.containerStatuses, pod });
  if (spec.ephemeralContainers?.length)
    writeContainers(w, {
      title: 'Ephemeral Containers',
      containers: spec.ephemeralContainers as readonly IContainer[],
      statuses: status.ephemeralContainerStatuses,
      pod,
    });
}

/** Here, and only here, the tables have no line under their header, and a blank after each cell. */
function writeConditions(w: DescriptionWriter, { spec, status }: Live<IPod>): void {
  const conditions = status.conditions ?? [];
  if (spec.readinessGates?.length) {
    w.line(0, 'Readiness Gates:');
    w.row(1, 'Type', 'Status');
    for (const { conditionType } of spec.readinessGates) {
      const condition = conditions.find((c) => c.type === conditionType);
      w.row(1, `${conditionType} `, `${condition?.status ?? '<none>'} `);
    }
  }
  if (conditions.length === 0) return;
  w.line(0, 'Conditions:');
  w.row(1, 'Type', 'Status');
  for (const condition of conditions) w.row(1, `${condition.type} `, `${condition.status} `);
}
