import { invalid as invalidField } from '../../apimachinery/field-error.ts';
import type { KubeObject } from '../../types.ts';
import type { ServedResource } from '../core.ts';
import { conflict, invalid, optimisticLockMessage } from '../errors.ts';
import { isRecord } from '../objects.ts';
import type { Fields, SubresourceHandler } from './registry.ts';

/** autoscaling/v1 Scale of any kind that has a ScaleMapping. */
export const scale: SubresourceHandler = {
  name: 'scale',
  get: scaleOf,
  update(_core, served, object, body, options) {
    const mapping = served.definition.subresources!.scale!;
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const given = (isRecord(body['metadata']) ? body['metadata'] : {}) as { resourceVersion?: string; uid?: string };
    if (given.resourceVersion && given.resourceVersion !== resourceVersion) {
      throw conflict(served.definition, name, optimisticLockMessage);
    }
    if (given.uid && given.uid !== uid) {
      const why = `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${uid}`;
      throw conflict(served.definition, name, why);
    }
    const spec = isRecord(body['spec']) ? body['spec'] : {};
    const replicas = typeof spec['replicas'] === 'number' ? spec['replicas'] : 0;
    if (replicas < 0) {
      const error = invalidField('spec.replicas', replicas, 'must be greater than or equal to 0');
      throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [error]);
    }
    const entry = served.storage.update(
      namespace,
      name,
      (existing) => (mapping.replicas(existing) === replicas ? existing : mapping.withReplicas(existing, replicas)),
      options,
    );
    return scaleOf(served, entry.object);
  },
};

function scaleOf(served: ServedResource, object: KubeObject): Fields {
  const mapping = served.definition.subresources!.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = mapping.replicas(object);
  const selector = mapping.selector(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: mapping.statusReplicas(object), ...(selector && { selector }) },
  };
}
