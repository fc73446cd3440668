import type { Pod } from '../../types.ts';
import { isRecord } from '../objects.ts';
import type { SubresourceHandler } from './registry.ts';

/** pods/ephemeralcontainers: adds debug containers to a running Pod. */
export const ephemeralContainers: SubresourceHandler = {
  name: 'ephemeralcontainers',
  get: (_served, object) => object as unknown as Record<string, unknown>,
  update(_core, served, object, body, options) {
    const { spec } = body as unknown as Pod;
    const containers = isRecord(spec) ? spec.ephemeralContainers : undefined;
    const entry = served.storage.update(
      object.metadata.namespace,
      object.metadata.name,
      (existing) => {
        const pod = existing as Pod;
        return { ...pod, spec: { ...pod.spec, ephemeralContainers: containers ?? [] } };
      },
      options,
    );
    return entry.object as unknown as Record<string, unknown>;
  },
};
