import { rfc3339, rfc3339Micro, versions, type Timer, type World } from '../../world/index.ts';
import type { StoredImage } from '../../runtime/index.ts';
import { ApiError, type Client } from '../client.ts';
import { refs, type Node } from '../types.ts';
import type { PressureCondition } from './eviction/thresholds.ts';

/** What a node tells of itself, apart from time. */
export interface NodeDescription {
  name: string;
  ip: string;
  /** e.g. `{ cpu: '8', memory: '16000Mi', pods: '110', 'ephemeral-storage': '…' }`. */
  capacity: Readonly<Record<string, string>>;
  machineID: string;
  systemUUID: string;
}

/** Ms between two renewals of the Lease, and between two reports of an unchanged status. */
const leasePeriod = 10_000;
const reportPeriod = 300_000;
/** Images that the status lists at most. */
const maxImages = 50;

/** Keeps the Node object's status and its Lease up to date while the node is on. */
export class NodeStatusReporter {
  readonly #world: World;
  readonly #client: Client;
  readonly #description: NodeDescription;
  readonly #images: () => readonly StoredImage[];
  #bootID: string;
  /** Conditions of this kind that are true. */
  pressure: ReadonlySet<PressureCondition> = new Set();
  #lease: Timer | undefined;
  #on = false;
  #report: Timer | undefined;

  constructor(
    world: World,
    client: Client,
    description: NodeDescription,
    images: () => readonly StoredImage[],
    bootID: string,
  ) {
    this.#world = world;
    this.#client = client;
    this.#description = description;
    this.#images = images;
    this.#bootID = bootID;
  }

  /** Begins to report. @param offset ms until the first renewal, so that nodes don't all report at once */
  start(offset: number): void {
    this.stop();
    this.#on = true;
    this.#lease = this.#world.queue.after(offset, () => this.#renew());
    this.#report = this.#world.queue.after(reportPeriod, () => this.report());
  }

  stop(): void {
    this.#on = false;
    this.#lease?.cancel();
    this.#report?.cancel();
  }

  set bootID(id: string) {
    this.#bootID = id;
  }

  #renew(): void {
    this.#lease = this.#world.queue.after(leasePeriod, () => this.#renew());
    this.renewLease();
  }

  /** Writes the Lease now. */
  renewLease(): void {
    const leases = this.#client.resource(refs.leases);
    const { name } = this.#description;
    const renewTime = rfc3339Micro(this.#world.clock.now());
    const stored = leases.get('kube-node-lease', name);
    try {
      if (stored) leases.update({ ...stored, spec: { ...stored.spec, renewTime } });
      else {
        const node = this.#client.resource(refs.nodes).get(undefined, name);
        if (!node) return;
        leases.create({
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: {
            name,
            namespace: 'kube-node-lease',
            ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }],
          },
          spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
        } as Parameters<typeof leases.create>[0]);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** Something in the status has changed: it is written with the next look, within ten seconds. */
  changed(): void {
    const due = this.#world.queue.now + leasePeriod;
    if (!this.#report || this.#report.due <= due) return;
    this.#report.cancel();
    if (this.#on) this.#report = this.#world.queue.at(due, () => this.report());
  }

  /** Writes the status now. */
  report(): void {
    this.#report?.cancel();
    // What is written before the start is written once: a machine that is off later says nothing.
    if (this.#on) this.#report = this.#world.queue.after(reportPeriod, () => this.report());
    const nodes = this.#client.resource(refs.nodes);
    const stored = nodes.get(undefined, this.#description.name);
    if (!stored) return;
    try {
      nodes.update({ ...stored, status: this.status(stored) }, 'status');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** The status as of now; times of transition stay where the condition did. */
  status(stored: { status?: Node['status'] }): Node['status'] {
    const { name, ip, capacity, machineID, systemUUID } = this.#description;
    const now = rfc3339(this.#world.clock.now());
    const old = stored.status?.conditions ?? [];
    const own = [
      ...pressures.map(([type, yes, no]) =>
        this.pressure.has(type) ? condition(type, 'True', ...yes) : condition(type, 'False', ...no),
      ),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ].map((c) => {
      const before = old.find((o) => o.type === c.type);
      const lastTransitionTime = before?.status === c.status ? (before.lastTransitionTime ?? now) : now;
      return { ...c, lastHeartbeatTime: now, lastTransitionTime };
    });
    const images = [...this.#images()]
      .sort((a, b) => b.image.size - a.image.size || (a.tags[0]! < b.tags[0]! ? -1 : 1))
      .slice(0, maxImages)
      .map((s) => ({ names: [...s.digests, ...s.tags], sizeBytes: s.image.size }));
    return {
      ...stored.status,
      addresses: [
        { type: 'InternalIP', address: ip },
        { type: 'Hostname', address: name },
      ],
      capacity,
      allocatable: capacity,
      conditions: [...old.filter((o) => !own.some((c) => c.type === o.type)), ...own],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      images,
      nodeInfo: {
        architecture: 'amd64',
        bootID: this.#bootID,
        containerRuntimeVersion: 'containerd://2.2.0',
        kernelVersion: '6.8.0-60-generic',
        kubeProxyVersion: '',
        kubeletVersion: versions.kubernetes,
        machineID,
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        systemUUID,
      },
    } as unknown as Node['status'];
  }
}

/** Reason and message of a pressure condition that is true, and of one that is not. */
const pressures: readonly (readonly [PressureCondition, [string, string], [string, string]])[] = [
  [
    'MemoryPressure',
    ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
    ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ],
  [
    'DiskPressure',
    ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
    ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ],
  [
    'PIDPressure',
    ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
    ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ],
];

function condition(type: string, status: 'True' | 'False', reason: string, message: string) {
  return { type, status, reason, message };
}
