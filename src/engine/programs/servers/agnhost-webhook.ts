import type { HttpRequest, HttpResponse } from '../../network/index.ts';
import { isReader } from '../../network/index.ts';
import type { Process, Program } from '../../process/index.ts';
import { encodeBase64, readAll } from '../../world/index.ts';
import { goFlags, requestTarget, untilSignal, whileListening } from './service.ts';

/** `agnhost webhook`: admission and conversion webhooks that the Kubernetes documentation and its tests use. */

type Fields = Record<string, unknown>;

interface Review {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly request?: {
    readonly uid: string;
    readonly name?: string;
    readonly object?: Fields | null;
    readonly oldObject?: Fields | null;
  };
}

interface Answer {
  readonly allowed: boolean;
  readonly message?: string;
  readonly patch?: readonly object[];
}

type Judge = (
  request: NonNullable<Review['request']>,
  process: Process,
  flags: ReadonlyMap<string, string>,
) => Answer | Promise<Answer>;

const allowed: Answer = { allowed: true };
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const metadataOf = (object: unknown) => fields(fields(object)['metadata']);
const labelsOf = (object: unknown) => fields(metadataOf(object)['labels']);
const containersOf = (object: unknown) =>
  (fields(fields(object)['spec'])['containers'] ?? []) as readonly { readonly name?: string }[];

const mark = 'webhook-e2e-test';
const unwanted = 'webhook-disallow';

const judgePod: Judge = async ({ object }, process) => {
  const complaints: string[] = [];
  const label = labelsOf(object)[mark];
  if (label === unwanted) complaints.push('the pod contains unwanted label;');
  if (label === 'wait-forever') await process.sleep(365 * 24 * 3_600_000);
  for (const { name = '' } of containersOf(object))
    if (name.includes(unwanted)) complaints.push('the pod contains unwanted container name;');
  return complaints.length === 0 ? allowed : { allowed: false, message: complaints.join(' ') };
};

/** Two stages, so that a webhook that is asked again has something to add. */
const mutateData: Judge = ({ object }) => {
  const data = fields(fields(object)['data']);
  const add = (stage: string) => ({ op: 'add', path: `/data/mutation-stage-${stage}`, value: 'yes' });
  const patch = [
    ...(data['mutation-start'] === 'yes' ? [add('1')] : []),
    ...(data['mutation-stage-1'] === 'yes' ? [add('2')] : []),
  ];
  return patch.length > 0 ? { allowed: true, patch } : allowed;
};

const judgeData =
  (message: string): Judge =>
  ({ object, oldObject }) => {
    const data = fields(fields(object ?? oldObject)['data']);
    return data[mark] === unwanted ? { allowed: false, message } : allowed;
  };

const judges: Readonly<Record<string, Judge>> = {
  '/always-allow-delay-5s': async (_request, process) => {
    await process.sleep(5000);
    return allowed;
  },
  '/always-deny': () => ({ allowed: false, message: 'this webhook denies all requests' }),
  '/add-label': ({ object }) => {
    const { labels } = metadataOf(object);
    if (!labels)
      return { allowed: true, patch: [{ op: 'add', path: '/metadata/labels', value: { 'added-label': 'yes' } }] };
    const current = fields(labels)['added-label'];
    if (current === 'yes') return allowed;
    const op = current === undefined ? 'add' : 'replace';
    return { allowed: true, patch: [{ op, path: '/metadata/labels/added-label', value: 'yes' }] };
  },
  '/pods': judgePod,
  '/pods/attach': ({ name, object }) =>
    name === 'to-be-attached-pod' && (fields(object)['container'] ?? 'container1') === 'container1'
      ? { allowed: false, message: "attaching to pod 'to-be-attached-pod' is not allowed" }
      : allowed,
  '/mutating-pods': ({ object }) =>
    metadataOf(object)['name'] === 'webhook-to-be-mutated'
      ? {
          allowed: true,
          patch: [
            {
              op: 'add',
              path: '/spec/initContainers',
              value: [{ image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} }],
            },
          ],
        }
      : allowed,
  '/mutating-pods-sidecar': ({ object }, _process, flags) => {
    const image = flags.get('sidecar-image') ?? '';
    if (image === '') return { allowed: false, message: 'No image specified by the sidecar-image parameter' };
    const sidecar = { name: 'webhook-added-sidecar', image, resources: {} };
    return containersOf(object).some(({ name }) => name === sidecar.name)
      ? allowed
      : { allowed: true, patch: [{ op: 'add', path: '/spec/containers/-', value: sidecar }] };
  },
  '/configmaps': judgeData('the configmap contains unwanted key and value'),
  '/mutating-configmaps': mutateData,
  '/custom-resource': judgeData('the custom resource contains unwanted data'),
  '/mutating-custom-resource': mutateData,
  '/crd': ({ object }) =>
    labelsOf(object)[mark] === unwanted ? { allowed: false, message: 'the crd contains unwanted label' } : allowed,
};

