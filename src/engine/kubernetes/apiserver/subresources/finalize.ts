import type { KubeObject } from '../../types.ts';
import { isRecord } from '../objects.ts';
import type { SubresourceHandler } from './registry.ts';

/** namespaces/finalize: the only way to change `spec.finalizers`. */
export const finalize: SubresourceHandler = {
  name: 'finalize',
  get: (_served, object) => object as unknown as Record<string, unknown>,
  update(_core, served, object, body, options) {
    const spec = isRecord(body['spec']) ? body['spec'] : {};
    const { metadata } = body as unknown as KubeObject;
    const entry = served.storage.update(
      object.metadata.namespace,
      object.metadata.name,
      (existing) => ({
        ...existing,
        metadata: { ...existing.metadata, resourceVersion: metadata?.resourceVersion ?? '' },
        spec: { finalizers: spec['finalizers'] ?? [] },
      }),
      options,
    );
    return entry.object as unknown as Record<string, unknown>;
  },
};
