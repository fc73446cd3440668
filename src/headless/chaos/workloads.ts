import { refs, type KubeObject, type ResourceRef } from '../../engine/kubernetes/types.ts';
import type { ChaosRoom } from './machine-room.ts';

/** Marks Pod templates whose image does not exist; healing looks for it. */
export const brokenImage = 'nginx:no-such-tag';
const goodImages = ['nginx:1.27', 'nginx:1.26', 'nginx:1.25'];

/** Kinds with a Pod template and replicas that people change. */
export const templated = [
  refs.deployments,
  refs.replicaSets,
  refs.statefulSets,
  refs.daemonSets,
  refs.replicationControllers,
] as const;
export const scalable = [refs.deployments, refs.replicaSets, refs.statefulSets, refs.replicationControllers] as const;

export function image(room: ChaosRoom): string {
  return room.chance(0.15) ? brokenImage : room.dice.pick(goodImages);
}

function template(room: ChaosRoom, labels: object, more: object = {}): object {
  const container = {
    name: 'app',
    image: image(room),
    ...(room.chance(0.6) ? { resources: { requests: { cpu: '100m', memory: '64Mi' } } } : undefined),
    ...(room.chance(0.3)
      ? { readinessProbe: { httpGet: { port: 80 }, periodSeconds: 2 + room.dice.int(5) } }
      : undefined),
    ...(room.chance(0.2) ? { livenessProbe: { tcpSocket: { port: 80 } } } : undefined),
    ...(room.chance(0.1) ? { lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } } } : undefined),
  };
  return { metadata: { labels }, spec: { containers: [container], ...placement(room, labels), ...more } };
}

/** Wishes about nodes that can always be met by three of the four workers. */
function placement(room: ChaosRoom, labels: object): object {
  const roll = room.dice.float();
  const topology = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } };
  if (roll < 0.1)
    return { topologySpreadConstraints: [{ ...topology, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }] };
  if (roll < 0.2) {
    const preferred = [{ weight: 50, podAffinityTerm: topology }];
    return { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } };
  }
  if (roll < 0.3) return { terminationGracePeriodSeconds: room.dice.int(5) };
  return {};
}

function replicated(room: ChaosRoom, apiVersion: string, kind: string, namespace: string, more: object = {}): object {
  const name = room.name(kind.toLowerCase());
  const labels = { app: name, tier: room.dice.pick(['front', 'back']) };
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels },
    spec: {
      replicas: room.dice.int(8),
      selector: kind === 'ReplicationController' ? { app: name } : { matchLabels: { app: name } },
      template: template(room, labels),
      ...more,
    },
  };
}

function deployment(room: ChaosRoom, namespace: string): void {
  const surge = room.dice.pick([0, 1, '25%', '100%']);
  const strategy = room.chance(0.2)
    ? { type: 'Recreate' }
    : { rollingUpdate: { maxSurge: surge, maxUnavailable: surge === 0 ? 1 : room.dice.pick([0, 1, '50%']) } };
  const more = {
    strategy,
    minReadySeconds: room.dice.pick([0, 0, 5]),
    revisionHistoryLimit: room.dice.pick([0, 2, 10]),
    progressDeadlineSeconds: room.dice.pick([60, 600]),
  };
  room.create(refs.deployments, replicated(room, 'apps/v1', 'Deployment', namespace, more));
}

function replicaSet(room: ChaosRoom, namespace: string): void {
  room.create(refs.replicaSets, replicated(room, 'apps/v1', 'ReplicaSet', namespace));
}

function replicationController(room: ChaosRoom, namespace: string): void {
  room.create(refs.replicationControllers, replicated(room, 'v1', 'ReplicationController', namespace));
}

function statefulSet(room: ChaosRoom, namespace: string): void {
  const claims = room.chance(0.5);
  const name = room.name('sts');
  const labels = { app: name };
  const mount = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const made = template(room, labels) as { metadata: object; spec: { containers: object[] } };
  if (claims) made.spec.containers = made.spec.containers.map((container) => ({ ...container, ...mount }));
  const retained = () => room.dice.pick(['Retain', 'Delete']);
  room.create(refs.statefulSets, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace },
    spec: {
      replicas: room.dice.int(5),
      serviceName: name,
      selector: { matchLabels: labels },
      template: made,
      podManagementPolicy: room.dice.pick(['OrderedReady', 'Parallel']),
      minReadySeconds: room.dice.pick([0, 0, 3]),
      ...(room.chance(0.2) ? { ordinals: { start: 5 } } : undefined),
      updateStrategy: room.chance(0.2)
        ? { type: 'OnDelete' }
        : { type: 'RollingUpdate', rollingUpdate: { partition: room.dice.pick([0, 0, 1]) } },
      ...(claims
        ? {
            persistentVolumeClaimRetentionPolicy: { whenDeleted: retained(), whenScaled: retained() },
            volumeClaimTemplates: [
              {
                metadata: { name: 'data' },
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            ],
          }
        : undefined),
    },
  });
}

