import { CliError } from '../../framework/errors.ts';

const words = (text: string) => new Set(text.split(/\s+/).filter(Boolean));

const top = words('version name include services networks volumes secrets configs models');
const service = words(`
  annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent cpu_period
  cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt
  dns_search domainname entrypoint env_file environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init
  ipc isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks
  oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy pull_refresh_after
  read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits
  use_api_socket user userns_mode uts volumes volumes_from working_dir`);
const build = words(`
  context dockerfile dockerfile_inline args ssh labels cache_from cache_to no_cache additional_contexts network pull target shm_size extra_hosts
  isolation privileged secrets tags ulimits platforms entitlements provenance sbom`);
const healthcheck = words('disable interval retries test timeout start_period start_interval');
const deploy = words(
  'mode endpoint_mode replicas labels rollback_config update_config resources restart_policy placement',
);
const network = words('name driver driver_opts ipam external internal enable_ipv4 enable_ipv6 attachable labels');
const volume = words('name driver driver_opts external labels');
const secret = words('name environment file external labels driver driver_opts template_driver content');

export type Tree = Record<string, unknown>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Which keys there are, and of what type the usual ones must be. @throws CliError in the words of the real check */
export function validate(file: string, tree: Tree): void {
  const fail = (path: string, message: string) => new CliError(`validating ${file}: ${path}${path === '' ? '' : ' '}${message}`);
  const keys = (path: string, value: Tree, known: ReadonlySet<string>) => {
    const bad = Object.keys(value).filter((key) => !known.has(key) && !key.startsWith('x-')).sort();
    if (bad.length > 0) throw fail(path, `additional properties ${bad.map((key) => `'${key}'`).join(', ')} not allowed`);
  };
  keys('', tree, top);
  if (tree.services !== undefined && tree.services !== null && !isTree(tree.services)) throw fail('services', 'must be a mapping');
  for (const [name, value] of Object.entries((tree.services ?? {}) as Tree)) {
    const path = `services.${name}`;
    if (!/^[a-zA-Z0-9._-]+$/.test(name)) throw fail('services', `additional properties '${name}' not allowed`);
    if (!isTree(value)) throw fail(path, 'must be a mapping');
    keys(path, value, service);
    for (const key of ['image', 'container_name', 'hostname', 'user', 'working_dir', 'restart', 'network_mode'])
      if (value[key] !== undefined && typeof value[key] !== 'string') throw fail(`${path}.${key}`, 'must be a string');
    for (const key of ['ports', 'volumes', 'profiles', 'expose', 'cap_add', 'cap_drop'])
      if (value[key] !== undefined && value[key] !== null && !Array.isArray(value[key])) throw fail(`${path}.${key}`, 'must be a array');
    for (const key of ['command', 'entrypoint'])
      if (value[key] !== undefined && value[key] !== null && typeof value[key] !== 'string' && !Array.isArray(value[key]))
        throw fail(`${path}.${key}`, 'must be a string');
    for (const [key, known] of [['build', build], ['healthcheck', healthcheck], ['deploy', deploy]] as const)
      if (isTree(value[key])) keys(`${path}.${key}`, value[key], known);
    if (value.healthcheck !== undefined && !isTree(value.healthcheck)) throw fail(`${path}.healthcheck`, 'must be a mapping');
  }
  for (const [key, known] of [['networks', network], ['volumes', volume], ['secrets', secret], ['configs', secret]] as const) {
    const all = tree[key];
    if (all === undefined || all === null) continue;
    if (!isTree(all)) throw fail(key, 'must be a mapping');
    for (const [name, value] of Object.entries(all)) {
      if (value === null || value === undefined) continue;
      if (!isTree(value)) throw fail(`${key}.${name}`, 'must be a mapping');
      keys(`${key}.${name}`, value, known);
    }
  }
} // prettier-ignore
