import { durationMs } from './duration.ts';
import { matchesSelector, selectorFrom } from '../../apimachinery/label-selector.ts';
import type { Client } from '../../client.ts';
import { refs } from '../../types.ts';
import type { ServiceEndpoints } from '../reverse-proxy/service-endpoints.ts';
import type { TlsSecrets } from '../reverse-proxy/tls-secrets.ts';
import { intersect } from './hostname.ts';
import { precedence, type Entry, type EntrySource, type GatewayTable, type ListenerTable, type PortTable, type WeightedBackend } from './table.ts'; // prettier-ignore
import { gatewayGroup, gatewayRefs, type BackendRef, type Condition, type Gateway, type HttpRoute, type Listener, type ListenerStatus, type ParentRef } from './types.ts'; // prettier-ignore

/** Gateways and what is attached to them, made into tables for data planes and statuses for people. */

export interface TranslatedGateway {
  readonly gateway: Gateway;
  readonly table: GatewayTable;
  readonly listeners: readonly Omit<ListenerStatus, never>[];
}

export interface TranslatedParent {
  readonly parentRef: ParentRef;
  readonly conditions: readonly Condition[];
}

export interface Translation {
  readonly gateways: readonly TranslatedGateway[];
  /** Statuses of routes towards the gateways that were asked for. */
  readonly routes: ReadonlyMap<HttpRoute, readonly TranslatedParent[]>;
}

interface DraftListener {
  readonly gateway: Gateway;
  readonly listener: Listener;
  readonly conditions: Condition[];
  readonly certificate: ListenerTable['certificate'];
  readonly entries: (Entry & EntrySource)[];
  attached: number;
  readonly usable: boolean;
}

const truth = (type: string, reason: string, message: string): Condition => ({ type, status: 'True', reason, message });
const lie = (type: string, reason: string, message: string): Condition => ({ type, status: 'False', reason, message });

/** @param gateways those of the controller's classes */
export function translate(
  client: Client,
  gateways: readonly Gateway[],
  sources: { services: ServiceEndpoints; secrets: TlsSecrets },
): Translation {
  return new Translator(client, sources).run(gateways);
}

class Translator {
  readonly #client: Client;
  readonly #sources;

  constructor(client: Client, sources: { services: ServiceEndpoints; secrets: TlsSecrets }) {
    this.#client = client;
    this.#sources = sources;
  }

