import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IContainerState } from 'kubernetes-models/v1/ContainerState';
import type { IContainerStatus } from 'kubernetes-models/v1/ContainerStatus';
import type { IEnvVar } from 'kubernetes-models/v1/EnvVar';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IProbe } from 'kubernetes-models/v1/Probe';
import type { IResourceRequirements } from 'kubernetes-models/v1/ResourceRequirements';
import { compareStrings, formatValue, quote } from '../../../gotemplate/index.ts';
import { containerResource } from './container-resource.ts';
import type { Live } from './describer.ts';
import { formatBool, formatTime, joinHostPort, sortedEntries } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

export interface ContainerSection {
  title: string;
  containers: readonly IContainer[];
  statuses?: readonly IContainerStatus[];
  /** Whose fields environment variables may show; templates have none. */
  pod?: Live<IPod>;
  /** Pod templates indent the section once more. */
  nested?: boolean;
}

export function writeContainers(w: DescriptionWriter, section: ContainerSection): void {
  const { title, containers, statuses = [], pod, nested } = section;
  w.line(0, `${nested ? '  ' : ''}${title}:${containers.length === 0 ? ' <none>' : ''}`);
  for (const container of containers) {
    const status = statuses.find((s) => s.name === container.name);
    w.line(1, `${nested ? ' ' : ''}${container.name}:`);
    writeBasics(w, container, status);
    writeCommand(w, 'Command', container.command);
    writeCommand(w, 'Args', container.args);
    if (status) writeStatus(w, status);
    writeResources(w, 2, container.resources);
    if (container.livenessProbe) w.field(2, 'Liveness', probeText(container.livenessProbe));
    if (container.readinessProbe) w.field(2, 'Readiness', probeText(container.readinessProbe));
    if (container.startupProbe) w.field(2, 'Startup', probeText(container.startupProbe));
    writeEnvironmentSources(w, container);
    writeEnvironment(w, container, pod);
    writeMounts(w, container);
  }
}

function writeBasics(w: DescriptionWriter, container: IContainer, status: IContainerStatus | undefined): void {
  if (status) w.field(2, 'Container ID', status.containerID ?? '');
  w.field(2, 'Image', container.image ?? '');
  if (status) w.field(2, 'Image ID', status.imageID ?? '');
  writePorts(w, 'Port', container, (port) => port.containerPort);
  writePorts(w, 'Host Port', container, (port) => port.hostPort ?? 0);
  const seccomp = container.securityContext?.seccompProfile;
  if (!seccomp) return;
  w.field(2, 'SeccompProfile', seccomp.type);
  if (seccomp.type === 'Localhost') w.field(3, 'LocalhostProfile', seccomp.localhostProfile ?? '');
}

type ContainerPort = NonNullable<IContainer['ports']>[number];

function writePorts(
  w: DescriptionWriter,
  title: string,
  container: IContainer,
  pick: (port: ContainerPort) => number,
): void {
  const texts = (container.ports ?? []).map((port) => {
    const text = `${pick(port)}/${port.protocol ?? 'TCP'}`;
    return port.name ? `${text} (${port.name})` : text;
  });
  w.field(2, texts.length > 1 ? `${title}s` : title, texts.join(', ') || '<none>');
}

function writeCommand(w: DescriptionWriter, title: string, words: readonly string[] | undefined): void {
  if (!words?.length) return;
  w.line(2, `${title}:`);
  for (const line of words.flatMap((word) => word.split('\n'))) w.line(3, line);
}

function writeStatus(w: DescriptionWriter, status: IContainerStatus): void {
  writeState(w, 'State', status.state);
  if (status.lastState?.terminated) writeState(w, 'Last State', status.lastState);
  w.field(2, 'Ready', formatBool(status.ready));
  w.field(2, 'Restart Count', status.restartCount);
}

function writeState(w: DescriptionWriter, title: string, state: IContainerState | undefined): void {
  if (state?.running) {
    w.field(2, title, 'Running');
    w.field(3, 'Started', formatTime(state.running.startedAt));
  } else if (state?.waiting) {
    w.field(2, title, 'Waiting');
    if (state.waiting.reason) w.field(3, 'Reason', state.waiting.reason);
  } else if (state?.terminated) {
    const { reason, message, exitCode, signal, startedAt, finishedAt } = state.terminated;
    w.field(2, title, 'Terminated');
    if (reason) w.field(3, 'Reason', reason);
    if (message) w.field(3, 'Message', message);
    w.field(3, 'Exit Code', exitCode);
    if (signal) w.field(3, 'Signal', signal);
    w.field(3, 'Started', formatTime(startedAt));
    w.field(3, 'Finished', formatTime(finishedAt));
  } else w.field(2, title, 'Waiting');
}

export function writeResources(
  w: DescriptionWriter,
  level: number,
  resources: IResourceRequirements | undefined,
): void {
  for (const [title, list] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const entries = sortedEntries(list);
    if (entries.length > 0) w.line(level, `${title}:`);
    for (const [name, quantity] of entries) w.field(level + 1, name, quantity);
  }
}

