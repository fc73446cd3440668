import { rfc3339 } from '../../../world/index.ts';
import type { Pod } from '../../types.ts';
import type { ApiServerCore } from '../core.ts';
import { invalid as invalidField } from '../../apimachinery/field-error.ts';
import { badRequest, conflict, invalid, notFound } from '../errors.ts';
import { isRecord } from '../objects.ts';
import { identifyingNamespace, issueToken, type BoundObjects } from '../service-account-tokens.ts';
import type { Fields, SubresourceHandler } from './registry.ts';

const defaultExpirationSeconds = 3600;
const minExpirationSeconds = 600;
const maxExpirationSeconds = 2 ** 32;
const defaultAudience = 'https://kubernetes.default.svc.cluster.local';

/** serviceaccounts/token: TokenRequest. */
export const token: SubresourceHandler = {
  name: 'token',
  create(core, served, namespace, name, body, options) {
    const account = served.storage.mustGet(namespace, name).object;
    const spec = isRecord(body['spec']) ? body['spec'] : {};
    const seconds =
      typeof spec['expirationSeconds'] === 'number' ? spec['expirationSeconds'] : defaultExpirationSeconds;
    if (seconds < minExpirationSeconds) {
      const detail = 'may not specify a duration less than 10 minutes';
      const error = invalidField('spec.expirationSeconds', seconds, detail);
      throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [error]);
    }
    if (seconds > maxExpirationSeconds) {
      const error = invalidField(
        'spec.expirationSeconds',
        seconds,
        'may not specify a duration larger than 2^32 seconds',
      );
      throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [error]);
    }
    const audiences =
      Array.isArray(spec['audiences']) && spec['audiences'].length > 0
        ? (spec['audiences'] as string[])
        : [defaultAudience];
    const now = core.world.clock.now();
    const bound = isRecord(spec['boundObjectRef']) ? bind(core, namespace, name, spec['boundObjectRef']) : {};
    const cluster = core.get('', 'namespaces', undefined, identifyingNamespace)?.metadata.uid ?? '';
    const issued = issueToken(cluster, core.around.random, account, audiences, now, seconds, bound);
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: core.around.timestamp },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec['boundObjectRef'] ?? null },
      status: options.dryRun ? {} : { token: issued, expirationTimestamp: rfc3339(now + seconds * 1000) },
    };
  },
};

/**
 * The object that the token shall be bound to.
 * @throws ApiError NotFound, BadRequest for what tokens can't be bound to, Conflict for another object of that name
 */
function bind(core: ApiServerCore, namespace: string | undefined, account: string, reference: Fields): BoundObjects {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference as Record<string, string | undefined>;
  const resource = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[kind];
  if (!resource || apiVersion.includes('/')) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const found = core.get('', resource, kind === 'Node' ? undefined : namespace, name);
  if (!found) throw notFound({ group: '', resource }, name);
  const own = { name, uid: found.metadata.uid };
  if (uid && uid !== own.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', resource: kind }, name, why);
  }
  if (kind === 'Secret') return { secret: own };
  if (kind === 'Node') return { node: own };
  const { serviceAccountName, nodeName } = (found as Pod).spec;
  if (serviceAccountName !== account) {
    const quoted = JSON.stringify(account);
    throw badRequest(
      `cannot bind token for serviceaccount ${quoted} to pod running with different serviceaccount name.`,
    );
  }
  const node = nodeName ? core.get('', 'nodes', undefined, nodeName) : undefined;
  return { ...(node && { node: { name: node.metadata.name, uid: node.metadata.uid } }), pod: own };
}
