import type { Process } from '../../../process/index.ts';
import { FsError } from '../../../world/index.ts';
import { toYaml } from '../../../yaml/index.ts';
import { compareStrings } from '../../../gotemplate/index.ts';
import { CommandError } from '../framework/errors.ts';
import type { FlagValues } from '../framework/flags.ts';
import { emptyKubeconfig, type Kubeconfig, kubeconfigPaths, loadKubeconfig, readKubeconfig } from './kubeconfig.ts';

export type KubeconfigSection = 'clusters' | 'contexts' | 'users';

const entryFields = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;

/** The file's form: lists of named entries, sorted by name. */
export function kubeconfigData(config: Kubeconfig): Record<string, unknown> {
  const section = (name: KubeconfigSection) => {
    const entries = [...config[name]].sort(([a], [b]) => compareStrings(a, b));
    return entries.length === 0 ? null : entries.map(([key, value]) => ({ name: key, [entryFields[name]]: value }));
  };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: section('clusters'),
    contexts: section('contexts'),
    'current-context': config.currentContext,
    ...(Object.keys(config.preferences).length > 0 ? { preferences: config.preferences } : {}),
    users: section('users'),
  };
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
  const config = readKubeconfig(process, path) ?? emptyKubeconfig();
  change(config);
  writeKubeconfig(process, path, config);
}

/** Like `loadKubeconfig`, but a file named on the command line may be about to be made. */
export function readable(process: Process, flags: FlagValues): Kubeconfig {
  const { paths, explicit } = kubeconfigPaths(process, flags);
  if (explicit && !process.machine.fs.exists(process.path(paths[0]!))) return emptyKubeconfig();
  return loadKubeconfig(process, flags);
}

function writeKubeconfig(process: Process, path: string, config: Kubeconfig): void {
  const { fs } = process.machine;
  const file = process.path(path);
  const { uid, gid } = process.user;
  try {
    fs.mkdir(file.slice(0, file.lastIndexOf('/')) || '/', { recursive: true, uid, gid });
    fs.writeFile(file, toYaml(kubeconfigData(config)), { uid, gid, ...(fs.exists(file) ? {} : { mode: 0o600 }) });
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`open ${path}: ${error.message.toLowerCase()}`);
    throw error;
  }
}
