import type { Process } from '../../../process/index.ts';
import { FsError } from '../../../world/index.ts';
import { toYaml } from '../../../yaml/index.ts';
import { compareStrings } from '../../../gotemplate/index.ts';
import { CommandError } from '../framework/errors.ts';
import type { FlagValues } from '../framework/flags.ts';
import { emptyKubeconfig, type Kubeconfig, kubeconfigPaths, loadKubeconfig, readKubeconfig } from './kubeconfig.ts';

export type KubeconfigSection = 'clusters' | 'contexts' | 'users';

const entryFields = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;

/** Fields of entries in the order of client-go's types, which JSON shows. */
const fieldOrder: Readonly<Record<KubeconfigSection, readonly string[]>> = {
  clusters: [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
  ],
  contexts: ['cluster', 'user', 'namespace'],
  users: [
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'token',
    'tokenFile',
    'as',
    'as-uid',
    'as-groups',
    'username',
    'password',
    'auth-provider',
    'exec',
  ],
};

function ordered(section: KubeconfigSection, entry: Record<string, unknown>): Record<string, unknown> {
  const names = [...new Set([...fieldOrder[section], ...Object.keys(entry)])];
  const known: Record<string, unknown> =
    section === 'clusters'
      ? { server: '', ...entry }
      : section === 'contexts'
        ? { cluster: '', user: '', ...entry }
        : entry;
  return Object.fromEntries(
    names
      .filter((name) => known[name] !== undefined)
      .map((name) => [name, name === 'exec' ? plugin(known[name]) : known[name]]),
  );
}

/** An exec plugin with what is always written of it. */
function plugin(value: unknown): unknown {
  const { command, args, env, apiVersion, provideClusterInfo, interactiveMode, ...rest } = value as Record<
    string,
    unknown
  >;
  return {
    command,
    args: args ?? null,
    env: env ?? null,
    apiVersion,
    ...rest,
    provideClusterInfo: provideClusterInfo ?? false,
    ...(interactiveMode === undefined ? {} : { interactiveMode }),
  };
}

/** The file's form, in the order of client-go's types: lists of named entries, sorted by name. */
export function kubeconfigData(config: Kubeconfig): Record<string, unknown> {
  const section = (name: KubeconfigSection) => {
    const entries = [...config[name]].sort(([a], [b]) => compareStrings(a, b));
    if (entries.length === 0) return null;
    return entries.map(([key, value]) => ({
      name: key,
      [entryFields[name]]: ordered(name, value as Record<string, unknown>),
    }));
  };
  return {
    kind: 'Config',
    apiVersion: 'v1',
    ...(Object.keys(config.preferences).length > 0 ? { preferences: config.preferences } : {}),
    clusters: section('clusters'),
    users: section('users'),
    contexts: section('contexts'),
    'current-context': config.currentContext,
  };
}

/** File names below the kubeconfig's own directory are written relative to it. */
function relativePaths(config: Kubeconfig, directory: string): void {
  for (const entries of [config.clusters, config.users] as Map<string, Record<string, unknown>>[])
    for (const entry of entries.values())
      for (const field of ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']) {
        const path = entry[field];
        if (typeof path === 'string' && path.startsWith(`${directory}/`))
          entry[field] = path.slice(directory.length + 1);
      }
}

/** The file that commands name in messages, and that new entries go into. */
export function defaultKubeconfigPath(process: Process, flags: FlagValues): string {
  const { paths } = kubeconfigPaths(process, flags);
  return paths.find((path) => process.machine.fs.exists(process.path(path))) ?? paths.at(-1)!;
}

/** Which file an entry (`contexts/dev`, `current-context`) is changed in. */
function fileOf(process: Process, flags: FlagValues, merged: Kubeconfig, entry: string): string {
  return merged.origin.get(entry) ?? defaultKubeconfigPath(process, flags);
}

/** Changes one entry in the file that has it (clientcmd.ModifyConfig). @throws CommandError */
export function modifyKubeconfig(
  process: Process,
  flags: FlagValues,
  entry: `${KubeconfigSection}/${string}` | 'current-context' | 'preferences',
  change: (config: Kubeconfig) => void,
): void {
  const merged = readable(process, flags);
  const path = fileOf(process, flags, merged, entry);
  const config = readKubeconfig(process, path, { resolvePaths: false }) ?? emptyKubeconfig();
  change(config);
  writeKubeconfig(process, path, config);
}

/** Like `loadKubeconfig`, but a file named on the command line may be about to be made. */
export function readable(process: Process, flags: FlagValues, options: { resolvePaths?: boolean } = {}): Kubeconfig {
  const { paths, explicit } = kubeconfigPaths(process, flags);
  if (explicit && !process.machine.fs.exists(process.path(paths[0]!))) return emptyKubeconfig();
  return loadKubeconfig(process, flags, options);
}

function writeKubeconfig(process: Process, path: string, config: Kubeconfig): void {
  const { fs } = process.machine;
  const file = process.path(path);
  const { uid, gid } = process.user;
  relativePaths(config, file.slice(0, file.lastIndexOf('/')));
  try {
    fs.mkdir(file.slice(0, file.lastIndexOf('/')) || '/', { recursive: true, uid, gid });
    fs.writeFile(file, toYaml(kubeconfigData(config)), { uid, gid, ...(fs.exists(file) ? {} : { mode: 0o600 }) });
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`open ${path}: ${error.message.toLowerCase()}`);
    throw error;
  }
}
