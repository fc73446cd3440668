import { rfc3339 } from '../../../world/index.ts';
import { invalid as invalidField } from '../../apimachinery/field-error.ts';
import { invalid } from '../errors.ts';
import { isRecord } from '../objects.ts';
import { issueToken } from '../service-account-tokens.ts';
import type { SubresourceHandler } from './registry.ts';

const defaultExpirationSeconds = 3600;
const minExpirationSeconds = 600;
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
    const audiences =
      Array.isArray(spec['audiences']) && spec['audiences'].length > 0
        ? (spec['audiences'] as string[])
        : [defaultAudience];
    const now = core.world.clock.now();
    const issued = issueToken(core.around.random, account, audiences, now, seconds);
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: core.around.timestamp },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec['boundObjectRef'] ?? null },
      status: options.dryRun ? {} : { token: issued, expirationTimestamp: rfc3339(now + seconds * 1000) },
    };
  },
};
