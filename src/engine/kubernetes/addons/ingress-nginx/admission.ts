import { isReader, type HttpRequest, type HttpResponse } from '../../../network/index.ts';
import { AnnotationError, validateAnnotations } from './annotations.ts';
import type { Ingress } from './types.ts';

interface AdmissionReview {
  readonly request?: { readonly uid: string; readonly operation?: string; readonly object?: Ingress };
}

/** What the webhook says to an Ingress; undefined: it may be. */
export function objection(ingress: Ingress, others: readonly Ingress[]): string | undefined {
  try {
    validateAnnotations(ingress);
  } catch (error) {
    if (error instanceof AnnotationError) return error.message;
    throw error;
  }
  const { namespace, name, annotations = {} } = ingress.metadata;
  if (annotations['nginx.ingress.kubernetes.io/canary'] === 'true') return undefined;
  for (const { host = '', http } of ingress.spec?.rules ?? [])
    for (const { path = '/', pathType } of http?.paths ?? []) {
      if (pathType !== 'ImplementationSpecific' && !/^\/[\w\-/.%~+@:,;=!$&'()*]*$/.test(path) && path !== '/')
        return `ingress contains invalid paths: path ${path} cannot be used with pathType ${pathType}`;
      const other = others.find(
        (one) =>
          (one.metadata.namespace !== namespace || one.metadata.name !== name) &&
          one.metadata.annotations?.['nginx.ingress.kubernetes.io/canary'] !== 'true' &&
          one.spec?.rules?.some((r) => (r.host ?? '') === host && r.http?.paths.some((p) => (p.path ?? '/') === path)),
      );
      if (other)
        return `host "${host || '_'}" and path "${path}" is already defined in ingress ${other.metadata.namespace}/${other.metadata.name}`;
    }
  return undefined;
}

const encoder = new TextEncoder();

/** The validating webhook's endpoint. */
export function reviewIngress(request: HttpRequest, others: () => readonly Ingress[]): HttpResponse {
  let review: AdmissionReview = {};
  try {
    if (request.body && !isReader(request.body))
      review = JSON.parse(new TextDecoder().decode(request.body)) as AdmissionReview;
  } catch {
    review = {};
  }
  const { uid = '', object } = review.request ?? {};
  const message = object ? objection(object, others()) : undefined;
  const response =
    message === undefined
      ? { uid, allowed: true }
      : {
          uid,
          allowed: false,
          status: { metadata: {}, status: 'Failure', message, reason: 'BadRequest', code: 400 },
        };
  const body = encoder.encode(JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response }));
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
    body,
  };
}
