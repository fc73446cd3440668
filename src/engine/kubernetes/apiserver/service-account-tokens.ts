import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { RandomStream } from '../../world/index.ts';
import type { Client } from '../client.ts';
import { refs, type KubeObject } from '../types.ts';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';
import { signatureOf, signingKey, verifies } from './service-account-keys.ts';
import { serviceAccountUser, type User } from './user.ts';

/** Service account tokens: JWTs that verify against `/openid/v1/jwks`. */
export const issuer = 'https://kubernetes.default.svc.cluster.local';

/** What tells one cluster's keys from another's: clusters are known by the UID of this namespace. */
export const identifyingNamespace = 'kube-system';

/** The cluster that a client speaks with, for the tokens it issues. */
export function clusterOf(client: Client): string {
  return client.resource(refs.namespaces).get(undefined, identifyingNamespace)?.metadata.uid ?? '';
}

interface Claims {
  iss: string;
  sub: string;
  aud: readonly string[];
  exp: number;
  jti: string;
  'kubernetes.io': { namespace: string; serviceaccount: Reference } & BoundObjects;
}

interface Reference {
  name: string;
  uid: string;
}

/** What a token lives and dies with, besides its account. */
export interface BoundObjects {
  pod?: Reference;
  secret?: Reference;
  node?: Reference;
}

type SecretClaims = Readonly<Record<string, string>>;

/** @param cluster as `clusterOf` tells */
export function issueToken(
  cluster: string,
  random: RandomStream,
  account: KubeObject,
  audiences: readonly string[],
  nowMs: number,
  seconds: number,
  bound: BoundObjects = {},
): string {
  const now = Math.floor(nowMs / 1000);
  const { namespace, name, uid } = account.metadata;
  const claims = {
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: issuer,
    jti: random.uuid(),
    'kubernetes.io': { namespace, ...bound, serviceaccount: { name, uid } },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  return sign(cluster, claims);
}

/** A token without end, as Secrets of type `kubernetes.io/service-account-token` hold it. */
export function issueSecretToken(cluster: string, account: KubeObject, secretName: string): string {
  const { namespace, name, uid } = account.metadata;
  const prefix = 'kubernetes.io/serviceaccount';
  return sign(cluster, {
    iss: prefix,
    [`${prefix}/namespace`]: namespace,
    [`${prefix}/secret.name`]: secretName,
    [`${prefix}/service-account.name`]: name,
    [`${prefix}/service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  });
}

function sign(cluster: string, claims: Record<string, unknown>): string {
  const key = signingKey(cluster);
  const signed = `${encode({ alg: 'ES256', kid: key.id })}.${encode(claims)}`;
  return `${signed}.${signatureOf(key, signed)}`;
}

/**
 * The service account a token stands for; undefined for a token that is not ours, expired or of a deleted account or
 * Secret.
 * @param get reads an object of a core resource
 */
export function verifyToken(
  token: string,
  nowMs: number,
  get: (resource: string, namespace: string, name: string) => KubeObject | undefined,
): User | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const cluster = get('namespaces', '', identifyingNamespace)?.metadata.uid ?? '';
  if (!verifies(signingKey(cluster), `${parts[0]}.${parts[1]}`, parts[2]!)) return undefined;
  const claims = JSON.parse(decode(parts[1]!)) as Claims | SecretClaims;
  if (!isBound(claims)) return secretUser(claims, token, get);
  if (claims.exp * 1000 <= nowMs) return undefined;
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
  const found = get('serviceaccounts', namespace, serviceaccount.name);
  if (found?.metadata.uid !== serviceaccount.uid) return undefined;
  if (pod && get('pods', namespace, pod.name)?.metadata.uid !== pod.uid) return undefined;
  if (secret && get('secrets', namespace, secret.name)?.metadata.uid !== secret.uid) return undefined;
  if (!pod && node && get('nodes', '', node.name)?.metadata.uid !== node.uid) return undefined;
  const prefix = 'authentication.kubernetes.io';
  const extra = {
    [`${prefix}/credential-id`]: [`JTI=${claims.jti}`],
    ...(node && { [`${prefix}/node-name`]: [node.name], [`${prefix}/node-uid`]: [node.uid] }),
    ...(pod && { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
  };
  return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra };
}

function isBound(claims: Claims | SecretClaims): claims is Claims {
  return typeof claims['exp'] === 'number';
}

/** A Secret's token counts as long as the Secret is there. */
function secretUser(
  claims: SecretClaims,
  token: string,
  get: (resource: string, namespace: string, name: string) => KubeObject | undefined,
): User | undefined {
  const claim = (name: string) => claims[`kubernetes.io/serviceaccount/${name}`] ?? '';
  const namespace = claim('namespace');
  const secret = get('secrets', namespace, claim('secret.name')) as { data?: Record<string, string> } | undefined;
  const held = secret?.data?.['token'];
  if (!held || decode(held.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')) !== token) {
    return undefined;
  }
  const account = get('serviceaccounts', namespace, claim('service-account.name'));
  if (account?.metadata.uid !== claim('service-account.uid')) return undefined;
  return serviceAccountUser(namespace, account.metadata.name, account.metadata.uid);
}

function encode(value: unknown): string {
  return encodeBase64Url(utf8ToBytes(JSON.stringify(value)));
}

/** Nothing for what is no base64. */
function decode(text: string): string {
  try {
    return new TextDecoder().decode(decodeBase64Url(text));
  } catch {
    return '';
  }
}
