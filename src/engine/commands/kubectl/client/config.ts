import type { Process, TlsCredentials } from '../../../process/index.ts';
import { CommandError, ConfigurationError } from '../framework/errors.ts';
import type { FlagValues } from '../framework/flags.ts';
import { globalString } from '../framework/globals.ts';
import { parseDuration } from '../framework/values.ts';
import { FsError } from '../../../world/index.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { certificateSubject } from './certificate.ts';
import {
  loadKubeconfig,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
} from './kubeconfig.ts';

/** Where to send requests, and as whom (rest.Config). */
export interface ClientConfig {
  /** `https://127.0.0.1:6443`, without a final slash. */
  readonly server: string;
  readonly namespace: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Subject of the client certificate. */
  readonly certificate?: { commonName: string; organizations: readonly string[] };
  /** What a real connection needs. */
  readonly tls: TlsCredentials;
  /** Milliseconds; 0 is without end. */
  readonly timeout: number;
  /** As given, for `?timeout=`. */
  readonly timeoutText: string;
  readonly context: string;
  readonly cluster: string;
  readonly user: string;
}

/** What is used when no kubeconfig says anything. */
const defaultServer = 'http://localhost:8080';

/**
 * Puts kubeconfig and command line together. `existing`: entries that the command line names must be there, before
 * anything else is checked (ClientConfig of clientcmd's DirectClientConfig; its Namespace does not ask for that).
 * @throws CommandError, ConfigurationError in clientcmd's words
 */
export function clientConfig(process: Process, flags: FlagValues, { existing = false } = {}): ClientConfig {
  const kubeconfig = loadKubeconfig(process, flags);
  if (existing) checkExisting(kubeconfig, flags);
  const { name: contextName, context } = chooseContext(kubeconfig, flags);
  const clusterName = globalString(flags, 'cluster') || context.cluster || '';
  const userName = globalString(flags, 'user') || context.user || '';
  if (globalString(flags, 'user') !== '' && !kubeconfig.users.has(userName))
    throw new CommandError(`auth info "${userName}" does not exist`);
  const cluster: KubeconfigCluster = { ...kubeconfig.clusters.get(clusterName) };
  if (globalString(flags, 'server')) cluster.server = globalString(flags, 'server');
  if (globalString(flags, 'certificate-authority'))
    cluster['certificate-authority'] = globalString(flags, 'certificate-authority');
  if (flags.changed('insecure-skip-tls-verify')) {
    cluster['insecure-skip-tls-verify'] = flags.bool('insecure-skip-tls-verify');
    if (cluster['insecure-skip-tls-verify'] && !globalString(flags, 'certificate-authority')) {
      delete cluster['certificate-authority'];
      delete cluster['certificate-authority-data'];
    }
  }
  if (globalString(flags, 'tls-server-name')) cluster['tls-server-name'] = globalString(flags, 'tls-server-name');
  const user: KubeconfigUser = { ...kubeconfig.users.get(userName) };
  applyUserFlags(user, flags);
  const errors = [...checkUser(process, userName, user, flags), ...checkCluster(process, clusterName, cluster, flags)];
  if (errors.length === 1) throw new CommandError(errors[0]!);
  if (errors.length > 1) throw new ConfigurationError(errors);
  const { timeout, text } = requestTimeout(globalString(flags, 'request-timeout'));
  return {
    server: serverUrl(cluster.server || defaultServer),
    namespace: globalString(flags, 'namespace') || context.namespace || 'default',
    headers: authHeaders(process, user, flags),
    certificate: subjectOf(process, user),
    tls: tlsOf(process, cluster, user),
    timeout,
    timeoutText: text,
    context: contextName,
    cluster: clusterName,
    user: userName,
  };
}

function checkExisting(kubeconfig: Kubeconfig, flags: FlagValues): void {
  const user = globalString(flags, 'user');
  if (user !== '' && !kubeconfig.users.has(user)) throw new CommandError(`auth info "${user}" does not exist`);
  const context = globalString(flags, 'context');
  if (context !== '' && !kubeconfig.contexts.has(context))
    throw new CommandError(`context "${context}" does not exist`);
  const cluster = globalString(flags, 'cluster');
  if (cluster !== '' && !kubeconfig.clusters.has(cluster))
    throw new CommandError(`cluster "${cluster}" does not exist`);
}

function chooseContext(kubeconfig: Kubeconfig, flags: FlagValues): { name: string; context: KubeconfigContext } {
  const name = globalString(flags, 'context') || kubeconfig.currentContext;
  const context = kubeconfig.contexts.get(name);
  if (name !== '' && !context) throw new ConfigurationError([`context was not found for specified context: ${name}`]);
  return { name, context: context ?? {} };
}

function applyUserFlags(user: KubeconfigUser, flags: FlagValues): void {
  const set = (field: string, flag: string) => {
    if (globalString(flags, flag) !== '') user[field] = globalString(flags, flag);
  };
  set('token', 'token');
  if (globalString(flags, 'token')) delete user.tokenFile;
  set('username', 'username');
  set('password', 'password');
  if (globalString(flags, 'client-certificate')) {
    user['client-certificate'] = globalString(flags, 'client-certificate');
    delete user['client-certificate-data'];
  }
  if (globalString(flags, 'client-key')) {
    user['client-key'] = globalString(flags, 'client-key');
    delete user['client-key-data'];
  }
  set('as', 'as');
  set('as-uid', 'as-uid');
  if (flags.strings('as-group').length > 0) user['as-groups'] = [...flags.strings('as-group')];
}

function readable(process: Process, path: string | undefined): boolean {
  return !path || process.machine.fs.lookup(process.path(path))?.type === 'file';
}

