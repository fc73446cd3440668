import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpRequest } from '../../network/http.ts';
import type { AuthorizationAttributes } from './authorization.ts';
import type { ApiServerCore } from './core.ts';
import { badRequest, unauthorized } from './errors.ts';
import { verifyToken } from './service-account-tokens.ts';
import { anonymous, serviceAccountUser, type User } from './user.ts';

const authenticated = 'system:authenticated';

/**
 * Who makes a request: the subject of the client certificate, a bearer token, or nobody in particular.
 * @throws ApiError Unauthorized for a token that is not known
 */
export function authenticate(core: ApiServerCore, tokens: ReadonlyMap<string, User>, request: HttpRequest): User {
  const certificate = request.peer?.certificate;
  if (certificate) {
    const subject = `CN=${certificate.commonName},O=${certificate.organizations.join('+')}`;
    const id = `X509SHA256=${bytesToHex(sha256(utf8ToBytes(subject)))}`;
    return {
      name: certificate.commonName,
      groups: [...certificate.organizations, authenticated],
      extra: { 'authentication.kubernetes.io/credential-id': [id] },
    };
  }
  const token = /^bearer\s+(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  if (token === undefined) return anonymous;
  const known = tokens.get(token);
  if (known) return known;
  const user = verifyToken(token, core.world.clock.now(), (resource, namespace, name) =>
    core.get('', resource, namespace || undefined, name),
  );
  if (!user) throw unauthorized();
  return user;
}

const serviceAccountName = /^system:serviceaccount:([^:]+):([^:]+)$/;
const extraHeader = 'impersonate-extra-';

export interface Impersonation {
  user: User;
  /** What the one who asks must be allowed to do, in the order it is checked. */
  checks: Omit<AuthorizationAttributes, 'user'>[];
}

/**
 * Whom the Impersonate-* headers name, if anybody (k8s.io/apiserver/pkg/endpoints/filters/impersonation).
 * @throws ApiError BadRequest for groups and the like without a user
 */
export function impersonation(request: HttpRequest): Impersonation | undefined {
  const { headers } = request;
  const name = headers['impersonate-user'];
  const uid = headers['impersonate-uid'];
  const groups = (headers['impersonate-group'] ?? '').split(/,\s*/).filter((group) => group !== '');
  const extra = extraOf(headers);
  if (!name) {
    if (groups.length === 0 && !uid && Object.keys(extra).length === 0) return undefined;
    throw badRequest(`requested [${groups.join(' ')}] without impersonating a user`);
  }
  const checks: Impersonation['checks'] = [];
  const impersonate = (resource: string, fields: Omit<AuthorizationAttributes, 'user' | 'verb' | 'resource'>) =>
    checks.push({ verb: 'impersonate', resource, ...fields });
  const account = serviceAccountName.exec(name);
  if (account) impersonate('serviceaccounts', { namespace: account[1]!, name: account[2]! });
  else impersonate('users', { name });
  for (const group of groups) impersonate('groups', { name: group });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) {
      impersonate('userextras', { group: 'authentication.k8s.io', version: 'v1', subresource: key, name: value });
    }
  }
  if (uid) impersonate('uids', { group: 'authentication.k8s.io', version: 'v1', name: uid });

  const own = account && groups.length === 0 ? serviceAccountUser(account[1]!, account[2]!).groups : groups;
  const implied = name === anonymous.name ? anonymous.groups[0]! : authenticated;
  const complete = own.some((group) => group === authenticated || group === anonymous.groups[0]);
  const user: User = {
    name,
    ...(uid && { uid }),
    groups: complete ? own : [...own, implied],
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  return { user, checks };
}

function extraOf(headers: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const header of Object.keys(headers).sort()) {
    if (!header.startsWith(extraHeader)) continue;
    extra[unescaped(header.slice(extraHeader.length))] = headers[header]!.split(/,\s*/);
  }
  return extra;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
