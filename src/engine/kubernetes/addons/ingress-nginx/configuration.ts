import type { ServerCertificate } from '../../../network/socket.ts';
import { perlRegex, type Regex } from '../../../regex/linear.ts';
import type { ServiceEndpoints, ServiceLookup } from '../reverse-proxy/service-endpoints.ts';
import { covers, type TlsSecrets } from '../reverse-proxy/tls-secrets.ts';
import { canaryOf, settingsOf, type Canary, type Settings } from './annotations.ts';
import type { Ingress, IngressBackend, PathType } from './types.ts';

/** What the controller makes of all Ingresses: virtual servers with locations, as in its nginx.conf. */
export interface Configuration {
  /** By host; `_` is for every other one. */
  readonly servers: ReadonlyMap<string, VirtualServer>;
  /** What was wrong with what, as the controller logs it. */
  readonly warnings: readonly string[];
}

export interface VirtualServer {
  readonly host: string;
  /** In the order in which nginx tries them. */
  readonly locations: readonly Location[];
  /** Undefined: the fake certificate. */
  readonly certificate: ServerCertificate | undefined;
  /** Some Ingress has this host under `tls`. */
  readonly tls: boolean;
}

export interface Location {
  readonly path: string;
  readonly type: PathType;
  readonly ingress: string;
  readonly settings: Settings;
  readonly backend: Backend;
  readonly canary?: { readonly rule: Canary; readonly backend: Backend };
  /** Set where a host's locations are regular expressions. */
  readonly regex?: Regex;
}

