import { versions } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import type { Json } from '../router.ts';
import { rfc3339Nano } from '../time.ts';

/** Versions that go with the Engine's. */
export const components = {
  api: '1.51',
  minimumApi: '1.24',
  go: 'go1.24.9',
  commit: 'f8215cc',
  built: '2025-11-05T14:43:48.000000000+00:00',
  builtText: 'Wed Nov  5 14:43:48 2025',
  containerd: { version: 'v1.7.29', commit: '442cb34bda9a6a0fed82a2ca7cade05c5c749582' },
  runc: { version: '1.3.3', commit: 'v1.3.3-0-gd842d771' },
  init: { version: '0.19.0', commit: 'de40ad0' },
  kernel: '6.8.0-52-generic',
} as const;

export function versionJson(): Json {
  return {
    Platform: { Name: 'Docker Engine - Community' },
    Version: versions.dockerEngine,
    ApiVersion: components.api,
    MinAPIVersion: components.minimumApi,
    Os: 'linux',
    Arch: 'amd64',
    Components: [
      {
        Name: 'Engine',
        Version: versions.dockerEngine,
        Details: {
          ApiVersion: components.api,
          Arch: 'amd64',
          BuildTime: components.builtText,
          Experimental: 'false',
          GitCommit: components.commit,
          GoVersion: components.go,
          KernelVersion: components.kernel,
          MinAPIVersion: components.minimumApi,
          Os: 'linux',
        },
      },
      {
        Name: 'containerd',
        Version: components.containerd.version,
        Details: { GitCommit: components.containerd.commit },
      },
      { Name: 'runc', Version: components.runc.version, Details: { GitCommit: components.runc.commit } },
      { Name: 'docker-init', Version: components.init.version, Details: { GitCommit: components.init.commit } },
    ],
    GitCommit: components.commit,
    GoVersion: components.go,
    KernelVersion: components.kernel,
    BuildTime: components.built,
  };
}

export function infoJson(engine: DockerEngine): Json {
  const all = engine.containers.list();
  const count = (...states: string[]) => all.filter((container) => states.includes(container.status)).length;
  return {
    ID: engine.id,
    Containers: all.length,
    ContainersRunning: count('running', 'restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('created', 'exited', 'dead', 'removing'),
    Images: engine.images.list().length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', 'extfs'],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: ['awslogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'json-file', 'local', 'splunk', 'syslog'],
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    NFd: 26 + all.length * 2,
    OomKillDisable: false,
    NGoroutines: 48 + all.length * 4,
    SystemTime: rfc3339Nano(engine.world.clock.now()),
    LoggingDriver: 'json-file',
    CgroupDriver: 'systemd',
    CgroupVersion: '2',
    NEventsListener: 0,
    KernelVersion: components.kernel,
    OperatingSystem: 'Ubuntu 24.04.1 LTS',
    OSVersion: '24.04',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: {
      IndexConfigs: { 'docker.io': { Mirrors: [], Name: 'docker.io', Official: true, Secure: true } },
      InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
      Mirrors: null,
    },
    NCPU: 8,
    MemTotal: engine.memoryBytes,
    GenericResources: null,
    DockerRootDir: '/var/lib/docker',
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: engine.host.hostname,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: versions.dockerEngine,
    Runtimes: { 'io.containerd.runc.v2': { path: 'runc' }, runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: components.containerd.commit },
    RuncCommit: { ID: components.runc.commit },
    InitCommit: { ID: components.init.commit },
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    CDISpecDirs: ['/etc/cdi', '/var/run/cdi'],
    Warnings: null,
  };
}
