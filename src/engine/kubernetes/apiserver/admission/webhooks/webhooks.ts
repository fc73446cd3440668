import type { KubeObject } from '../../../types.ts';
import type { ProxyTransport } from '../../subresources/proxy.ts';
import type { World } from '../../../../world/index.ts';
import type { KindContext } from '../../resources/kind.ts';
import { group, type ClientConfig, type Webhook } from './configuration.ts';
import { BackgroundConversations, type Question } from './conversation.ts';
import { ask, post, statusProblem, type Address } from './verdict.ts';
import { isRecord } from '../../objects.ts';

interface Service extends KubeObject {
  readonly spec?: { readonly clusterIP?: string; readonly ports?: readonly { readonly port: number }[] };
}

/** What a server knows of webhooks: whether there are any, and the way to them. */
export class Webhooks {
  readonly #world: World;
  readonly background = new BackgroundConversations();
  /** Set where the server has a network. */
  transport: ProxyTransport | undefined;
  /** Any configuration exists. Without one, writes go their short way. */
  inUse = false;
  #asked = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** @param request without its uid */
  question(id: string, webhook: Webhook, request: Readonly<Record<string, unknown>>, context: KindContext): Question {
    const timeoutMs = (webhook.timeoutSeconds ?? 10) * 1000;
    return {
      id,
      ask: () => {
        const uid = questionUid(++this.#asked);
        const version = webhook.admissionReviewVersions?.find((v) => v === 'v1' || v === 'v1beta1') ?? 'v1';
        const review = {
          kind: 'AdmissionReview',
          apiVersion: `admission.k8s.io/${version}`,
          request: { uid, ...request },
        };
        const body = new TextEncoder().encode(`${JSON.stringify(review)}\n`);
        const address = addressOf(webhook.clientConfig, timeoutMs / 1000, context);
        return ask(this.#world, this.transport, address, { uid, body, version }, timeoutMs);
      },
    };
  }

  /** Posts another kind of review. Never throws. */
  async post(
    client: ClientConfig,
    kind: { readonly kind: string; readonly apiVersion: string },
    request: Readonly<Record<string, unknown>>,
    timeoutMs: number,
    context: KindContext,
  ): Promise<{ failure: string } | { review: Record<string, unknown> }> {
    const uid = questionUid(++this.#asked);
    const body = new TextEncoder().encode(`${JSON.stringify({ ...kind, request: { uid, ...request } })}\n`);
    const address = addressOf(client, timeoutMs / 1000, context);
    const sent = await post(this.#world, this.transport, address, body, timeoutMs);
    if ('failure' in sent) return sent;
    const problem = statusProblem(sent.response.status, sent.text);
    if (problem !== undefined) return { failure: problem };
    try {
      const review = JSON.parse(sent.text) as unknown;
      if (isRecord(review)) return { review };
    } catch {
      // Said below.
    }
    return { failure: 'invalid response: no object' };
  }
}

/** A UUID made of a count: how often webhooks are asked must not shift other draws. */
function questionUid(n: number): string {
  const hex = (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${hex}-${n.toString(16).padStart(4, '0').slice(-4)}-4000-8000-${n.toString(16).padStart(12, '0').slice(-12)}`;
}

/** Service names resolve to cluster IPs (NewClusterIPServiceResolver); URLs are taken as they are. */
function addressOf({ url, service }: ClientConfig, seconds: number, context: KindContext): Address {
  const query = `?timeout=${seconds}s`;
  if (url !== undefined || !service) {
    const host = /^\w+:\/\/([^/]+)/.exec(url ?? '')?.[1] ?? '';
    const shown = `${url}${query}`;
    return { shown, dialled: shown, host };
  }
  const { namespace, name, path = '', port = 443 } = service;
  const host = `${name}.${namespace}.svc`;
  const rest = `${path.startsWith('/') || path === '' ? path : `/${path}`}${query}`;
  const shown = `https://${host}:${port}${rest}`;
  const found = context.get('', 'services', namespace, name) as Service | undefined;
  if (!found) return { shown, host, dialled: { missing: `service ${JSON.stringify(name)} not found` } };
  const ip = found.spec?.clusterIP;
  if (!ip || ip === 'None')
    return { shown, host, dialled: { missing: `cannot route to service with ClusterIP ${JSON.stringify(ip ?? '')}` } };
  if (!found.spec?.ports?.some((p) => p.port === port))
    return { shown, host, dialled: { missing: `no service port ${port} found for service ${JSON.stringify(name)}` } };
  return { shown, host, dialled: `https://${ip.includes(':') ? `[${ip}]` : ip}:${port}${rest || '/'}` };
}

/** Resources that hold configurations. */
export const configurations = [
  `${group}/mutatingwebhookconfigurations`,
  `${group}/validatingwebhookconfigurations`,
] as const;