  run(gateways: readonly Gateway[]): Translation {
    const drafts = new Map(
      gateways.map((gateway) => [gateway, gateway.spec.listeners.map((l) => this.#listener(gateway, l))]),
    );
    const routes = new Map<HttpRoute, TranslatedParent[]>();
    for (const route of this.#client.resource(gatewayRefs.httpRoutes).list()) {
      const parents: TranslatedParent[] = [];
      for (const parentRef of route.spec.parentRefs ?? []) {
        if ((parentRef.kind ?? 'Gateway') !== 'Gateway' || (parentRef.group ?? gatewayGroup) !== gatewayGroup) continue;
        const namespace = parentRef.namespace ?? route.metadata.namespace;
        const found = [...drafts].find(
          ([{ metadata }]) => metadata.name === parentRef.name && metadata.namespace === namespace,
        );
        if (found) parents.push({ parentRef, conditions: this.#attach(route, parentRef, found[1]) });
      }
      if (parents.length > 0) routes.set(route, parents);
    }
    return {
      gateways: [...drafts].map(([gateway, listeners]) => ({
        gateway,
        table: tableOf(listeners),
        listeners: listeners.map(statusOf),
      })),
      routes,
    };
  }

  // ---- listeners ---------------------------------------------------------------------------------------------------

  #listener(gateway: Gateway, listener: Listener): DraftListener {
    const draft = (conditions: Condition[], usable: boolean, certificate?: ListenerTable['certificate']): DraftListener => ({ gateway, listener, conditions, certificate, entries: [], attached: 0, usable }); // prettier-ignore
    const resolved = truth('ResolvedRefs', 'ResolvedRefs', 'Listener references have been resolved');
    const { protocol } = listener;
    if (protocol !== 'HTTP' && protocol !== 'HTTPS')
      return draft([lie('Accepted', 'UnsupportedProtocol', `Protocol ${protocol} is unsupported, must be HTTP or HTTPS.`), lie('Programmed', 'Invalid', 'Listener is invalid, see other Conditions for details.'), resolved], false); // prettier-ignore
    const accepted = truth('Accepted', 'Accepted', 'Listener has been successfully translated');
    const programmed = truth('Programmed', 'Programmed', 'Sending translated listener configuration to the data plane');
    if (protocol === 'HTTP') return draft([programmed, accepted, resolved], true);
    const problem = this.#certificateProblem(gateway, listener);
    if (typeof problem !== 'object' || !('certificate' in problem))
      return draft([problem, accepted, lie('Programmed', 'Invalid', 'Listener is invalid, see other Conditions for details.')], false); // prettier-ignore
    return draft([programmed, accepted, resolved], true, problem.certificate);
  }

  #certificateProblem(
    gateway: Gateway,
    { tls }: Listener,
  ): Condition | { certificate: NonNullable<ListenerTable['certificate']> } {
    // prettier-ignore
    const [ref] = tls?.certificateRefs ?? [];
    if (!ref) return lie('ResolvedRefs', 'InvalidCertificateRef', 'Listener must have at least 1 TLS certificate ref');
    const own = gateway.metadata.namespace ?? 'default';
    const namespace = ref.namespace ?? own;
    const from = { group: gatewayGroup, kind: 'Gateway', namespace: own };
    if (namespace !== own && !this.#granted(from, { group: '', kind: 'Secret', namespace, name: ref.name }))
      return lie('ResolvedRefs', 'RefNotPermitted', `Certificate ref to secret ${namespace}/${ref.name} not permitted by any ReferenceGrant.`); // prettier-ignore
    const found = this.#sources.secrets.find(namespace, ref.name);
    if ('problem' in found)
      return lie('ResolvedRefs', 'InvalidCertificateRef', found.problem === 'missing' ? `Secret ${namespace}/${ref.name} does not exist.` : `Secret ${namespace}/${ref.name} must contain valid tls.crt and tls.key.`); // prettier-ignore
    return found;
  }

  #granted(
    from: { group: string; kind: string; namespace: string },
    to: { group: string; kind: string; namespace: string; name: string },
  ): boolean {
    return this.#client
      .resource(gatewayRefs.referenceGrants)
      .list({ namespace: to.namespace })
      .some(
        ({ spec }) =>
          spec.from.some((f) => f.group === from.group && f.kind === from.kind && f.namespace === from.namespace) &&
          spec.to.some((t) => t.group === to.group && t.kind === to.kind && (!t.name || t.name === to.name)),
      );
  }

  // ---- routes ------------------------------------------------------------------------------------------------------

  #attach(route: HttpRoute, { sectionName, port }: ParentRef, listeners: readonly DraftListener[]): Condition[] {
    const generation = route.metadata.generation ?? 1;
    const done = (accepted: Condition, resolved: Condition): Condition[] =>
      [accepted, resolved].map((condition) => ({ ...condition, observedGeneration: generation }));
    const allResolved = truth('ResolvedRefs', 'ResolvedRefs', 'Resolved all the Object references for the Route');
    const named = listeners.filter(({ listener }) => (!sectionName || listener.name === sectionName) && (!port || listener.port === port)); // prettier-ignore
    if (named.length === 0)
      return done(lie('Accepted', 'NoMatchingParent', 'No listeners match this parent ref'), allResolved);
    const allowed = named.filter((draft) => this.#allows(draft, route));
    if (allowed.length === 0)
      return done(lie('Accepted', 'NotAllowedByListeners', 'No listeners included by this parent ref allowed this attachment.'), allResolved); // prettier-ignore
    const fitting = allowed.flatMap((draft) => {
      const hostnames = intersect(draft.listener.hostname, route.spec.hostnames ?? []);
      return hostnames ? [{ draft, hostnames }] : [];
    });
    if (fitting.length === 0)
      return done(lie('Accepted', 'NoMatchingListenerHostname', "There were no hostname intersections between the HTTPRoute and this parent ref's Listener(s)."), allResolved); // prettier-ignore
    const problems: Condition[] = [];
    const entries = this.#entries(route, problems);
    for (const { draft, hostnames } of fitting) {
      draft.attached++;
      if (!draft.usable) continue;
      for (const hostname of hostnames) for (const entry of entries) draft.entries.push({ ...entry, hostname });
    }
    const refused = problems.find(({ type }) => type === 'Accepted');
    return done(
      refused ?? truth('Accepted', 'Accepted', 'Route is accepted'),
      problems.find(({ type }) => type === 'ResolvedRefs') ?? allResolved,
    );
  }

  #allows({ gateway, listener: { allowedRoutes } }: DraftListener, route: HttpRoute): boolean {
    const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
    const kinds = allowedRoutes?.kinds ?? [];
    if (kinds.length > 0 && !kinds.some((k) => k.kind === 'HTTPRoute' && (k.group ?? gatewayGroup) === gatewayGroup))
      return false;
    if (from === 'All') return true;
    if (from === 'Same') return route.metadata.namespace === gateway.metadata.namespace;
    const namespace = this.#client.resource(refs.namespaces).get(undefined, route.metadata.namespace ?? '');
    return matchesSelector(selectorFrom(selector), namespace?.metadata.labels ?? {});
  }

  #entries(route: HttpRoute, problems: Condition[]): (Omit<Entry, 'hostname'> & EntrySource)[] {
    const { namespace = 'default', name, creationTimestamp: created } = route.metadata;
    const key = `${namespace}/${name}`;
    return (route.spec.rules ?? []).flatMap((rule, ruleIndex) => {
      const { backendRefs = [], filters = [], timeouts = {} } = rule;
      const unsimulated = filters.find(({ type }) => type === 'ExtensionRef' || type === 'RequestMirror')?.type;
      if (unsimulated)
        problems.push(lie('Accepted', 'UnsupportedValue', `slipway: filters of type ${unsimulated} are not simulated`));
      const backends = backendRefs.map((ref, i) => this.#backend(route, ref, `Failed to process route rule ${ruleIndex} backendRef ${i}: `, problems)); // prettier-ignore
      const cluster = `httproute/${key}/rule/${ruleIndex}`;
      const matches = rule.matches?.length ? rule.matches : [{}];
      return matches.map((match, matchIndex) => ({
        match,
        filters,
        backends,
        timeout: durationMs(timeouts.request ?? timeouts.backendRequest ?? '0s'),
        name: `${cluster}/match/${matchIndex}`,
        cluster,
        rule,
        created,
        key,
        ruleIndex,
        matchIndex,
      }));
    });
  }

  #backend(route: HttpRoute, ref: BackendRef, head: string, problems: Condition[]): WeightedBackend {
    const own = route.metadata.namespace ?? 'default';
    const { group = '', kind = 'Service', namespace = own, name, port = 0, weight = 1, filters = [] } = ref;
    const invalid = (reason: string, message: string): WeightedBackend => {
      problems.push(lie('ResolvedRefs', reason, `${head}${message}`));
      return { weight, service: undefined, filters };
    };
    if (group !== '' || kind !== 'Service')
      return invalid('InvalidKind', `group ${group || 'core'} kind ${kind} is not supported.`);
    const from = { group: gatewayGroup, kind: 'HTTPRoute', namespace: own };
    if (namespace !== own && !this.#granted(from, { group, kind, namespace, name }))
      return invalid(
        'RefNotPermitted',
        `backend ref to ${kind} ${namespace}/${name} not permitted by any ReferenceGrant.`,
      );
    const found = this.#sources.services.find(namespace, name, port);
    if (found.kind === 'no-service') return invalid('BackendNotFound', `service ${namespace}/${name} not found.`);
    if (found.kind === 'no-port')
      return invalid('PortNotFound', `TCP Port ${port} not found on Service ${namespace}/${name}.`);
    return { weight, service: { namespace, name, port }, filters };
  }
}

function tableOf(listeners: readonly DraftListener[]): GatewayTable {
  const ports = new Map<number, { port: number; protocol: PortTable['protocol']; listeners: ListenerTable[] }>();
  for (const { listener, certificate, entries, usable } of listeners) {
    if (!usable) continue;
    const { port, name, hostname } = listener;
    let table = ports.get(port);
    if (!table)
      ports.set(port, (table = { port, protocol: listener.protocol as PortTable['protocol'], listeners: [] }));
    table.listeners.push({ name, hostname, certificate, entries: [...entries].sort(precedence) });
  }
  return { ports: [...ports.values()] };
}

function statusOf({ gateway, listener, conditions, attached }: DraftListener): ListenerStatus {
  const observedGeneration = gateway.metadata.generation ?? 1;
  const kinds = listener.protocol === 'HTTP' || listener.protocol === 'HTTPS' ? ['HTTPRoute'] : [];
  return {
    name: listener.name,
    attachedRoutes: attached,
    supportedKinds: kinds.map((kind) => ({ group: gatewayGroup, kind })),
    conditions: conditions.map((condition) => ({ ...condition, observedGeneration })),
  };
}
