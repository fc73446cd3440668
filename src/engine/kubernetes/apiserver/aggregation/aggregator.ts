import type { HttpRequest, HttpResponse } from '../../../network/http.ts';
import type { KubeObject } from '../../types.ts';
import type { ApiServerCore } from '../core.ts';
import { serviceUnavailable } from '../errors.ts';
import type { Query, ResourceTarget } from '../request-info.ts';
import { respondText } from '../responses.ts';
import type { Change } from '../store.ts';
import type { WriteOptions } from '../storage.ts';
import { systemUser } from '../user.ts';
import { availability, type ApiService } from './availability.ts';
import type { ExtensionApi, ExtensionResource } from './extension-api.ts';

/** Virtual ms between a change and what the server makes of it; and between two looks at what is not available. */
const reactionMs = 5;
const resyncMs = 30_000;

/** A version of a group that another server answers for. */
export interface ExtensionVersion {
  readonly group: string;
  readonly version: string;
  readonly available: boolean;
  readonly resources: readonly ExtensionResource[];
}

/** Groups of the API that are served by others: APIServices with a Service (kube-aggregator). */
export class Aggregator {
  readonly #core: ApiServerCore;
  readonly #apis = new Map<string, ExtensionApi>();
  readonly #services = new Map<string, ApiService>();
  #pending = false;
  #listening = false;

  constructor(core: ApiServerCore) {
    this.#core = core;
    const store = core.store.resource('apiregistration.k8s.io/apiservices');
    store.listen((change) => this.#changed(change));
    for (const { object } of store.list()) this.#note(object as ApiService);
  }

  /** Tells of a server that can be run in this cluster. */
  provide(api: ExtensionApi): void {
    this.#apis.set(`${api.version}.${api.group}`, api);
    this.#soon();
  }

  /** Something that availability depends on has changed: a Pod's server is up. */
  look(): void {
    this.#soon();
  }

  /** Versions that others serve, available or not. */
  versions(): ExtensionVersion[] {
    return [...this.#services.values()].map((service) => {
      const { group = '', version } = service.spec;
      const available = isAvailable(service);
      const resources = available ? (this.#apis.get(service.metadata.name)?.resources ?? []) : [];
      return { group, version, available, resources };
    });
  }

  /** Whether a group's version belongs to another server. */
  has(group: string, version: string): boolean {
    return this.#services.has(`${version}.${group}`);
  }

  /** Passes a request on. */
  serve(request: HttpRequest, target: ResourceTarget, query: Query): HttpResponse {
    const name = `${target.version}.${target.group}`;
    const api = this.#apis.get(name);
    const service = this.#services.get(name);
    if (!api || !service || !isAvailable(service)) return respondText(503, 'service unavailable\n');
    if (!api.resources.some((resource) => resource.name === target.resource))
      return respondText(404, '404 page not found\n');
    return api.handle(request, target, query);
  }

  /**
   * The server of a resource, for components inside the process.
   * @returns undefined if no APIService is there for it @throws ApiError ServiceUnavailable
   */
  api(group: string, version: string, resource: string): ExtensionApi | undefined {
    const name = `${version}.${group}`;
    const service = this.#services.get(name);
    if (!service) return undefined;
    const api = this.#apis.get(name);
    if (!api || !isAvailable(service)) {
      const message = `the server is currently unable to handle the request (get ${resource}.${group})`;
      throw serviceUnavailable(message);
    }
    return api;
  }

  #changed({ type, entry }: Change): void {
    if (type === 'DELETED') {
      if (this.#services.delete(entry.object.metadata.name)) this.#core.generation++;
    } else this.#note(entry.object as ApiService);
  }

  #note(service: ApiService): void {
    const { name } = service.metadata;
    if (!service.spec.service) return void this.#services.delete(name);
    const before = this.#services.get(name);
    this.#services.set(name, service);
    if (!before || isAvailable(before) !== isAvailable(service)) this.#core.generation++;
    this.#listen();
    if (!before || before.spec !== service.spec) this.#soon();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const id of ['/services', 'discovery.k8s.io/endpointslices'])
      this.#core.store.resource(id).listen(({ entry }) => {
        const { namespace, name, labels } = entry.object.metadata;
        const service = labels?.['kubernetes.io/service-name'] ?? name;
        for (const { spec } of this.#services.values())
          if (spec.service!.namespace === namespace && spec.service!.name === service) return this.#soon();
      });
  }

  #soon(): void {
    if (this.#pending || this.#services.size === 0) return;
    this.#pending = true;
    this.#core.world.queue.after(reactionMs, () => {
      this.#pending = false;
      this.#check();
    });
  }

  #check(): void {
    let again = false;
    for (const service of [...this.#services.values()]) {
      const verdict = availability(this.#core, service, this.#apis.get(service.metadata.name));
      if (verdict.status !== 'True' && verdict.reason === 'FailedDiscoveryCheck') again = true;
      const conditions = service.status?.conditions ?? [];
      const old = conditions.find((c) => c.type === 'Available');
      if (old?.status === verdict.status && old.reason === verdict.reason && old.message === verdict.message) continue;
      const now = this.#core.around.timestamp;
      const lastTransitionTime = old?.status === verdict.status ? old.lastTransitionTime : now;
      const condition = { type: 'Available', lastTransitionTime, ...verdict };
      const others = conditions.filter((c) => c.type !== 'Available');
      this.#write({ ...service, status: { conditions: [...others, condition] } });
    }
    if (again) this.#core.world.queue.after(resyncMs, () => this.#soon());
  }

  #write(service: ApiService): void {
    const { storage } = this.#core.find('apiregistration.k8s.io', 'v1', 'apiservices')!;
    const options: WriteOptions = {
      user: systemUser('system:apiserver'),
      manager: 'kube-apiserver',
      apiVersion: 'apiregistration.k8s.io/v1',
      subresource: 'status',
    };
    storage.update(undefined, service.metadata.name, () => service as KubeObject, options);
  }
}

function isAvailable({ status }: ApiService): boolean {
  return status?.conditions?.some((c) => c.type === 'Available' && c.status === 'True') ?? false;
}
