/** A Compose project after loading: short forms are long, variables are put in. */

export interface PortConfig {
  mode: string;
  host_ip?: string;
  target: number;
  published?: string;
  protocol: string;
}

export interface VolumeMount {
  type: 'volume' | 'bind' | 'tmpfs';
  source?: string;
  target: string;
  read_only?: boolean;
  bind?: { create_host_path?: boolean };
  volume?: Record<string, unknown>;
  tmpfs?: Record<string, unknown>;
}

export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

export interface Dependency {
  condition: Condition;
  required: boolean;
  restart?: boolean;
}

export interface BuildConfig {
  context: string;
  dockerfile: string;
  dockerfile_inline?: string;
  args?: Record<string, string | null>;
  target?: string;
  labels?: Record<string, string>;
  no_cache?: boolean;
  pull?: boolean;
  tags?: string[];
  [key: string]: unknown;
}

export interface HealthConfig {
  test?: string[];
  interval?: string;
  timeout?: string;
  start_period?: string;
  start_interval?: string;
  retries?: number;
  disable?: boolean;
}

export interface Service {
  name: string;
  image?: string;
  build?: BuildConfig;
  command?: string[] | null;
  entrypoint?: string[] | null;
  environment?: Record<string, string | null>;
  ports?: PortConfig[];
  expose?: string[];
  volumes?: VolumeMount[];
  networks?: Record<string, { aliases?: string[]; ipv4_address?: string } | null>;
  network_mode?: string;
  depends_on?: Record<string, Dependency>;
  healthcheck?: HealthConfig;
  restart?: string;
  container_name?: string;
  hostname?: string;
  labels?: Record<string, string>;
  profiles?: string[];
  deploy?: { replicas?: number; resources?: { limits?: { cpus?: string; memory?: string } }; [key: string]: unknown };
  scale?: number;
  user?: string;
  working_dir?: string;
  stop_grace_period?: string;
  stop_signal?: string;
  tty?: boolean;
  stdin_open?: boolean;
  read_only?: boolean;
  privileged?: boolean;
  init?: boolean;
  extra_hosts?: string[];
  tmpfs?: string[];
  cap_add?: string[];
  cap_drop?: string[];
  dns?: string[];
  mem_limit?: string;
  cpus?: number | string;
  pull_policy?: string;
  platform?: string;
  secrets?: { source: string; target?: string }[];
  configs?: { source: string; target?: string }[];
  [key: string]: unknown;
}

export interface Resource {
  name: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  labels?: Record<string, string>;
  internal?: boolean;
  attachable?: boolean;
  ipam?: { driver?: string; config?: { subnet?: string; gateway?: string; ip_range?: string }[] };
  file?: string;
  environment?: string;
  content?: string;
  [key: string]: unknown;
}

export interface Project {
  name: string;
  workingDirectory: string;
  files: string[];
  services: Record<string, Service>;
  /** Services that no active profile has. */
  disabled: Record<string, Service>;
  networks: Record<string, Resource>;
  volumes: Record<string, Resource>;
  secrets: Record<string, Resource>;
  configs: Record<string, Resource>;
  warnings: string[];
}
