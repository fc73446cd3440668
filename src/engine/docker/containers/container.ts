import type { NetworkNamespace } from '../../network/index.ts';
import { ContainerLog, type Container, type Image } from '../../runtime/index.ts';
import { FileSystem, Signal, type Timer, type World } from '../../world/index.ts';
import type { Appliance } from '../appliances.ts';
import type { StoredImage } from '../images/store.ts';
import type { Endpoint } from '../networks/network.ts';
import { rfc3339Nano, zeroTime } from '../time.ts';
import type { ContainerConfig, HostConfig, MountPoint } from './config.ts';

export type Status = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface HealthState {
  status: 'starting' | 'healthy' | 'unhealthy';
  failingStreak: number;
  log: { Start: string; End: string; ExitCode: number; Output: string }[];
}

/** A published port as it is: which host port leads to which of the container's. */
export interface PublishedPort {
  hostIp: string;
  hostPort: number;
  containerPort: number;
  protocol: string;
  close(): void;
}

/** A container as the Engine keeps it: what was asked for, what became of it. Each start makes a new runtime container on the same files. */
export class DockerContainer {
  readonly id: string;
  /** Without a slash. */
  name: string;
  /** Unix ms. */
  readonly created: number;
  readonly config: ContainerConfig;
  hostConfig: HostConfig;
  readonly image: Image;
  readonly stored: StoredImage;
  readonly argv: readonly string[];
  readonly files: FileSystem;
  readonly log = new ContainerLog();
  mounts: MountPoint[] = [];
  /** By network name. */
  readonly endpoints = new Map<string, Endpoint>();
  /** Of containers that are linked to: alias → container id. */
  readonly links: { alias: string; container: DockerContainer }[] = [];
  runtime: Container | undefined;
  /** A machine that others run, in the place of a runtime container. */
  appliance: Appliance | undefined;
  namespace: NetworkNamespace | undefined;
  published: PublishedPort[] = [];
  sandboxId = '';
  paused = false;
  restarting = false;
  removing = false;
  dead = false;
  oomKilled = false;
  exitCode = 0;
  error = '';
  startedAt: number | undefined;
  finishedAt: number | undefined;
  restartCount = 0;
  /** Stopped by a person: not restarted, `unless-stopped`. */
  stoppedByHand = false;
  restartTimer: Timer | undefined;
  /** Delay before the next restart, ms. */
  restartDelay = 0;
  health: HealthState | undefined;
  healthStops: (() => void)[] = [];
  readonly execIds: string[] = [];
  hostPid = 0;
  /** It started, ended or was removed. */
  readonly changed: Signal;
  /** Counts starts: who waits for the next exit looks at it. */
  runs = 0;
  exits = 0;
  removed = false;
  readonly #world: World;

  constructor(options: {
    world: World;
    id: string;
    name: string;
    config: ContainerConfig;
    hostConfig: HostConfig;
    stored: StoredImage;
    argv: readonly string[];
  }) {
    const { world, stored } = options;
    this.#world = world;
    this.id = options.id;
    this.name = options.name;
    this.created = world.clock.now();
    this.config = options.config;
    this.hostConfig = options.hostConfig;
    this.stored = stored;
    this.image = stored.image;
    this.argv = options.argv;
    this.files = new FileSystem({ now: () => world.clock.now(), root: stored.image.rootfs() });
    this.changed = new Signal(world.queue);
  }

  get imageId(): string {
    return this.image.id;
  }

  get running(): boolean {
    return this.appliance ? this.appliance.on : this.runtime?.state === 'running';
  }

  get status(): Status {
    if (this.dead) return 'dead';
    if (this.removing) return 'removing';
    if (this.restarting) return 'restarting';
    if (this.running) return this.paused ? 'paused' : 'running';
    return this.startedAt === undefined ? 'created' : 'exited';
  }

  get short(): string {
    return this.id.slice(0, 12);
  }

  /** Attributes of its events. */
  get attributes(): Record<string, string> {
    return { ...this.config.Labels, image: this.config.Image, name: this.name };
  }

  stateJson(): Record<string, unknown> {
    const { health } = this;
    return {
      Status: this.status,
      Running: this.running || this.restarting,
      Paused: this.paused,
      Restarting: this.restarting,
      OOMKilled: this.oomKilled,
      Dead: this.dead,
      Pid: this.running ? this.hostPid : 0,
      ExitCode: this.exitCode,
      Error: this.error,
      StartedAt: this.startedAt === undefined ? zeroTime : rfc3339Nano(this.startedAt),
      FinishedAt: this.finishedAt === undefined ? zeroTime : rfc3339Nano(this.finishedAt),
      ...(health ? { Health: { Status: health.status, FailingStreak: health.failingStreak, Log: health.log } } : {}),
    };
  }

  now(): number {
    return this.#world.clock.now();
  }

  snapshot(): unknown {
    return {
      id: this.id,
      name: this.name,
      image: this.image.id,
      state: this.stateJson(),
      restarts: [this.restartCount, this.restartDelay],
      networks: [...this.endpoints].map(([name, e]) => [name, e.ip]),
      runtime: this.runtime?.snapshot(),
      files: this.files.digest(),
      log: this.log.snapshot(),
    };
  }
}
