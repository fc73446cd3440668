import type { Process } from '../../../process/index.ts';
import { NoKindMatchError, RequestError, UnknownTypeError } from '../framework/errors.ts';
import { klogLine } from '../framework/klog.ts';
import { quote } from '../framework/values.ts';
import { fromListed, type DiscoveryCache, type ListedResource, type Served } from './discovery-cache.ts';
import type { RestMapper } from './discovery.ts';
import type { RestClient } from './rest.ts';
import { groupVersion, type ApiResource, type GroupVersionKind, type RestMapping } from './types.ts';

const aggregatedAccept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** How often kubectl tries (and logs) before it gives up on a server that refuses connections. */
const discoveryAttempts = 5;

interface AggregatedGroups {
  kind: 'APIGroupDiscoveryList';
  items: {
    metadata?: { name?: string };
    versions: { version: string; freshness?: string; resources?: AggregatedResource[] }[];
  }[];
}

interface AggregatedResource {
  resource: string;
  responseKind?: { group?: string; version?: string; kind?: string };
  scope: 'Namespaced' | 'Cluster';
  singularResource?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

interface LegacyVersions {
  kind: 'APIVersions';
  versions: string[];
}

interface LegacyGroups {
  kind: 'APIGroupList';
  groups: { name: string; versions: { groupVersion: string }[]; preferredVersion?: { groupVersion: string } }[];
}

interface LegacyResources {
  resources: ListedResource[];
}

/** What was read before, if that is not too long ago. */
export function discovered(cache: DiscoveryCache): RestMapper | undefined {
  const served = cache.read();
  return served && new DiscoveredMapper(served);
}

/** Reads what the server serves: aggregated discovery, or group by group. @throws RequestError, StatusError */
export async function discover(client: RestClient, process: Process, cache: DiscoveryCache): Promise<RestMapper> {
  let error: unknown;
  for (let attempt = 0; attempt < discoveryAttempts; attempt++) {
    try {
      const served = await readAll(client);
      cache.write(served);
      return new DiscoveredMapper(served);
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      error = e;
      const text = `couldn't get current server API group list: ${e.message}`;
      await process.printError(klogLine(process, 'E', 'memcache.go:265', `"Unhandled Error" err=${quote(text)}`));
    }
  }
  throw error;
}

async function readAll(client: RestClient): Promise<Served> {
  const served: Served = { groupVersions: [], resources: [] };
  for (const path of ['/api', '/apis']) {
    const answer = await client.json<AggregatedGroups | LegacyVersions | LegacyGroups>({
      method: 'GET',
      path,
      query: { timeout: '32s' },
      headers: { accept: aggregatedAccept },
    });
    if (answer.kind === 'APIGroupDiscoveryList') addAggregated(served, answer);
    else
      for (const gv of legacyGroupVersions(answer)) {
        const prefix = gv.includes('/') ? '/apis' : '/api';
        const list = await client.json<LegacyResources>({
          method: 'GET',
          path: `${prefix}/${gv}`,
          query: { timeout: '32s' },
        });
        served.groupVersions.push(gv);
        for (const r of list.resources.filter((x) => !x.name.includes('/'))) served.resources.push(fromListed(gv, r));
      }
  }
  return served;
}

function addAggregated(served: Served, answer: AggregatedGroups): void {
  for (const group of answer.items) {
    const name = group.metadata?.name ?? '';
    for (const { version, resources, freshness } of group.versions) {
      // Its server doesn't answer.
      if (freshness === 'Stale') continue;
      served.groupVersions.push(groupVersion({ group: name, version }));
      for (const r of resources ?? [])
        served.resources.push({
          group: name,
          version,
          name: r.resource,
          singularName: r.singularResource || (r.responseKind?.kind ?? '').toLowerCase(),
          namespaced: r.scope === 'Namespaced',
          kind: r.responseKind?.kind ?? '',
          verbs: r.verbs ?? [],
          shortNames: r.shortNames ?? [],
          categories: r.categories ?? [],
        });
    }
  }
}

function legacyGroupVersions(answer: LegacyVersions | LegacyGroups): string[] {
  if (answer.kind === 'APIVersions') return answer.versions;
  return answer.groups.flatMap((g) => {
    const preferred = g.preferredVersion?.groupVersion;
    const all = g.versions.map((v) => v.groupVersion);
    return preferred ? [preferred, ...all.filter((v) => v !== preferred)] : all;
  });
}

class DiscoveredMapper implements RestMapper {
  readonly resources: readonly ApiResource[];
  readonly groupVersions: readonly string[];

  constructor(served: Served) {
    this.resources = served.resources;
    this.groupVersions = served.groupVersions;
  }

  mappingFor(word: string): RestMapping {
    const parts = word.split('.');
    const versioned =
      parts.length >= 3 ? this.#findVersioned(parts[0]!, parts[1]!, parts.slice(2).join('.')) : undefined;
    const group = parts.slice(1).join('.');
    const found = versioned ?? this.#find(parts[0]!, group, undefined) ?? this.#findKind(parts[0]!, group);
    if (!found) throw new UnknownTypeError(`the server doesn't have a resource type ${quote(parts[0]!)}`);
    return mappingOf(found);
  }

  mappingForKind(gvk: GroupVersionKind): RestMapping {
    const found = this.resources.find(
      (r) =>
        // Kinds in lower case are known, too; it is the server that refuses them then.
        (r.kind === gvk.kind || r.kind.toLowerCase() === gvk.kind) &&
        r.group === gvk.group &&
        (gvk.version === '' || r.version === gvk.version),
    );
    if (!found) throw new NoKindMatchError(gvk.kind, gvk.version === '' ? [] : [groupVersion(gvk)]);
    return mappingOf(found);
  }

  expandCategory(word: string): readonly string[] | undefined {
    const names = this.resources
      .filter((r) => r.categories.includes(word))
      .map((r) => (r.group === '' ? r.name : `${r.name}.${r.group}`));
    return names.length > 0 ? [...new Set(names)] : undefined;
  }

  /** By plural or singular name (any case) or short name; the group exactly, else by its beginning. */
  #find(typed: string, group: string, version: string | undefined): ApiResource | undefined {
    const name = typed.toLowerCase();
    const candidates = this.resources.filter((r) => version === undefined || r.version === version);
    const inGroup =
      group === ''
        ? version === undefined
          ? candidates
          : candidates.filter((r) => r.group === '')
        : candidates.some((r) => r.group === group)
          ? candidates.filter((r) => r.group === group)
          : candidates.filter((r) => r.group.startsWith(group));
    return (
      inGroup.find((r) => r.name === name || r.singularName === name) ??
      inGroup.find((r) => r.shortNames.includes(typed))
    );
  }

  /** TYPE.VERSION.GROUP. What a short name stands for comes without regard to the version. */
  #findVersioned(name: string, version: string, group: string): ApiResource | undefined {
    return (
      this.#find(name, group, version) ??
      this.resources.find((r) => r.shortNames.includes(name) && (group === '' || r.group === group))
    );
  }

  #findKind(kind: string, group: string): ApiResource | undefined {
    return this.resources.find((r) => r.kind === kind && (group === '' || r.group === group));
  }
}

function mappingOf(r: ApiResource): RestMapping {
  return { group: r.group, version: r.version, resource: r.name, kind: r.kind, namespaced: r.namespaced };
}
