import type { Process, Program } from '../../../process/index.ts';
import {
  httpSocket,
  requestTarget,
  textResponse,
  untilSignal,
  whileListening,
} from '../../../programs/servers/service.ts';
import { rfc3339, type Timer } from '../../../world/index.ts';
import { ApiError, type Client } from '../../client.ts';
import { refs, type Deployment, type Draft, type KubeObject, type ResourceRef, type Service } from '../../types.ts';
import { translate, type TranslatedGateway, type TranslatedParent } from '../gateway-api/translate.ts';
import { gatewayRefs, type Condition, type Gateway, type GatewayClass, type HttpRoute } from '../gateway-api/types.ts';
import { ServiceEndpoints } from '../reverse-proxy/service-endpoints.ts';
import { TlsSecrets } from '../reverse-proxy/tls-secrets.ts';
import type { Tables } from './envoy.ts';
import { deploymentFor, infrastructureName, serviceFor, servicePorts, systemNamespace } from './infrastructure.ts';
import { controllerName } from './manifest.ts';

/** Changes are gathered for so long, virtual ms. */
const syncDelay = 250;

/** envoy-gateway: makes an envoy for each Gateway of its classes, and tells it what the routes say. */
export function envoyGatewayProgram(client: Client, tables: Tables): Program {
  return async (process) => new Controller(process, client, tables).run();
}

class Controller {
  readonly #process: Process;
  readonly #client: Client;
  readonly #tables: Tables;
  readonly #sources;
  readonly #undo: (() => void)[] = [];
  #timer: Timer | undefined;

