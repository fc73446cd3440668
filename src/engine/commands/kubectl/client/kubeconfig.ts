import type { Process } from '../../../process/index.ts';
import { FsError } from '../../../world/index.ts';
import { loadYaml, YamlError } from '../../../yaml/index.ts';
import { CommandError } from '../framework/errors.ts';
import type { FlagValues } from '../framework/flags.ts';
import { quote } from '../framework/values.ts';

export interface KubeconfigCluster {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
  [field: string]: unknown;
}

export interface KubeconfigContext {
  cluster?: string;
  user?: string;
  namespace?: string;
  [field: string]: unknown;
}

export interface KubeconfigUser {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  [field: string]: unknown;
}

/** A kubeconfig with its lists as maps, in the files' order. Paths in it are absolute. */
export interface Kubeconfig {
  clusters: Map<string, KubeconfigCluster>;
  contexts: Map<string, KubeconfigContext>;
  users: Map<string, KubeconfigUser>;
  currentContext: string;
  preferences: Record<string, unknown>;
  /** Which file an entry came from: `contexts/kind-kind` → path. */
  origin: Map<string, string>;
}

export function emptyKubeconfig(): Kubeconfig {
  return {
    clusters: new Map(),
    contexts: new Map(),
    users: new Map(),
    currentContext: '',
    preferences: {},
    origin: new Map(),
  };
}

/** The files to read, first one wins, and whether a missing one is an error (clientcmd.ClientConfigLoadingRules). */
export function kubeconfigPaths(process: Process, flags: FlagValues): { paths: string[]; explicit: boolean } {
  const explicit = flags.string('kubeconfig');
  if (explicit !== '') return { paths: [explicit], explicit: true };
  const list = process.env.get('KUBECONFIG') ?? '';
  if (list !== '') return { paths: [...new Set(list.split(':').filter((p) => p !== ''))], explicit: false };
  const home = process.env.get('HOME') ?? '';
  return { paths: [`${home}/.kube/config`], explicit: false };
}

/** Reads and merges the kubeconfig files. @throws CommandError for unreadable or broken ones */
export function loadKubeconfig(
  process: Process,
  flags: FlagValues,
  { resolvePaths = true }: { resolvePaths?: boolean } = {},
): Kubeconfig {
  const { paths, explicit } = kubeconfigPaths(process, flags);
  const merged = emptyKubeconfig();
  for (const path of paths) {
    const config = readKubeconfig(process, path, { resolvePaths });
    if (!config) {
      if (explicit) throw new CommandError(`stat ${path}: no such file or directory`);
      continue;
    }
    for (const part of ['clusters', 'contexts', 'users'] as const)
      for (const [name, value] of config[part])
        if (!merged[part].has(name)) {
          (merged[part] as Map<string, unknown>).set(name, value);
          merged.origin.set(`${part}/${name}`, path);
        }
    if (merged.currentContext === '' && config.currentContext !== '') {
      merged.currentContext = config.currentContext;
      merged.origin.set('current-context', path);
    }
    merged.preferences = { ...config.preferences, ...merged.preferences };
  }
  return merged;
}

/** One file; undefined if there is none. @throws CommandError `error loading config file …` */
export function readKubeconfig(
  process: Process,
  path: string,
  { resolvePaths = true }: { resolvePaths?: boolean } = {},
): Kubeconfig | undefined {
  const file = process.path(path);
  let text: string;
  try {
    text = process.machine.fs.readText(file);
  } catch (error) {
    if (error instanceof FsError && error.code === 'ENOENT') return undefined;
    throw new CommandError(
      `error loading config file "${path}": read ${path}: ${error instanceof FsError ? error.message.toLowerCase() : String(error)}`,
    );
  }
  const fail = (why: string) => new CommandError(`error loading config file ${quote(path)}: ${why}`);
  let data: unknown;
  try {
    data = loadYaml(text);
  } catch (error) {
    if (error instanceof YamlError) throw fail(error.message);
    throw error;
  }
  if (data === undefined || data === null) return emptyKubeconfig();
  if (typeof data !== 'object' || Array.isArray(data))
    throw fail(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(data)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  return parseKubeconfig(data as Record<string, unknown>, resolvePaths ? file : undefined, fail);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function parseKubeconfig(
  data: Record<string, unknown>,
  file: string | undefined,
  fail: (why: string) => CommandError,
): Kubeconfig {
  const version = String(data.apiVersion ?? 'v1');
  const kind = String(data.kind ?? 'Config');
  if (kind !== 'Config' || version !== 'v1')
    throw fail(
      `no kind ${quote(kind)} is registered for version ${quote(version)} in scheme "k8s.io/client-go/tools/clientcmd/api/latest/latest.go:50"`,
    );
  const config = emptyKubeconfig();
  const types = { clusters: 'NamedCluster', contexts: 'NamedContext', users: 'NamedAuthInfo' };
  const fields = { clusters: 'cluster', contexts: 'context', users: 'user' };
  for (const part of ['clusters', 'contexts', 'users'] as const) {
    const list = data[part] ?? [];
    if (!Array.isArray(list))
      throw fail(
        `json: cannot unmarshal ${jsonType(list)} into Go struct field Config.${part} of type []v1.${types[part]}`,
      );
    for (const item of list as Record<string, unknown>[]) {
      const name = String(item?.name ?? '');
      const value = { ...((item?.[fields[part]] as Record<string, unknown> | null) ?? {}) };
      if (!config[part].has(name))
        (config[part] as Map<string, unknown>).set(name, file === undefined ? value : absolutePaths(value, file));
    }
  }
  config.currentContext = String(data['current-context'] ?? '');
  config.preferences = (data.preferences as Record<string, unknown> | null) ?? {};
  return config;
}

/** Relative file names in a kubeconfig are seen from the directory it is in. */
function absolutePaths(entry: Record<string, unknown>, file: string): Record<string, unknown> {
  for (const field of ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']) {
    const path = entry[field];
    if (typeof path === 'string' && path !== '' && !path.startsWith('/'))
      entry[field] = `${file.slice(0, file.lastIndexOf('/'))}/${path}`;
  }
  return entry;
}
