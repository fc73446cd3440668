import { byName, keyOf, type ListObjects, type TopologyObject } from './objects.ts';

/** Where traffic from outside is told apart by host and path: Ingresses, Gateways and their HTTPRoutes. */
export interface EntranceView {
  id: string;
  resource: string;
  kind: 'Ingress' | 'Gateway' | 'HTTPRoute';
  namespace: string;
  name: string;
  /** Its class, listeners or host names. */
  text: string;
  addresses: string[];
}

/** From an entrance on: to a Service, or from a Gateway to its routes. */
export interface RouteView {
  from: string;
  /** Id of an entrance; a Service's key (namespace/name) if `service`. */
  to: string;
  service: boolean;
  /** Hosts and paths that go this way. */
  label: string;
}

interface Backend {
  service?: { name: string };
}

interface IngressFields {
  spec?: {
    ingressClassName?: string;
    defaultBackend?: Backend;
    tls?: unknown[];
    rules?: { host?: string; http?: { paths?: { path?: string; backend?: Backend }[] } }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

interface GatewayFields {
  spec?: { gatewayClassName?: string; listeners?: { protocol?: string; port?: number; hostname?: string }[] };
  status?: { addresses?: { value: string }[] };
}

interface Reference {
  kind?: string;
  name: string;
  namespace?: string;
  weight?: number;
}

interface HttpRouteFields {
  spec?: {
    parentRefs?: Reference[];
    hostnames?: string[];
    rules?: { matches?: { path?: { value?: string } }[]; backendRefs?: Reference[] }[];
  };
}

const ingresses = 'networking.k8s.io/ingresses';
const gateways = 'gateway.networking.k8s.io/gateways';
const httpRoutes = 'gateway.networking.k8s.io/httproutes';

export function entrancesOf(
  list: ListObjects,
  visible: (object: TopologyObject) => boolean,
): { entrances: EntranceView[]; routes: RouteView[] } {
  const entrances: EntranceView[] = [];
  const routes = new Routes();
  const add = (
    object: TopologyObject,
    kind: EntranceView['kind'],
    resource: string,
    text: string,
    addresses: string[],
  ) =>
    entrances.push({
      id: object.metadata.uid,
      resource,
      kind,
      namespace: object.metadata.namespace ?? 'default',
      name: object.metadata.name,
      text,
      addresses,
    });
  const gatewayIds = new Map<string, string>();
  for (const gateway of list(gateways).filter(visible).sort(byName)) {
    const { spec, status } = gateway as GatewayFields;
    const listeners = (spec?.listeners ?? []).map(({ protocol, port }) => `${protocol ?? ''}:${port ?? ''}`);
    add(
      gateway,
      'Gateway',
      gateways,
      listeners.join(' '),
      (status?.addresses ?? []).map(({ value }) => value),
    );
    gatewayIds.set(keyOf(gateway), gateway.metadata.uid);
  }
  for (const ingress of list(ingresses).filter(visible).sort(byName)) {
    const { spec = {}, status } = ingress as IngressFields;
    const { uid, namespace = 'default' } = ingress.metadata;
    const text = [spec.ingressClassName ?? '', spec.tls?.length ? 'TLS' : ''].filter(Boolean).join(' ');
    const addresses = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
    add(ingress, 'Ingress', ingresses, text, addresses);
    const to = (backend: Backend | undefined, label: string) => {
      if (backend?.service) routes.add(uid, `${namespace}/${backend.service.name}`, true, label);
    };
    for (const { host = '', http } of spec.rules ?? [])
      for (const { path = '/', backend } of http?.paths ?? []) to(backend, `${host}${path}`);
    to(spec.defaultBackend, '*');
  }
  for (const route of list(httpRoutes).filter(visible).sort(byName)) {
    const { spec = {} } = route as HttpRouteFields;
    const { uid, namespace = 'default' } = route.metadata;
    add(route, 'HTTPRoute', httpRoutes, (spec.hostnames ?? []).join(' '), []);
    for (const parent of spec.parentRefs ?? []) {
      const gateway = gatewayIds.get(`${parent.namespace ?? namespace}/${parent.name}`);
      if (gateway !== undefined) routes.add(gateway, uid, false, '');
    }
    for (const { matches = [{}], backendRefs = [] } of spec.rules ?? [])
      for (const { kind = 'Service', name, namespace: other = namespace, weight } of backendRefs) {
        if (kind !== 'Service') continue;
        const paths = matches.map(({ path }) => path?.value ?? '/').join(' ');
        routes.add(uid, `${other}/${name}`, true, backendRefs.length > 1 ? `${paths} ×${weight ?? 1}` : paths);
      }
  }
  return { entrances, routes: routes.list() };
}

/** So many hosts and paths are written on one line. */
const written = 2;

class Routes {
  readonly #labels = new Map<string, { route: Omit<RouteView, 'label'>; labels: string[] }>();

  add(from: string, to: string, service: boolean, label: string): void {
    const known = this.#labels.get(`${from} ${to}`);
    if (known) known.labels.push(label);
    else this.#labels.set(`${from} ${to}`, { route: { from, to, service }, labels: [label] });
  }

  list(): RouteView[] {
    return [...this.#labels.values()].map(({ route, labels }) => {
      const more = labels.length - written;
      return { ...route, label: [...labels.slice(0, written), ...(more > 0 ? [`+${more}`] : [])].join('\n') };
    });
  }
}