export const webhook: Program = (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  return serveReviews(process, Number(flags.get('port') ?? 443), async (path, review) => {
    const judge = judges[path];
    if (!judge) return undefined;
    const { request, apiVersion = 'admission.k8s.io/v1' } = review as Review;
    if (!request) return 'unexpected nil request';
    const answer = await judge(request, process, flags);
    const patch = answer.patch && new TextEncoder().encode(JSON.stringify(answer.patch));
    return {
      kind: 'AdmissionReview',
      apiVersion,
      response: {
        uid: request.uid,
        allowed: answer.allowed,
        ...(answer.message !== undefined && { status: { metadata: {}, message: answer.message } }),
        ...(patch && { patch: encodeBase64(patch), patchType: 'JSONPatch' }),
      },
    };
  });
};

interface ConversionReview {
  readonly apiVersion?: string;
  readonly request?: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects?: readonly Fields[] };
}

/** Converts `hostPort: "localhost:8080"` of v1 and `host`, `port` of v2 into each other. */
export const conversionWebhook: Program = (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  return serveReviews(process, Number(flags.get('port') ?? 443), async (path, review) => {
    if (path !== '/crdconvert') return undefined;
    const { request, apiVersion = 'apiextensions.k8s.io/v1' } = review as ConversionReview;
    if (!request) return 'unexpected nil request';
    const { uid, desiredAPIVersion, objects = [] } = request;
    const converted = objects.map((object) => convertHost(object, desiredAPIVersion));
    const failure = converted.find((one) => typeof one === 'string');
    const result = failure === undefined ? { status: 'Success' } : { status: 'Failure', message: failure };
    const convertedObjects = failure === undefined ? converted : [];
    return { kind: 'ConversionReview', apiVersion, response: { uid, convertedObjects, result } };
  });
};

/** @returns the object, or why it cannot be converted */
function convertHost(object: Fields, to: string): Fields | string {
  const from = object['apiVersion'];
  if (from === to) return `conversion from a version to itself should not call the webhook: ${to}`;
  const { hostPort, host, port, ...rest } = object;
  if (String(from).endsWith('/v1') && to.endsWith('/v2')) {
    if (hostPort === undefined) return { ...rest, apiVersion: to };
    const parts = String(hostPort).split(':');
    if (parts.length !== 2) return 'invalid hostPort value ' + JSON.stringify(hostPort);
    return { ...rest, apiVersion: to, host: parts[0], port: parts[1] };
  }
  if (String(from).endsWith('/v2') && to.endsWith('/v1'))
    return {
      ...rest,
      apiVersion: to,
      ...(host !== undefined && port !== undefined && { hostPort: `${String(host)}:${String(port)}` }),
    };
  return `unexpected conversion version ${JSON.stringify(from)}`;
}

type Answerer = (path: string, review: unknown) => Promise<object | string | undefined>;

/** @param answer gives undefined for a path that is not there, a text for a review that is none */
function serveReviews(process: Process, port: number, answer: Answerer): Promise<number> {
  const plain = 'text/plain; charset=utf-8';
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    const { path } = requestTarget(request);
    if (path === '/readyz') return response(200, 'ok', plain);
    const bytes = request.body && isReader(request.body) ? await readAll(request.body, process.cancel) : request.body;
    let review: unknown;
    try {
      review = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()));
    } catch (error) {
      return response(400, `Request could not be decoded: ${(error as Error).message}`, plain);
    }
    const answered = await answer(path, review);
    if (answered === undefined) return response(404, '404 page not found\n', plain);
    if (typeof answered === 'string') return response(400, answered, plain);
    return response(200, JSON.stringify(answered), 'application/json');
  };
  return whileListening(process, [{ port, server: { protocol: 'https', http } }], async () => {
    await untilSignal(process);
    return 0;
  });
}

function response(status: number, text: string, type: string): HttpResponse {
  const body = new TextEncoder().encode(text);
  return { status, headers: { 'content-type': type, 'content-length': String(body.length) }, body };
}
