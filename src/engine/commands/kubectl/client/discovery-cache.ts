import type { Process } from '../../../process/index.ts';
import { FsError } from '../../../world/index.ts';
import { groupVersion, parseGroupVersion, type ApiResource } from './types.ts';

/** What a server serves, as discovery tells it. */
export interface Served {
  groupVersions: string[];
  resources: ApiResource[];
}

/** An APIResourceList's entry. */
export interface ListedResource {
  name: string;
  singularName?: string;
  namespaced: boolean;
  kind: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
}

/** client-go keeps what discovery said for six hours (CachedDiscoveryClient). */
const timeToLive = 6 * 3_600_000;

/**
 * The discovery cache of one server in a directory: `servergroups.json`, and for each group version a
 * `serverresources.json`. A command that misses a type asks the server anew; one that finds it does not ask.
 */
export class DiscoveryCache {
  readonly #process: Process;
  readonly #directory: string;

  constructor(process: Process, cacheDir: string, server: string) {
    const host = server.replace(/^https?:\/\//, '').replace(/[^\w/.]/g, '_');
    this.#process = process;
    this.#directory = process.path(`${cacheDir}/discovery/${host}`);
  }

  /** What was kept, if it is not too old. */
  read(): Served | undefined {
    const { fs } = this.#process.machine;
    const node = fs.lookup(`${this.#directory}/servergroups.json`);
    if (node?.type !== 'file' || this.#process.world.clock.now() - node.mtime > timeToLive) return undefined;
    try {
      const { groups } = this.#parse('servergroups.json') as { groups: { versions: { groupVersion: string }[] }[] };
      const groupVersions = groups.flatMap((group) => group.versions.map((version) => version.groupVersion));
      const resources = groupVersions.flatMap((gv) => {
        const list = this.#parse(`${gv}/serverresources.json`) as { resources: ListedResource[] };
        return list.resources.map((resource) => fromListed(gv, resource));
      });
      return { groupVersions, resources };
    } catch (error) {
      // Files that are missing or broken are as good as none.
      if (error instanceof FsError || error instanceof SyntaxError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** Keeps what the server said; where nothing can be written, nothing is kept. */
  write({ groupVersions, resources }: Served): void {
    const groups = new Map<string, { groupVersion: string; version: string }[]>();
    for (const gv of groupVersions) {
      const { group, version } = parseGroupVersion(gv);
      groups.set(group, [...(groups.get(group) ?? []), { groupVersion: gv, version }]);
    }
    try {
      for (const gv of groupVersions)
        this.#save(`${gv}/serverresources.json`, {
          kind: 'APIResourceList',
          apiVersion: 'v1',
          groupVersion: gv,
          resources: resources.filter((resource) => groupVersion(resource) === gv).map(toListed),
        });
      this.#save('servergroups.json', {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: [...groups].map(([name, versions]) => ({ name, versions, preferredVersion: versions[0] })),
      });
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }

  #parse(name: string): unknown {
    return JSON.parse(this.#process.machine.fs.readText(`${this.#directory}/${name}`));
  }

  #save(name: string, value: object): void {
    const { fs } = this.#process.machine;
    const { uid, gid } = this.#process.user;
    const path = `${this.#directory}/${name}`;
    fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true, uid, gid });
    fs.writeFile(path, JSON.stringify(value), { uid, gid });
  }
}

export function fromListed(gv: string, r: ListedResource): ApiResource {
  return {
    ...parseGroupVersion(gv),
    name: r.name,
    singularName: r.singularName || r.kind.toLowerCase(),
    namespaced: r.namespaced,
    kind: r.kind,
    verbs: r.verbs ?? [],
    shortNames: r.shortNames ?? [],
    categories: r.categories ?? [],
  };
}

function toListed({
  name,
  singularName,
  namespaced,
  kind,
  verbs,
  shortNames,
  categories,
}: ApiResource): ListedResource {
  return {
    name,
    singularName,
    namespaced,
    kind,
    verbs: [...verbs],
    ...(shortNames.length > 0 ? { shortNames: [...shortNames] } : {}),
    ...(categories.length > 0 ? { categories: [...categories] } : {}),
  };
}