function checkUser(process: Process, name: string, user: KubeconfigUser, flags: FlagValues): string[] {
  const errors: string[] = [];
  const methods: string[] = [];
  if (user.token) methods.push('token');
  if (user.username || user.password) methods.push('basicAuth');
  if (user['client-certificate'] || user['client-certificate-data']) {
    if (!user['client-key'] && !user['client-key-data'])
      errors.push(
        `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
      );
    for (const [field, what] of [
      ['client-certificate', 'client-cert'],
      ['client-key', 'client-key'],
    ] as const)
      if (!readable(process, user[field] as string | undefined))
        errors.push(
          `unable to read ${what} ${user[field] as string} for ${name} due to open ${user[field] as string}: no such file or directory`,
        );
  }
  if (methods.length > 1)
    errors.push(
      `more than one authentication method found for ${name}; found [${methods.join(' ')}], only one is allowed`,
    );
  const hasExtra = flags.has('as-user-extra') && flags.strings('as-user-extra').length > 0;
  if ((user['as-uid'] || user['as-groups']?.length || hasExtra) && !user.as)
    errors.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
  return errors;
}

function checkCluster(process: Process, name: string, cluster: KubeconfigCluster, flags: FlagValues): string[] {
  const errors: string[] = [];
  if (!cluster.server && globalString(flags, 'cluster') !== '') errors.push(`no server found for cluster "${name}"`);
  if (cluster['proxy-url'] && !/^(https?|socks5):\/\//.test(cluster['proxy-url']))
    errors.push(`invalid 'proxy-url' "${cluster['proxy-url']}" for cluster "${name}": unsupported scheme`);
  const authority = cluster['certificate-authority'];
  if (cluster['insecure-skip-tls-verify'] && (authority || cluster['certificate-authority-data']))
    errors.push(`certificate-authority-data and insecure-skip-tls-verify may not both be given for cluster "${name}"`);
  if (!readable(process, authority))
    errors.push(
      `unable to read certificate-authority ${authority} for ${name} due to open ${authority}: no such file or directory`,
    );
  return errors;
}

function readFile(process: Process, path: string): string {
  try {
    return process.machine.fs.readText(process.path(path));
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`open ${path}: ${error.message.toLowerCase()}`);
    throw error;
  }
}

function serverUrl(server: string): string {
  const isUrl = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^[\]]*|[^/]*\[[0-9A-Fa-f:.%]*\].*)$/.test(server);
  if (!isUrl && /[/[\]\s]/.test(server.replace(/\/+$/, '').replace(/^\[[0-9A-Fa-f:.%]*\]/, '')))
    throw new CommandError(`host must be a URL or a host:port pair: ${JSON.stringify(server)}`);
  const url = isUrl ? server : `http://${server}`;
  const port = /^\w+:\/\/(?:\[[^\]]*\]|[^/?#:]*)(:[^/?#]*)/.exec(url)?.[1];
  if (port !== undefined && !/^:\d*$/.test(port))
    throw new CommandError(`parse ${JSON.stringify(url)}: invalid port ${JSON.stringify(port)} after host`);
  return url.replace(/\/+$/, '');
}

function requestTimeout(text: string): { timeout: number; text: string } {
  if (/^-?\d+$/.test(text)) return { timeout: Number(text) * 1000, text: Number(text) === 0 ? '' : `${text}s` };
  try {
    return { timeout: parseDuration(text), text };
  } catch {
    throw new CommandError(
      'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
    );
  }
}

function authHeaders(process: Process, user: KubeconfigUser, flags: FlagValues): Record<string, string> {
  const headers: Record<string, string> = {};
  let token = user.token;
  if (!token && user.tokenFile && readable(process, user.tokenFile))
    token = process.machine.fs.readText(process.path(user.tokenFile)).trim();
  if (token) headers.authorization = `Bearer ${token}`;
  else if (user.username) headers.authorization = `Basic ${encodeBase64(`${user.username}:${user.password ?? ''}`)}`;
  if (user.as) headers['impersonate-user'] = user.as;
  if (user['as-uid']) headers['impersonate-uid'] = user['as-uid'];
  if (user['as-groups']?.length) headers['impersonate-group'] = user['as-groups'].join(', ');
  for (const extra of flags.strings('as-user-extra')) {
    const at = extra.indexOf('=');
    if (at < 0) throw new CommandError(`as-user-extra entry must be in the form key=value: ${extra}`);
    const name = `impersonate-extra-${extra.slice(0, at).toLowerCase()}`;
    headers[name] = headers[name] === undefined ? extra.slice(at + 1) : `${headers[name]}, ${extra.slice(at + 1)}`;
  }
  return headers;
}

function tlsOf(process: Process, cluster: KubeconfigCluster, user: KubeconfigUser): TlsCredentials {
  const pem = (data: string | undefined, file: string | undefined) =>
    data ? new TextDecoder().decode(decodeBase64(data)) : file ? readFile(process, file) : undefined;
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const certificate = pem(user['client-certificate-data'], user['client-certificate']);
  const key = pem(user['client-key-data'], user['client-key']);
  const serverName = cluster['tls-server-name'];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(cluster['insecure-skip-tls-verify'] ? { insecure: true } : {}),
  };
}

function subjectOf(process: Process, user: KubeconfigUser): ClientConfig['certificate'] {
  const file = user['client-certificate'];
  const pem = user['client-certificate-data']
    ? new TextDecoder().decode(decodeBase64(user['client-certificate-data']))
    : file
      ? readFile(process, file)
      : undefined;
  if (pem === undefined) return undefined;
  const subject = certificateSubject(pem);
  if (!subject) throw new CommandError('tls: failed to find any PEM data in certificate input');
  return subject;
}
