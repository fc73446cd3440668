import type { HttpResponse } from '../../network/http.ts';
import type { ExtensionVersion } from './aggregation/aggregator.ts';
import type { ApiServerCore, ServedResource } from './core.ts';
import { parseAccept, type Negotiated } from './negotiation.ts';
import { pathNotFound } from './errors.ts';
import { respond, respondError, respondText } from './responses.ts';

/** Discovery: which groups, versions and resources are served, in its older and its aggregated form. */

type Fields = Record<string, unknown>;

/** Subresources whose requests or answers are of another kind than their object. */
const subresourceKinds: Readonly<
  Record<string, { group?: string; version?: string; kind: string; verbs: readonly string[] }>
> = {
  'pods/attach': { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  'pods/binding': { kind: 'Binding', verbs: ['create'] },
  'pods/ephemeralcontainers': { kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  'pods/eviction': { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  'pods/exec': { kind: 'PodExecOptions', verbs: ['create', 'get'] },
  'pods/log': { kind: 'Pod', verbs: ['get'] },
  'pods/portforward': { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  'pods/proxy': { kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  'pods/resize': { kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  'services/proxy': { kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  'nodes/proxy': { kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  'namespaces/finalize': { kind: 'Namespace', verbs: ['update'] },
  'serviceaccounts/token': { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
  'certificatesigningrequests/approval': { kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] },
};

interface SubresourceInfo {
  name: string;
  group: string;
  version: string;
  kind: string;
  verbs: readonly string[];
}

function subresourcesOf(served: ServedResource): SubresourceInfo[] {
  const { definition } = served;
  const { group, version, kind, resource, subresources } = definition;
  const infos: SubresourceInfo[] = (subresources?.others ?? []).map((name) => {
    const known = subresourceKinds[`${resource}/${name}`];
    return {
      name,
      group: known?.group ?? group,
      version: known?.version ?? version,
      kind: known?.kind ?? kind,
      verbs: known?.verbs ?? ['get'],
    };
  });
  const verbs = ['get', 'patch', 'update'];
  if (subresources?.scale) infos.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs });
  if (subresources?.status) infos.push({ name: 'status', group, version, kind, verbs });
  return infos.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Answers /api, /apis, /api/v1, /apis/<group>[/<version>]; undefined for other paths. */
export function discovery(
  core: ApiServerCore,
  path: string,
  accept: string | undefined,
  negotiated: Negotiated,
): HttpResponse | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const [root, group, version] = parts;
  if (root === 'api' && parts.length === 1) {
    return aggregated(core, accept, true) ?? respond(200, apiVersions(), negotiated);
  }
  if (root === 'apis' && parts.length === 1) {
    return aggregated(core, accept, false) ?? respond(200, groupList(core), negotiated);
  }
  if (root === 'api' && parts.length === 2) return resources(core, '', group!, negotiated);
  if (root !== 'apis') return undefined;
  if (parts.length === 2) {
    const found = groups(core).find((g) => g.name === group);
    return found && respond(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(found) }, negotiated);
  }
  return parts.length === 3 ? resources(core, group!, version!, negotiated) : undefined;
}

function apiVersions(): Fields {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.5:6443' }],
  };
}

interface Group {
  name: string;
  versions: Map<string, ServedResource[]>;
  /** Versions that other servers answer for. */
  extensions?: Map<string, ExtensionVersion>;
}

/** Groups in discovery order with their versions, the preferred one first. */
function groups(core: ApiServerCore): Group[] {
  const byName = new Map<string, Group>();
  for (const served of core.served()) {
    const { group, version } = served.definition;
    let found = byName.get(group);
    if (!found) byName.set(group, (found = { name: group, versions: new Map() }));
    const list = found.versions.get(version);
    if (list) list.push(served);
    else found.versions.set(version, [served]);
  }
  for (const extension of core.extensions.versions()) {
    let found = byName.get(extension.group);
    if (!found) byName.set(extension.group, (found = { name: extension.group, versions: new Map() }));
    found.versions.set(extension.version, []);
    (found.extensions ??= new Map()).set(extension.version, extension);
  }
  return [...byName.values()];
}

function groupFields({ name, versions }: Group): Fields {
  const list = [...versions.keys()].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

function groupList(core: ApiServerCore): Fields {
  const named = groups(core).filter((group) => group.name !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupFields) };
}

function resources(
  core: ApiServerCore,
  group: string,
  version: string,
  negotiated: Negotiated,
): HttpResponse | undefined {
  const found = groups(core).find((g) => g.name === group);
  const served = found?.versions.get(version);
  const extension = found?.extensions?.get(version);
  if (extension && !extension.available) return respondText(503, 'service unavailable\n');
  if (!served) return group === '' && version !== 'v1' ? respondError(pathNotFound()) : undefined;
  const list: Fields[] = extension?.resources.map((resource) => ({ ...resource })) ?? [];
  for (const one of served) {
    const { definition } = one;
    const { resource, singular, namespaced, kind, shortNames, categories } = definition;
    list.push({
      name: resource,
      singularName: singular ?? kind.toLowerCase(),
      namespaced,
      kind,
      verbs: one.verbs,
      ...(shortNames?.length && { shortNames }),
      ...(categories?.length && { categories }),
    });
    for (const sub of subresourcesOf(one)) {
      list.push({
        name: `${resource}/${sub.name}`,
        singularName: '',
        namespaced,
        ...((sub.group !== group || sub.version !== version) && { group: sub.group, version: sub.version }),
        kind: sub.kind,
        verbs: sub.verbs,
      });
    }
  }
  const groupVersion = group ? `${group}/${version}` : version;
  return respond(
    200,
    { kind: 'APIResourceList', ...(group && { apiVersion: 'v1' }), groupVersion, resources: list },
    negotiated,
  );
}

/** The aggregated form, if the client asks for it: everything under /api or /apis in one answer. */
function aggregated(core: ApiServerCore, accept: string | undefined, legacy: boolean): HttpResponse | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json' && type !== '*/*') continue;
    const { as, g, v } = parameters;
    if (as === undefined) return undefined;
    if (as !== 'APIGroupDiscoveryList' || g !== 'apidiscovery.k8s.io' || v !== 'v2') continue;
    const items = groups(core)
      .filter((group) => (group.name === '') === legacy)
      .map(aggregatedGroup);
    const list = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
    const response = respond(200, list);
    response.headers['content-type'] = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    response.headers['vary'] = 'Accept';
    return response;
  }
  return undefined;
}

function aggregatedGroup({ name, versions, extensions }: Group): Fields {
  return {
    metadata: { ...(name && { name }), creationTimestamp: null },
    versions: [...versions].map(([version, served]) => ({
      version,
      resources: served.map(aggregatedResource).concat(extensionResources(extensions?.get(version))),
      freshness: extensions?.get(version)?.available === false ? 'Stale' : 'Current',
    })),
  };
}

function extensionResources(extension: ExtensionVersion | undefined): Fields[] {
  return (extension?.resources ?? []).map(({ name, singularName, namespaced, kind, verbs }) => ({
    resource: name,
    responseKind: { group: extension!.group, version: extension!.version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singularName,
    verbs,
  }));
}

function aggregatedResource(served: ServedResource): Fields {
  const { definition } = served;
  const { group, version, kind, resource, singular, namespaced, shortNames, categories } = definition;
  const subresources = subresourcesOf(served).map((sub) => ({
    subresource: sub.name,
    responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
    verbs: sub.verbs,
  }));
  return {
    resource,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular ?? kind.toLowerCase(),
    verbs: served.verbs,
    ...(shortNames?.length && { shortNames }),
    ...(categories?.length && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}