function daemonSet(room: ChaosRoom, namespace: string): void {
  const name = room.name('ds');
  const surge = room.chance(0.3);
  room.create(refs.daemonSets, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: template(room, { app: name }),
      updateStrategy: room.chance(0.2)
        ? { type: 'OnDelete' }
        : {
            rollingUpdate: surge ? { maxSurge: 1, maxUnavailable: 0 } : { maxUnavailable: room.dice.pick([1, '50%']) },
          },
      minReadySeconds: room.dice.pick([0, 0, 4]),
    },
  });
}

function jobSpec(room: ChaosRoom): object {
  const script = room.dice.pick(['true', 'sleep 5', 'sleep 60', 'sleep 2; exit 1', 'exit 3']);
  const completions = 1 + room.dice.int(5);
  const indexed = room.chance(0.3);
  const perIndex = indexed && room.chance(0.4);
  return {
    completions,
    parallelism: 1 + room.dice.int(3),
    backoffLimit: room.dice.int(3),
    ...(indexed ? { completionMode: 'Indexed' } : undefined),
    ...(perIndex ? { backoffLimitPerIndex: 1, backoffLimit: 2_147_483_647 } : undefined),
    ...(room.chance(0.2) ? { ttlSecondsAfterFinished: room.dice.int(60) } : undefined),
    ...(room.chance(0.1) ? { activeDeadlineSeconds: 30 } : undefined),
    ...(room.chance(0.2) ? { suspend: true } : undefined),
    ...(room.chance(0.2) ? { podReplacementPolicy: 'Failed' } : undefined),
    template: {
      spec: {
        restartPolicy: perIndex ? 'Never' : room.dice.pick(['Never', 'OnFailure']),
        containers: [{ name: 'work', image: 'busybox:1.36', command: ['sh', '-c', script] }],
      },
    },
  };
}

function job(room: ChaosRoom, namespace: string): void {
  const metadata = { name: room.name('job'), namespace };
  room.create(refs.jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: jobSpec(room) });
}

function cronJob(room: ChaosRoom, namespace: string): void {
  room.create(refs.cronJobs, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: room.name('cron'), namespace },
    spec: {
      schedule: room.dice.pick(['* * * * *', '*/2 * * * *', '*/5 * * * *']),
      concurrencyPolicy: room.dice.pick(['Allow', 'Forbid', 'Replace']),
      successfulJobsHistoryLimit: room.dice.int(3),
      failedJobsHistoryLimit: room.dice.int(2),
      jobTemplate: { spec: jobSpec(room) },
    },
  });
}

function barePod(room: ChaosRoom, namespace: string): void {
  const name = room.name('pod');
  const { spec } = template(room, {}) as { spec: object };
  room.create(refs.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { app: name } }, spec });
}

function service(room: ChaosRoom, namespace: string): void {
  const target = room.any(templated.flatMap((ref) => room.list(ref as ResourceRef<KubeObject>, namespace)));
  room.create(refs.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: room.name('svc'), namespace },
    spec: {
      selector: target && room.chance(0.8) ? { app: target.metadata.name } : { tier: 'front' },
      ports: [{ port: 80 }],
      ...(room.chance(0.2) ? { clusterIP: 'None' } : undefined),
      ...(room.chance(0.1) ? { publishNotReadyAddresses: true } : undefined),
    },
  });
}

function budget(room: ChaosRoom, namespace: string): void {
  const target = room.any(templated.flatMap((ref) => room.list(ref as ResourceRef<KubeObject>, namespace)));
  if (!target) return;
  room.create(refs.podDisruptionBudgets, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: room.name('pdb'), namespace },
    spec: {
      selector: { matchLabels: { app: target.metadata.name } },
      ...(room.chance(0.5) ? { minAvailable: 1 } : { maxUnavailable: '50%' }),
    },
  });
}

function quota(room: ChaosRoom, namespace: string): void {
  room.create(refs.resourceQuotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: room.name('quota'), namespace },
    spec: { hard: { pods: String(3 + room.dice.int(20)), persistentvolumeclaims: '8', services: '6' } },
  });
}

function claim(room: ChaosRoom, namespace: string): void {
  const name = room.name('claim');
  room.create(refs.persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  if (room.chance(0.3)) return;
  const user = room.name('user');
  room.create(refs.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: user, namespace, labels: { app: user } },
    spec: {
      containers: [{ name: 'app', image: 'nginx:1.27', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: name } }],
    },
  });
}

/** What people create, with how often they do. */
export const creations: readonly (readonly [number, (room: ChaosRoom, namespace: string) => void])[] = [
  [5, deployment],
  [2, replicaSet],
  [1, replicationController],
  [4, statefulSet],
  [2, daemonSet],
  [4, job],
  [2, cronJob],
  [3, barePod],
  [4, service],
  [2, budget],
  [1, quota],
  [2, claim],
];
