import type { Pod } from '../../types.ts';
import { isRecord } from '../objects.ts';
import type { SubresourceHandler } from './registry.ts';

/** pods/resize: changes only the containers' resources. */
export const resize: SubresourceHandler = {
  name: 'resize',
  get: (_served, object) => object as unknown as Record<string, unknown>,
  update(_core, served, object, body, options) {
    const { spec } = body as unknown as Pod;
    const entry = served.storage.update(
      object.metadata.namespace,
      object.metadata.name,
      (existing) => {
        const pod = existing as Pod;
        const wanted = new Map((isRecord(spec) ? spec.containers : []).map((c) => [c.name, c]));
        const containers = pod.spec.containers.map((c) => {
          const resources = wanted.get(c.name)?.resources;
          return resources ? { ...c, resources } : c;
        });
        return { ...pod, spec: { ...pod.spec, containers } };
      },
      options,
    );
    return entry.object as unknown as Record<string, unknown>;
  },
};
