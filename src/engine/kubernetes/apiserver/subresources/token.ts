import { rfc3339 } from '../../../world/index.ts';
import { isRecord } from '../objects.ts';
import { issueToken } from '../service-account-tokens.ts';
import type { SubresourceHandler } from './registry.ts';

const defaultExpirationSeconds = 3600;
const defaultAudience = 'https://kubernetes.default.svc.cluster.local';

/** serviceaccounts/token: TokenRequest. */
export const token: SubresourceHandler = {
  name: 'token',
  create(core, served, namespace, name, body, options) {
    const account = served.storage.mustGet(namespace, name).object;
    const spec = isRecord(body['spec']) ? body['spec'] : {};
    const seconds =
      typeof spec['expirationSeconds'] === 'number' ? spec['expirationSeconds'] : defaultExpirationSeconds;
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
