import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpRequest } from '../../network/http.ts';
import type { ApiServerCore } from './core.ts';
import { unauthorized } from './errors.ts';
import { verifyToken } from './service-account-tokens.ts';
import { anonymous, type User } from './user.ts';

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
  const account = (namespace: string, name: string) => core.get('', 'serviceaccounts', namespace, name);
  const user = verifyToken(token, core.world.clock.now(), account);
  if (!user) throw unauthorized();
  return user;
}

/** The user that the Impersonate-* headers name, if any. */
export function impersonated(request: HttpRequest): User | undefined {
  const name = request.headers['impersonate-user'];
  if (!name) return undefined;
  const uid = request.headers['impersonate-uid'];
  const groups = (request.headers['impersonate-group'] ?? '').split(/,\s*/).filter((group) => group !== '');
  const implied = name === anonymous.name ? anonymous.groups : [authenticated];
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name);
  if (account && groups.length === 0) groups.push('system:serviceaccounts', `system:serviceaccounts:${account[1]}`);
  return { name, ...(uid && { uid }), groups: [...new Set([...groups, ...implied])] };
}