export interface Backend {
  /** `default-web-80`, as logs have it. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: number | string;
}

export const defaultBackendName = 'upstream-default-backend';

interface DraftServer {
  readonly host: string;
  readonly locations: Location[];
  certificate: ServerCertificate | undefined;
  tls: boolean;
}

/**
 * Builds the configuration. Where Ingresses disagree the older one wins.
 * @param defaults of the controller's ConfigMap
 */
export function buildConfiguration(
  ingresses: readonly Ingress[],
  defaults: Readonly<Record<string, string>>,
  { services, secrets }: { services: ServiceEndpoints; secrets: TlsSecrets },
): Configuration {
  const warnings: string[] = [];
  const servers = new Map<string, DraftServer>();
  const server = (host: string): DraftServer => {
    let found = servers.get(host);
    if (!found) servers.set(host, (found = { host, locations: [], certificate: undefined, tls: false }));
    return found;
  };
  server('_');
  // Canaries need what they are canaries of.
  const sorted = [...ingresses].sort((a, b) => Number(canaryOf(a) !== undefined) - Number(canaryOf(b) !== undefined) || older(a, b)); // prettier-ignore
  for (const ingress of sorted) {
    const { namespace = '', name } = ingress.metadata;
    const key = `${namespace}/${name}`;
    const canary = canaryOf(ingress);
    const settings = settingsOf(ingress, defaults);
    const backendOf = (backend: IngressBackend): Backend | undefined => {
      const service = backend.service;
      if (!service) return undefined;
      const port = service.port?.number ?? service.port?.name ?? 80;
      const found = services.find(namespace, service.name, port);
      const problem = problemOf(found, namespace, service.name);
      if (problem) warnings.push(problem);
      return { name: `${namespace}-${service.name}-${port}`, namespace, service: service.name, port };
    };
    const add = (host: string, path: string, type: PathType, from: IngressBackend) => {
      const backend = backendOf(from);
      if (!backend) return;
      const target = server(host);
      const at = target.locations.findIndex((l) => l.path === path && l.type === type);
      if (canary) {
        const main = target.locations[at];
        if (main && !main.canary) target.locations[at] = { ...main, canary: { rule: canary, backend } };
        return;
      }
      if (at >= 0) return;
      target.locations.push({ path, type, ingress: key, settings, backend });
    };
    const { rules = [], tls = [], defaultBackend } = ingress.spec ?? {};
    for (const { host, http } of rules) {
      for (const one of [host || '_', ...settings.serverAliases])
        for (const { path, pathType, backend } of http?.paths ?? []) add(one, path || '/', pathType, backend);
      if (host && defaultBackend) add(host, '/', 'Prefix', defaultBackend);
    }
    if (defaultBackend) add('_', '/', 'Prefix', defaultBackend);
    if (canary) continue;
    for (const { hosts = [], secretName } of tls)
      for (const host of hosts) {
        const target = servers.get(host);
        if (!target) continue;
        target.tls = true;
        if (target.certificate || !secretName) continue;
        const found = secrets.find(namespace, secretName);
        if ('problem' in found)
          warnings.push(`Error getting SSL certificate "${namespace}/${secretName}": local SSL certificate ${namespace}/${secretName} was not found. Using default certificate`); // prettier-ignore
        else if (!covers(found.certificate, host))
          warnings.push(`Unexpected error validating SSL certificate "${namespace}/${secretName}" for server "${host}": x509: certificate is valid for ${found.certificate.names.join(', ')}, not ${host}`); // prettier-ignore
        if (!('problem' in found) && covers(found.certificate, host)) target.certificate = found.certificate;
      }
  }
  return { servers: new Map([...servers].map(([host, draft]) => [host, ordered(draft)])), warnings };
}

function older({ metadata: a }: Ingress, { metadata: b }: Ingress): number {
  const [x, y] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return x < y ? -1 : 1;
}

function problemOf(found: ServiceLookup, namespace: string, name: string): string | undefined {
  const key = `${namespace}/${name}`;
  if (found.kind === 'no-service')
    return `Error obtaining Endpoints for Service "${key}": no object matching key "${key}" in local store`;
  if (found.kind === 'no-port' || (found.kind === 'endpoints' && found.upstreams.length === 0))
    return `Service "${key}" does not have any active Endpoint.`;
  return undefined;
}

const rank: Readonly<Record<PathType, number>> = { Exact: 0, Prefix: 1, ImplementationSpecific: 2 };

/** Longest path first. One Ingress with a rewrite or `use-regex` turns all locations of a host into expressions. */
function ordered({ host, locations, certificate, tls }: DraftServer): VirtualServer {
  const regex = locations.some(({ settings }) => settings.useRegex || settings.rewriteTarget !== '');
  const sorted = [...locations].sort(
    (a, b) => b.path.length - a.path.length || rank[a.type] - rank[b.type] || (a.path < b.path ? -1 : 1),
  );
  const compiled = regex ? sorted.map((location) => ({ ...location, regex: expression(location) })) : sorted;
  return { host, locations: compiled, certificate, tls };
}

/** Path types don't count any more: `location ~* "^/path"` for all. */
function expression({ path }: Location): Regex {
  // What admission lets through but no engine reads matches nothing.
  try {
    return perlRegex(`^${path}`, { ignoreCase: true });
  } catch {
    return perlRegex('$^');
  }
}

/** The server for a Host header: by name, by a wildcard for its first label, or the default one. */
export function serverFor({ servers }: Configuration, host: string): VirtualServer {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  return servers.get(name) ?? servers.get(name.replace(/^[^.]+/, '*')) ?? servers.get('_')!;
}

/** The location for a path (decoded, without query); undefined: the default backend answers. */
export function locationFor({ locations }: VirtualServer, path: string): Location | undefined {
  const exact = locations.find((l) => !l.regex && l.type === 'Exact' && l.path === path);
  return exact ?? locations.find((location) => fits(location, path));
}

function fits({ path, type, regex }: Location, asked: string): boolean {
  if (regex) return regex.test(asked);
  if (type === 'Exact') return false;
  if (type === 'ImplementationSpecific') return asked.startsWith(path);
  const base = path.replace(/\/+$/, '');
  return asked === base || asked.startsWith(`${base}/`) || path === '/';
}
