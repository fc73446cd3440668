import type { HttpResponse } from '../../network/http.ts';
import { toBytes } from '../../world/index.ts';
import type { KubeObject } from '../types.ts';
import type { ApiServerCore } from './core.ts';
import { keySet, signingKey } from './service-account-keys.ts';
import { identifyingNamespace, issuer } from './service-account-tokens.ts';

/** Where others learn how to check service account tokens (OpenID Connect Discovery 1.0, as kube-apiserver serves it). */
export const issuerPaths = ['/.well-known/openid-configuration', '/openid/v1/jwks'] as const;

/** @returns undefined for any other path */
export function discoverIssuer(core: ApiServerCore, path: string): HttpResponse | undefined {
  if (path === issuerPaths[0]) return published(configuration(core), 'application/json');
  if (path !== issuerPaths[1]) return undefined;
  const cluster = core.get('', 'namespaces', undefined, identifyingNamespace)?.metadata.uid ?? '';
  return published(keySet(signingKey(cluster)), 'application/jwk-set+json');
}

function published(value: object, type: string): HttpResponse {
  const body = toBytes(JSON.stringify(value));
  const headers = {
    'content-type': type,
    'cache-control': 'public, max-age=3600',
    'content-length': String(body.length),
  };
  return { status: 200, headers, body };
}

function configuration(core: ApiServerCore): object {
  return {
    issuer,
    jwks_uri: `https://${ownAddress(core)}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

/** Where the server listens, as the Service's endpoints have it. */
function ownAddress(core: ApiServerCore): string {
  const slice = core.get('discovery.k8s.io', 'endpointslices', 'default', 'kubernetes') as
    (KubeObject & { endpoints?: { addresses: string[] }[]; ports?: { port?: number }[] }) | undefined;
  const address = slice?.endpoints?.[0]?.addresses[0] ?? '127.0.0.1';
  return `${address}:${slice?.ports?.[0]?.port ?? 6443}`;
}
