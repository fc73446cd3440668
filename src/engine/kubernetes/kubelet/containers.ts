import type { NetworkNamespace } from '../../network/index.ts';
import type { PidNamespace } from '../../process/index.ts';
import { Container as RuntimeContainer, type ContainerStreams, type StoredImage } from '../../runtime/index.ts';
import { toBytes, type FileSystem } from '../../world/index.ts';
import type { Pod } from '../types.ts';
import { ConfigError, expand, makeEnvironment } from './env.ts';
import type { NodeContext } from './node-context.ts';
import { containerLimits } from './resources.ts';
import { resolvConfBytes } from './resolv-conf.ts';
import { formatPod, type ContainerSpec } from './types.ts';
import type { PodVolumes } from './volumes.ts';

/** A Pod's hold on the network. */
export interface Sandbox {
  net: NetworkNamespace;
  ip: string;
  hostNetwork: boolean;
  /** The Pod's own PID namespace, if its containers share one, or the node's. */
  pids?: PidNamespace;
}

/**
 * The container that a Pod's spec asks for, made but not started.
 * @throws ConfigError, MountError, RuntimeError
 */
export function makeContainer(
  node: NodeContext,
  pod: Pod,
  spec: ContainerSpec,
  image: StoredImage,
  sandbox: Sandbox,
  volumes: PodVolumes,
  pids = sandbox.pids,
): RuntimeContainer {
  const env = makeEnvironment(pod, spec, { client: node.client, node: node.node, podIP: sandbox.ip });
  const fill = (text: string) => expand(text, (name) => env.get(name));
  const security = { ...pod.spec.securityContext, ...spec.securityContext } as {
    runAsUser?: number;
    runAsGroup?: number;
    runAsNonRoot?: boolean;
    readOnlyRootFilesystem?: boolean;
  };
  const user = security.runAsUser ?? image.image.config.user?.split(':')[0] ?? '';
  if (security.runAsNonRoot && /^(0|root|)$/.test(String(user)))
    throw new ConfigError(
      security.runAsUser === 0
        ? `container's runAsUser breaks non-root policy (pod: "${formatPod(pod)}", container: ${spec.name})`
        : `container has runAsNonRoot and image will run as root (pod: "${formatPod(pod)}", container: ${spec.name})`,
    );
  const group = security.runAsGroup;
  const hostname = pod.spec.hostNetwork ? node.node.name : (pod.spec.hostname ?? pod.metadata.name);
  node.images.used(image.image.id);
  const container = new RuntimeContainer({
    world: node.world,
    network: node.network,
    programs: node.programs,
    id: node.random.hex(64),
    image: image.image,
    hostname: hostname.slice(0, 63),
    net: sandbox.net,
    ...(spec.command ? { entrypoint: spec.command.map(fill) } : undefined),
    ...(spec.args ? { cmd: spec.args.map(fill) } : undefined),
    env,
    ...(spec.workingDir ? { workingDir: spec.workingDir } : undefined),
    ...(security.runAsUser === undefined
      ? undefined
      : { user: group === undefined ? String(security.runAsUser) : `${security.runAsUser}:${group}` }),
    mounts: [...etcFiles(node, pod, sandbox.ip, hostname), ...volumes.mountsOf(pod, spec, fill)],
    ...(security.readOnlyRootFilesystem ? { readOnlyRoot: true } : undefined),
    limits: containerLimits(spec),
    host: node.resources,
    ...(spec.stdin || spec.tty ? { streams: streamsOf(spec) } : undefined),
    ...(pids ? { pids } : undefined),
  });
  container.machine.fs.watch(node.storageChanged);
  if (pids) showRoots(container, pids);
  return container;
}

function streamsOf({ stdin, stdinOnce, tty }: ContainerSpec): ContainerStreams {
  return {
    ...(stdin ? { openStdin: true } : undefined),
    ...(stdinOnce ? { stdinOnce } : undefined),
    ...(tty ? { tty } : undefined),
  };
}

/** `/proc/PID/root`: the files of the other containers whose processes one sees. */
function showRoots({ machine }: RuntimeContainer, pids: PidNamespace): void {
  if (machine.fs.readOnly) return;
  const shown = new Set<FileSystem>();
  for (const [pid, process] of pids.table) {
    const { fs } = process.machine;
    if (shown.has(fs)) continue;
    shown.add(fs);
    machine.fs.mount(`/proc/${pid}/root`, fs);
  }
}

/** /etc/hosts, /etc/hostname and /etc/resolv.conf as the kubelet manages them. */
function etcFiles(node: NodeContext, pod: Pod, ip: string, hostname: string) {
  const { clusterDomain, world } = node;
  const { metadata, spec } = pod;
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::\tip6-localnet',
    'fe00::\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${ip}\t${spec.subdomain ? `${hostname}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}\t` : ''}${hostname}`,
  ];
  if (spec.hostAliases && spec.hostAliases.length > 0) {
    lines.push('', '# Entries added by HostAliases.');
    for (const alias of spec.hostAliases) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`);
  }
  const now = world.clock.now();
  const file = (path: string, content: string | Uint8Array) => ({
    path,
    node: { type: 'file', data: toBytes(content), mode: 0o644, uid: 0, gid: 0, mtime: now } as const,
  });
  return [
    file('/etc/hosts', `${lines.join('\n')}\n`),
    file('/etc/hostname', `${hostname}\n`),
    file('/etc/resolv.conf', resolvConfBytes(node, pod)),
  ];
}

/** The name under which the runtime reports an image: the one it was pulled by. */
export function imageName(stored: StoredImage, asked: string): string {
  return (
    stored.tags.find((tag) => tag.endsWith(`/${asked}`) || tag === asked || tag.endsWith(`/${asked}:latest`)) ??
    stored.tags[0] ??
    stored.image.id
  );
}

/** Bytes and lines that a termination message has at most. */
const messageLimit = { file: 4096, log: 2048, lines: 80 };

/** What a container leaves as its last words: its termination log, or if that is wanted the end of its log. */
export function terminationMessage(container: RuntimeContainer, spec: ContainerSpec): string | undefined {
  const { fs } = container.machine;
  const node = fs.lookup(spec.terminationMessagePath ?? '/dev/termination-log');
  const text = node?.type === 'file' ? new TextDecoder().decode(node.data).slice(0, messageLimit.file) : '';
  if (text !== '') return text;
  if (spec.terminationMessagePolicy !== 'FallbackToLogsOnError' || container.exitCode === 0) return undefined;
  const lines = container.log.lines().slice(-messageLimit.lines);
  const tail = lines.map((line) => new TextDecoder().decode(line.data)).join('');
  return tail === '' ? undefined : tail.slice(-messageLimit.log);
}