/** `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3`. */
export function probeText(probe: IProbe): string {
  const numbers =
    `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 0}s period=${probe.periodSeconds ?? 0}s ` +
    `#success=${probe.successThreshold ?? 0} #failure=${probe.failureThreshold ?? 0}`;
  if (probe.exec) return `exec ${formatValue(probe.exec.command ?? [])} ${numbers}`;
  if (probe.httpGet) {
    const { scheme = '', host = '', port, path = '' } = probe.httpGet;
    const address = String(port) === '' ? host : joinHostPort(host, String(port));
    const url = `${scheme.toLowerCase()}://${address}${path === '' || path.startsWith('/') ? '' : '/'}${encodePath(path)}`;
    return `http-get ${url} ${numbers}`;
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${numbers}`;
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${numbers}`;
  return `unknown ${numbers}`;
}

/** url.URL escapes what a path may not have, a question mark included. */
function encodePath(path: string): string {
  return encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
}

function writeEnvironmentSources(w: DescriptionWriter, container: IContainer): void {
  if (!container.envFrom?.length) return;
  w.line(2, 'Environment Variables from:');
  for (const { configMapRef, secretRef, prefix } of container.envFrom) {
    const from = configMapRef ? 'ConfigMap' : secretRef ? 'Secret' : '';
    const reference = configMapRef ?? secretRef;
    const source = prefix ? `${from} with prefix '${prefix}'` : from;
    w.row(3, reference?.name ?? '', source, `Optional: ${reference?.optional ?? false}`);
  }
}

function writeEnvironment(w: DescriptionWriter, container: IContainer, pod: Live<IPod> | undefined): void {
  const env = container.env ?? [];
  w.line(2, `Environment:${env.length === 0 ? '\t<none>' : ''}`);
  for (const variable of env) {
    const { name, value = '', valueFrom } = variable;
    if (!valueFrom) {
      value.split('\n').forEach((line, i) => w.line(3, i === 0 ? `${name}:\t${line}` : `\t${line}`));
    } else if (valueFrom.fieldRef) {
      const { apiVersion = 'v1', fieldPath } = valueFrom.fieldRef;
      w.field(3, name, `${pod ? podField(pod, fieldPath) : ''} (${apiVersion}:${fieldPath})`);
    } else if (valueFrom.resourceFieldRef) {
      const { resource } = valueFrom.resourceFieldRef;
      const amount = containerResource(valueFrom.resourceFieldRef, container);
      const isOpen = amount === '0' && (resource === 'limits.cpu' || resource === 'limits.memory');
      w.field(3, name, `${isOpen ? 'node allocatable' : amount} (${resource})`);
    } else writeKeyReference(w, variable);
  }
}

function writeKeyReference(w: DescriptionWriter, { name, valueFrom }: IEnvVar): void {
  const secret = valueFrom?.secretKeyRef;
  const map = valueFrom?.configMapKeyRef;
  if (secret)
    w.row(
      3,
      `${name}:`,
      `<set to the key '${secret.key}' in secret '${secret.name}'>`,
      `Optional: ${secret.optional ?? false}`,
    );
  else if (map)
    w.row(
      3,
      `${name}:`,
      `<set to the key '${map.key}' of config map '${map.name}'>`,
      `Optional: ${map.optional ?? false}`,
    );
}

/** What the downward API gives for a path, where it needs no kubelet; else ''. */
function podField(pod: Live<IPod>, path: string): string {
  const { name, namespace = '', uid = '', labels = {}, annotations = {} } = pod.metadata;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return (subscript[1] === 'labels' ? labels : annotations)[subscript[2]!] ?? '';
  const map = (entries: Readonly<Record<string, string>>) =>
    sortedEntries(entries)
      .map(([key, value]) => `${key}=${quote(value)}`)
      .join('\n');
  switch (path) {
    case 'metadata.name':
      return name;
    case 'metadata.namespace':
      return namespace;
    case 'metadata.uid':
      return uid;
    case 'metadata.labels':
      return map(labels);
    case 'metadata.annotations':
      return map(annotations);
    default:
      return '';
  }
}

function writeMounts(w: DescriptionWriter, container: IContainer): void {
  const mounts = [...(container.volumeMounts ?? [])].sort((a, b) => compareStrings(a.mountPath, b.mountPath));
  const none = mounts.length === 0 ? '\t<none>' : '';
  w.line(2, `Mounts:${none}`);
  for (const { mountPath, name, readOnly, subPath } of mounts) {
    const flags = [readOnly ? 'ro' : 'rw', ...(subPath ? [`path=${quote(subPath)}`] : [])];
    w.line(3, `${mountPath} from ${name} (${flags.join(',')})`);
  }
  const devices = [...(container.volumeDevices ?? [])].sort((a, b) => compareStrings(a.devicePath, b.devicePath));
  if (devices.length === 0) return;
  w.line(2, `Devices:${none}`);
  for (const { devicePath, name } of devices) w.line(3, `${devicePath} from ${name}`);
}
