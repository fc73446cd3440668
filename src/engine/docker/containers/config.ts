/** What a client asks for, in the API's own form; absent fields have the API's zero values. */
export interface ContainerConfig {
  Hostname: string;
  Domainname: string;
  User: string;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  ExposedPorts?: Record<string, object>;
  Tty: boolean;
  OpenStdin: boolean;
  StdinOnce: boolean;
  Env: string[];
  Cmd: string[] | null;
  Healthcheck?: HealthConfig;
  Image: string;
  Volumes: Record<string, object> | null;
  WorkingDir: string;
  Entrypoint: string[] | null;
  NetworkDisabled?: boolean;
  MacAddress?: string;
  OnBuild: string[] | null;
  Labels: Record<string, string>;
  StopSignal?: string;
  StopTimeout?: number;
  Shell?: string[];
}

/** Durations in nanoseconds. */
export interface HealthConfig {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

export interface PortBinding {
  HostIp: string;
  HostPort: string;
}

export interface MountSpec {
  Type: 'bind' | 'volume' | 'tmpfs' | string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  BindOptions?: { CreateMountpoint?: boolean; Propagation?: string };
  VolumeOptions?: { NoCopy?: boolean; Labels?: Record<string, string>; Subpath?: string };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
}

export interface HostConfig {
  Binds: string[] | null;
  ContainerIDFile: string;
  LogConfig: { Type: string; Config: Record<string, string> };
  NetworkMode: string;
  PortBindings: Record<string, PortBinding[] | null>;
  RestartPolicy: { Name: string; MaximumRetryCount: number };
  AutoRemove: boolean;
  VolumesFrom: string[] | null;
  ConsoleSize: [number, number];
  CapAdd: string[] | null;
  CapDrop: string[] | null;
  Dns: string[];
  DnsOptions: string[];
  DnsSearch: string[];
  ExtraHosts: string[] | null;
  GroupAdd: string[] | null;
  Links: string[] | null;
  PidMode: string;
  Privileged: boolean;
  PublishAllPorts: boolean;
  ReadonlyRootfs: boolean;
  Tmpfs?: Record<string, string>;
  ShmSize: number;
  CpuShares: number;
  Memory: number;
  NanoCpus: number;
  CpuPeriod: number;
  CpuQuota: number;
  MemorySwap: number;
  MemoryReservation: number;
  PidsLimit: number | null;
  Mounts?: MountSpec[];
  Init?: boolean;
  [field: string]: unknown;
}

/** Where a container's files are mounted from. */
export interface MountPoint {
  Type: 'bind' | 'volume' | 'tmpfs';
  Name?: string;
  Source: string;
  Destination: string;
  Driver?: string;
  Mode: string;
  RW: boolean;
  Propagation: string;
}

const noLimit = null;

/** The Engine's defaults, in the order in which it shows them. */
export function hostConfigOf(given: Partial<HostConfig>): HostConfig {
  const value = <T>(name: string, fallback: T): T => {
    const own = given[name];
    return own === undefined || own === null ? fallback : (own as T);
  };
  const list = (name: string) => value<string[]>(name, []);
  const nullable = (name: string): string[] | null => {
    const own = given[name] as string[] | null | undefined;
    return own ?? null;
  };
  const privileged = value('Privileged', false);
  const log = value<{ Type?: string; Config?: Record<string, string> }>('LogConfig', {});
  const restart = value<{ Name?: string; MaximumRetryCount?: number }>('RestartPolicy', {});
  return {
    Binds: nullable('Binds'),
    ContainerIDFile: value('ContainerIDFile', ''),
    LogConfig: { Type: log.Type || 'json-file', Config: log.Config ?? {} },
    NetworkMode: ['', 'default'].includes(value('NetworkMode', '')) ? 'bridge' : value('NetworkMode', ''),
    PortBindings: value('PortBindings', {}),
    RestartPolicy: { Name: restart.Name || 'no', MaximumRetryCount: restart.MaximumRetryCount ?? 0 },
    AutoRemove: value('AutoRemove', false),
    VolumeDriver: value('VolumeDriver', ''),
    VolumesFrom: nullable('VolumesFrom'),
    ConsoleSize: value('ConsoleSize', [0, 0]),
    ...(given.Annotations ? { Annotations: given.Annotations } : {}),
    CapAdd: nullable('CapAdd'),
    CapDrop: nullable('CapDrop'),
    CgroupnsMode: value('CgroupnsMode', '') || 'host',
    Dns: list('Dns'),
    DnsOptions: list('DnsOptions'),
    DnsSearch: list('DnsSearch'),
    ExtraHosts: nullable('ExtraHosts'),
    GroupAdd: nullable('GroupAdd'),
    IpcMode: value('IpcMode', '') || 'private',
    Cgroup: '',
    Links: nullable('Links'),
    OomScoreAdj: value('OomScoreAdj', 0),
    PidMode: value('PidMode', ''),
    Privileged: privileged,
    PublishAllPorts: value('PublishAllPorts', false),
    ReadonlyRootfs: value('ReadonlyRootfs', false),
    SecurityOpt: privileged ? ['label=disable'] : nullable('SecurityOpt'),
    ...(given.StorageOpt ? { StorageOpt: given.StorageOpt } : {}),
    ...(given.Tmpfs ? { Tmpfs: given.Tmpfs } : {}),
    UTSMode: value('UTSMode', ''),
    UsernsMode: value('UsernsMode', ''),
    ShmSize: value('ShmSize', 0) || 67_108_864,
    ...(given.Sysctls ? { Sysctls: given.Sysctls } : {}),
    Runtime: value('Runtime', '') || 'runc',
    Isolation: '',
    CpuShares: value('CpuShares', 0),
    Memory: value('Memory', 0),
    NanoCpus: value('NanoCpus', 0),
    CgroupParent: value('CgroupParent', ''),
    BlkioWeight: value('BlkioWeight', 0),
    BlkioWeightDevice: value('BlkioWeightDevice', []),
    BlkioDeviceReadBps: value('BlkioDeviceReadBps', []),
    BlkioDeviceWriteBps: value('BlkioDeviceWriteBps', []),
    BlkioDeviceReadIOps: value('BlkioDeviceReadIOps', []),
    BlkioDeviceWriteIOps: value('BlkioDeviceWriteIOps', []),
    CpuPeriod: value('CpuPeriod', 0),
    CpuQuota: value('CpuQuota', 0),
    CpuRealtimePeriod: value('CpuRealtimePeriod', 0),
    CpuRealtimeRuntime: value('CpuRealtimeRuntime', 0),
    CpusetCpus: value('CpusetCpus', ''),
    CpusetMems: value('CpusetMems', ''),
    Devices: value('Devices', []),
    DeviceCgroupRules: nullable('DeviceCgroupRules'),
    DeviceRequests: nullable('DeviceRequests'),
    MemoryReservation: value('MemoryReservation', 0),
    MemorySwap: value('MemorySwap', 0) || value('Memory', 0) * 2,
    MemorySwappiness: given.MemorySwappiness === -1 ? null : (given.MemorySwappiness ?? null),
    OomKillDisable: value('OomKillDisable', false),
    PidsLimit: value<number | null>('PidsLimit', noLimit) || null,
    Ulimits: value('Ulimits', []),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    ...(given.Mounts && given.Mounts.length > 0 ? { Mounts: given.Mounts } : {}),
    MaskedPaths: privileged ? null : maskedPaths,
    ReadonlyPaths: privileged ? null : readonlyPaths,
    ...(given.Init === undefined || given.Init === null ? {} : { Init: given.Init }),
  };
}

const maskedPaths = [
  '/proc/asound', '/proc/acpi', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list',
  '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap',
]; // prettier-ignore
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
