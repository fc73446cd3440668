import type { ContainerStatus, PodFields, TopologyObject } from '../objects.ts';
import { messageOf, namespaceFlag, newestEvent, type Cause, type ObjectSource } from './cause.ts';
import { whyUnscheduled } from './scheduling.ts';

/** Why a Pod is in the state it is in, from the outermost cause to the innermost. */
export function whyPod(pod: TopologyObject, objects: ObjectSource): Cause[] {
  const { spec, status } = pod as unknown as PodFields;
  const describe = `kubectl describe pod ${pod.metadata.name}${namespaceFlag(pod)}`;
  if (pod.metadata.deletionTimestamp)
    return [{ code: 'pod_leaving', params: {}, command: describe }, ...whyNode(spec.nodeName, objects)];
  if (spec.nodeName === undefined) return whyUnscheduled(pod, objects, describe);
  const nodeCause = whyNode(spec.nodeName, objects);
  if (nodeCause.length > 0) return nodeCause;
  const initializing = (status.initContainerStatuses ?? []).find(
    (c) => c.state?.terminated?.exitCode !== 0 && !c.ready,
  );
  if (initializing && (initializing.state?.waiting?.reason !== 'PodInitializing' || status.phase === 'Pending')) {
    const inner = whyContainer(initializing, pod, objects, describe);
    return [{ code: 'init_container_waits', params: { container: initializing.name }, command: describe }, ...inner];
  }
  const causes = (status.containerStatuses ?? []).flatMap((c) => whyContainer(c, pod, objects, describe));
  if (causes.length > 0) return causes;
  if (status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'))
    return [{ code: 'pod_ready', params: {} }];
  const starting: Cause = { code: 'pod_starting', params: {}, command: describe };
  const mount = messageOf(newestEvent(objects, 'Pod', pod, ['FailedMount', 'FailedAttachVolume']));
  return mount === undefined ? [starting] : [starting, ...missingIn(mount, describe, 'volume_waits')];
}

function whyNode(name: string | undefined, objects: ObjectSource): Cause[] {
  if (name === undefined) return [];
  const node = objects('/nodes').find((n) => n.metadata.name === name);
  const conditions = (node?.status?.conditions ?? []) as { type: string; status: string; message?: string }[];
  const ready = conditions.find((c) => c.type === 'Ready');
  if (!ready || ready.status === 'True') return [];
  return [
    {
      code: 'node_not_ready',
      params: { node: name },
      evidence: ready.message,
      command: `kubectl describe node ${name}`,
      next: { resource: '/nodes', key: name },
    },
  ];
}

const probeReason = 'Unhealthy';

function whyContainer(
  container: ContainerStatus,
  pod: TopologyObject,
  objects: ObjectSource,
  describe: string,
): Cause[] {
  const { spec } = pod as unknown as PodFields;
  const params = {
    container: container.name,
    image: spec.containers.find((c) => c.name === container.name)?.image ?? '',
  };
  const { waiting, terminated } = container.state ?? {};
  const logs = `kubectl logs ${pod.metadata.name} -c ${container.name}${namespaceFlag(pod)}`;
  switch (waiting?.reason) {
    case undefined:
      break;
    case 'ErrImagePull':
    case 'ImagePullBackOff': {
      const evidence = waiting.message ?? messageOf(newestEvent(objects, 'Pod', pod, ['Failed']));
      return [{ code: imageCause(evidence ?? ''), params, evidence, command: describe }];
    }
    case 'InvalidImageName':
      return [{ code: 'image_invalid_name', params, evidence: waiting.message, command: describe }];
    case 'CreateContainerConfigError':
      return [
        { code: 'container_config_missing', params, evidence: waiting.message, command: describe },
        ...missingIn(waiting.message ?? '', describe),
      ];
    case 'CreateContainerError':
    case 'RunContainerError':
      return [{ code: 'container_command_missing', params, evidence: waiting.message, command: describe }];
    case 'CrashLoopBackOff': {
      const last = container.lastState?.terminated;
      if (last?.reason === 'OOMKilled') return [{ code: 'container_oom_killed', params, command: describe }];
      if (last?.reason === 'StartError' || last?.reason === 'ContainerCannotRun')
        return [{ code: 'container_command_missing', params, command: describe }];
      return [
        {
          code: 'container_crashes',
          params: { ...params, exit: last?.exitCode ?? '?', restarts: container.restartCount },
          command: `${logs} --previous`,
        },
      ];
    }
    default:
      return [];
  }
  if (terminated) {
    if (terminated.exitCode === 0) return [{ code: 'container_completed', params, command: logs }];
    if (terminated.reason === 'OOMKilled') return [{ code: 'container_oom_killed', params, command: describe }];
    return [
      {
        code: 'container_crashes',
        params: { ...params, exit: terminated.exitCode ?? '?', restarts: container.restartCount },
        command: logs,
      },
    ];
  }
  if (container.state?.running && !container.ready) {
    const evidence = messageOf(newestEvent(objects, 'Pod', pod, [probeReason]));
    return [{ code: evidence ? 'container_probe_fails' : 'container_not_ready', params, evidence, command: describe }];
  }
  return [];
}

/** Which object a message of the kubelet misses. */
function missingIn(message: string, command: string, otherwise?: Cause['code']): Cause[] {
  const key = /couldn't find key (\S+) in (ConfigMap|Secret) (?:\S+\/)?(\S+)/i.exec(message);
  if (key) return [{ code: 'config_key_missing', params: { key: key[1]!, kind: key[2]!, name: key[3]! }, command }];
  const named = /(configmap|secret) "([^"]+)" not found/i.exec(message);
  if (named) {
    const name = named[2]!.slice(named[2]!.indexOf('/') + 1);
    const isSecret = named[1]!.toLowerCase() === 'secret';
    return [
      {
        code: isSecret ? 'secret_missing' : 'configmap_missing',
        params: { name },
        command: `kubectl get ${isSecret ? 'secrets' : 'configmaps'}`,
      },
    ];
  }
  return otherwise ? [{ code: otherwise, params: {}, evidence: message, command }] : [];
}

function imageCause(message: string): Cause['code'] {
  if (/not found|manifest unknown/i.test(message)) return 'image_not_found';
  if (/pull access denied|unauthorized|authorization failed|denied/i.test(message)) return 'image_denied';
  return 'image_pull_failed';
}
