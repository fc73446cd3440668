import { isReader, type HttpResponse } from '../../../../network/http.ts';
import { Cancellation, readAll, type World } from '../../../../world/index.ts';
import type { ProxyTransport } from '../../subresources/proxy.ts';
import { isRecord } from '../../objects.ts';
import { decodeBase64Bytes } from '../../base64url.ts';

/** What a webhook answered. */
export type Verdict =
  /** It could not be asked, or its answer is none; the text comes after `failed calling webhook "x": `. */
  | { readonly kind: 'failure'; readonly text: string }
  | {
      readonly kind: 'answer';
      readonly allowed: boolean;
      readonly result:
        | { readonly code?: number; readonly message?: string; readonly reason?: string; readonly details?: unknown }
        | undefined;
      /** JSON patch. */
      readonly patch: unknown;
      readonly warnings: readonly string[];
    };

/** Where a webhook is reached: what errors call it, and what is dialled. */
export interface Address {
  /** `https://name.namespace.svc:443/path?timeout=10s`. */
  readonly shown: string;
  /** The same with an address that the network knows; undefined with the reason why there is none. */
  readonly dialled: string | { readonly missing: string };
  readonly host: string;
}

const limit = 3 * 1024 * 1024;

/** Posts an AdmissionReview. Never throws. */
export async function ask(
  world: World,
  transport: ProxyTransport | undefined,
  address: Address,
  review: { readonly uid: string; readonly body: Uint8Array; readonly version: string },
  timeoutMs: number,
): Promise<Verdict> {
  const sent = await post(world, transport, address, review.body, timeoutMs);
  if ('failure' in sent) return { kind: 'failure', text: `failed to call webhook: ${sent.failure}` };
  return verdictOf(sent.response, sent.text, review);
}

/** Posts JSON. Never throws: `failure` is what client-go says. */
export async function post(
  world: World,
  transport: ProxyTransport | undefined,
  { shown, dialled, host }: Address,
  body: Uint8Array,
  timeoutMs: number,
): Promise<{ failure: string } | { response: HttpResponse; text: string }> {
  const failure = (why: string) => ({ failure: `Post ${JSON.stringify(shown)}: ${why}` });
  if (typeof dialled !== 'string') return failure(dialled.missing);
  if (!transport) {
    const to = /^\w+:\/\/([^/]+)/.exec(dialled)?.[1] ?? '';
    return failure(`dial tcp ${to}: connect: connection refused`);
  }
  const cancel = new Cancellation();
  const timer = world.queue.after(timeoutMs, () => cancel.cancel(new Error('context deadline exceeded')));
  try {
    const response = await transport(dialled, {
      method: 'POST',
      headers: {
        host,
        'content-type': 'application/json',
        accept: 'application/json, */*',
        'user-agent': 'kube-apiserver-admission',
        'content-length': String(body.length),
      },
      body,
      cancel,
    });
    const bytes = isReader(response.body) ? await readAll(response.body, cancel, limit) : response.body;
    if (cancel.reason) return failure('context deadline exceeded');
    return { response, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (cancel.reason) return failure('context deadline exceeded');
    const text = error instanceof Error ? error.message : String(error);
    return failure(/the server speaks http$/.test(text) ? 'http: server gave HTTP response to HTTPS client' : text);
  } finally {
    timer.cancel();
  }
}

/** What client-go makes of a status that is no success; undefined for one that is. */
export function statusProblem(status: number, text: string): string | undefined {
  if (status === 404) return 'the server could not find the requested resource';
  if (status >= 500)
    return `an error on the server (${JSON.stringify(text.trim() || 'unknown')}) has prevented the request from succeeding`;
  return status < 200 || status >= 300 ? 'the server rejected our request for an unknown reason' : undefined;
}

function verdictOf(
  { status }: HttpResponse,
  text: string,
  { uid, version }: { readonly uid: string; readonly version: string },
): Verdict {
  const failed = (what: string): Verdict => ({ kind: 'failure', text: `failed to call webhook: ${what}` });
  const problem = statusProblem(status, text);
  if (problem !== undefined) return failed(problem);
  const invalid = (what: string): Verdict => ({ kind: 'failure', text: `received invalid webhook response: ${what}` });
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch {
    return failed(
      `couldn't get version/kind; json parse error: ${text === '' ? 'unexpected end of JSON input' : `invalid character ${JSON.stringify(text[0])} looking for beginning of value`}`,
    );
  }
  if (!isRecord(review)) return failed('expected response.uid');
  const wanted = `admission.k8s.io/${version}, Kind=AdmissionReview`;
  const { apiVersion = '', kind = '', response } = review;
  if (apiVersion !== `admission.k8s.io/${version}` || kind !== 'AdmissionReview')
    return invalid(`expected webhook response of ${wanted}, got ${String(apiVersion)}, Kind=${String(kind)}`);
  if (!isRecord(response)) return failed('webhook response was absent');
  if (response['uid'] !== uid)
    return invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  const warnings = Array.isArray(response['warnings']) ? response['warnings'].map(String) : [];
  const result = isRecord(response['status']) ? (response['status'] as { code?: number }) : undefined;
  const answer = { kind: 'answer', allowed: response['allowed'] === true, result, warnings } as const;
  const { patch: encoded, patchType } = response;
  if (encoded === undefined || encoded === null || encoded === '') {
    if (patchType) return invalid('webhook returned response.patchType but not response.patch');
    return { ...answer, patch: undefined };
  }
  if (!patchType) return invalid('webhook returned response.patch but not response.patchType');
  if (patchType !== 'JSONPatch')
    return invalid(`webhook returned invalid response.patchType of ${JSON.stringify(patchType)}`);
  try {
    return { ...answer, patch: JSON.parse(new TextDecoder().decode(decodeBase64Bytes(String(encoded)))) as unknown };
  } catch {
    return failed('invalid character in response.patch');
  }
}