  constructor(process: Process, client: Client, tables: Tables) {
    this.#process = process;
    this.#tables = tables;
    this.#client = client.as({
      manager: 'envoy-gateway',
      user: `system:serviceaccount:${systemNamespace}:envoy-gateway`,
    });
    this.#sources = { services: new ServiceEndpoints(this.#client), secrets: new TlsSecrets(this.#client) };
  }

  async run(): Promise<number> {
    const process = this.#process;
    if (process.argv[1] !== 'server') {
      await process.printError(`Error: unknown command "${process.argv[1] ?? ''}" for "envoy-gateway"\n`);
      return 1;
    }
    for (const ref of Object.values(gatewayRefs) as ResourceRef[]) {
      try {
        this.#client.resource(ref);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.#log('error', `failed to start runners: no matches for kind "${ref.kind}" in version "${ref.group}/${ref.version}"`); // prettier-ignore
        return 1;
      }
    }
    const health = httpSocket(
      8081,
      (request) =>
      ['/healthz', '/readyz'].includes(requestTarget(request).path) ? textResponse(200, 'ok') : textResponse(404, '404 page not found\n'), // prettier-ignore
    );
    try {
      return await whileListening(process, [health], async () => {
        this.#log('info', 'Starting EnvoyGateway', 'cmd');
        this.#log('info', 'created gatewayapi controller', 'provider');
        this.#watch();
        this.#log('info', 'Starting Controller', 'provider');
        this.#soon();
        await untilSignal(process, ['SIGTERM', 'SIGINT']);
        this.#log('info', 'shutting down', 'cmd');
        return 0;
      });
    } finally {
      this.#timer?.cancel();
      for (const undo of this.#undo) undo();
    }
  }

  #log(level: string, message: string, logger = 'provider', more: Record<string, unknown> = {}): void {
    const ts = new Date(this.#process.world.clock.now()).toISOString().replace('T', 'T');
    void this.#process.stdout.write(`${ts}\t${level.toUpperCase()}\t${logger}\t${message}${Object.keys(more).length > 0 ? `\t${JSON.stringify(more)}` : ''}\n`); // prettier-ignore
  }

  #watch(): void {
    const soon = () => this.#soon();
    const kinds = [...Object.values(gatewayRefs), refs.services, refs.secrets, refs.namespaces] as ResourceRef[];
    for (const ref of kinds)
      this.#undo.push(this.#client.resource(ref).informer.on({ add: soon, update: soon, delete: soon }));
    this.#undo.push(
      this.#client.resource(refs.deployments).informer.on({
        update: ({ metadata }) => {
          if (metadata.namespace === systemNamespace) soon();
        },
      }),
    );
  }

  #soon(): void {
    this.#timer ??= this.#process.world.queue.after(syncDelay, () => {
      this.#timer = undefined;
      try {
        this.#sync();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.#log('error', error.message);
        this.#soon();
      }
    });
  }

  // ---- reconciliation ----------------------------------------------------------------------------------------------

  #sync(): void {
    const client = this.#client;
    const classes = client.resource(gatewayRefs.gatewayClasses).list().filter(({ spec }) => spec.controllerName === controllerName); // prettier-ignore
    for (const one of classes) this.#acceptClass(one);
    const names = new Set(classes.map(({ metadata }) => metadata.name));
    const gateways = client
      .resource(gatewayRefs.gateways)
      .list()
      .filter(({ spec, metadata }) => names.has(spec.gatewayClassName) && metadata.deletionTimestamp === undefined);
    const translation = translate(client, gateways, this.#sources);
    this.#removeOrphans(new Set(gateways.map(infrastructureName)));
    for (const translated of translation.gateways) {
      const { gateway, table } = translated;
      this.#tables.set(keyOf(gateway), table);
      this.#ensure(gateway);
      this.#gatewayStatus(translated);
    }
    for (const route of client.resource(gatewayRefs.httpRoutes).list())
      this.#routeStatus(route, translation.routes.get(route) ?? []);
  }

  #acceptClass(one: GatewayClass): void {
    const accepted: Condition = { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Valid GatewayClass', observedGeneration: one.metadata.generation ?? 1 }; // prettier-ignore
    const conditions = this.#merged(one.status?.conditions, [accepted]);
    if (conditions) this.#client.resource(gatewayRefs.gatewayClasses).update({ ...one, status: { ...one.status, conditions } }, 'status'); // prettier-ignore
  }

  #ensure(gateway: Gateway): void {
    const name = infrastructureName(gateway);
    const deployments = this.#client.resource(refs.deployments);
    const services = this.#client.resource(refs.services);
    if (!deployments.get(systemNamespace, name)) {
      deployments.create(deploymentFor(gateway) as unknown as Draft<Deployment>);
      this.#log('info', 'created infra', 'infrastructure', { name, namespace: systemNamespace });
    }
    const service = services.get(systemNamespace, name);
    if (!service) services.create(serviceFor(gateway) as unknown as Draft<Service>);
    else {
      const wanted = servicePorts(gateway) as { port: number }[];
      const ports = service.spec.ports ?? [];
      const same = ports.length === wanted.length && wanted.every(({ port }, i) => ports[i]!.port === port);
      if (!same) services.update({ ...service, spec: { ...service.spec, ports: wanted } } as Service);
    }
  }

  #removeOrphans(wanted: ReadonlySet<string>): void {
    const isOurs = ({ metadata }: KubeObject) =>
      metadata.labels?.['app.kubernetes.io/managed-by'] === 'envoy-gateway' && !wanted.has(metadata.name) && metadata.deletionTimestamp === undefined; // prettier-ignore
    for (const ref of [refs.deployments, refs.services] as ResourceRef[]) {
      const resource = this.#client.resource(ref);
      for (const object of resource.list({ namespace: systemNamespace }).filter(isOurs)) {
        const { labels = {}, name } = object.metadata;
        this.#tables.set(`${labels['gateway.envoyproxy.io/owning-gateway-namespace']}/${labels['gateway.envoyproxy.io/owning-gateway-name']}`, undefined); // prettier-ignore
        resource.delete(systemNamespace, name, { propagationPolicy: 'Background' });
      }
    }
  }

  // ---- status ------------------------------------------------------------------------------------------------------

  #gatewayStatus({ gateway, listeners }: TranslatedGateway): void {
    const name = infrastructureName(gateway);
    const observedGeneration = gateway.metadata.generation ?? 1;
    const ingress = this.#client.resource(refs.services).get(systemNamespace, name)?.status.loadBalancer?.ingress ?? [];
    const addresses = ingress.map(({ ip, hostname }) => (ip ? { type: 'IPAddress', value: ip } : { type: 'Hostname', value: hostname ?? '' })); // prettier-ignore
    const { replicas = 0, availableReplicas = 0 } = this.#client.resource(refs.deployments).get(systemNamespace, name)?.status ?? {}; // prettier-ignore
    const not = (reason: string, message: string) => ({ status: 'False' as const, reason, message });
    const programmed =
      addresses.length === 0
        ? not('AddressNotAssigned', 'No addresses have been assigned to the Gateway')
        : availableReplicas === 0
          ? not('NoResources', 'Envoy replicas unavailable')
          : { status: 'True' as const, reason: 'Programmed', message: `Address assigned to the Gateway, ${availableReplicas}/${replicas} envoy replicas available` }; // prettier-ignore
    const conditions: Condition[] = [
      { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'The Gateway has been scheduled by Envoy Gateway', observedGeneration }, // prettier-ignore
      { type: 'Programmed', ...programmed, observedGeneration },
    ];
    const { status } = gateway;
    const merged = this.#merged(status?.conditions, conditions);
    let changed = merged !== undefined || JSON.stringify(status?.addresses ?? []) !== JSON.stringify(addresses);
    changed ||= (status?.listeners ?? []).length !== listeners.length;
    const listenerStatuses = listeners.map((listener) => {
      const before = status?.listeners?.find((l) => l.name === listener.name);
      const own = this.#merged(before?.conditions, listener.conditions);
      if (own || before?.attachedRoutes !== listener.attachedRoutes) changed = true;
      return { ...listener, conditions: own ?? before!.conditions };
    });
    if (!changed) return;
    const next = { conditions: merged ?? status!.conditions!, listeners: listenerStatuses, ...(addresses.length > 0 ? { addresses } : undefined) }; // prettier-ignore
    this.#client.resource(gatewayRefs.gateways).update({ ...gateway, status: next }, 'status');
  }

  #routeStatus(route: HttpRoute, parents: readonly TranslatedParent[]): void {
    const before = route.status?.parents ?? [];
    const others = before.filter((parent) => parent.controllerName !== controllerName);
    const own = before.filter((parent) => parent.controllerName === controllerName);
    let changed = own.length !== parents.length;
    const next = parents.map(({ parentRef, conditions }) => {
      const known = own.find((parent) => JSON.stringify(parent.parentRef) === JSON.stringify(parentRef));
      const merged = this.#merged(known?.conditions, conditions);
      if (merged || !known) changed = true;
      return { parentRef, controllerName, conditions: merged ?? known!.conditions };
    });
    if (!changed) return;
    this.#client
      .resource(gatewayRefs.httpRoutes)
      .update({ ...route, status: { parents: [...others, ...next] } }, 'status');
  }

  /** The conditions with times; undefined when they say what they have said before. */
  #merged(before: readonly Condition[] = [], now: readonly Condition[]): Condition[] | undefined {
    const time = rfc3339(this.#process.world.clock.now());
    let changed = before.length !== now.length;
    const merged = now.map((condition) => {
      const old = before.find(({ type }) => type === condition.type);
      const { status, reason, message, observedGeneration } = condition;
      const same = old && old.status === status && old.reason === reason && old.message === message && old.observedGeneration === observedGeneration; // prettier-ignore
      if (!same) changed = true;
      return {
        ...condition,
        lastTransitionTime: old && old.status === status && old.lastTransitionTime ? old.lastTransitionTime : time,
      };
    });
    return changed ? merged : undefined;
  }
}

function keyOf({ metadata }: Gateway): string {
  return `${metadata.namespace}/${metadata.name}`;
}
