import { notSupported, required, type FieldError } from '../../apimachinery/field-error.ts';
import type { Pod } from '../../types.ts';
import type { ApiServerCore } from '../core.ts';
import { badRequest, conflict, invalid, notFound } from '../errors.ts';
import { isRecord } from '../objects.ts';
import type { WriteOptions } from '../storage.ts';
import type { Fields, SubresourceHandler } from './registry.ts';

/** pods/binding: the scheduler's word on where a Pod runs. */
export const binding: SubresourceHandler = {
  name: 'binding',
  create(core, _served, namespace, name, body, options) {
    bind(core, namespace, name, body, options);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  },
};

/** @throws ApiError Conflict when the Pod has a node already or is being deleted */
export function bind(
  core: ApiServerCore,
  namespace: string | undefined,
  name: string,
  body: Fields,
  options: WriteOptions,
): void {
  const target = isRecord(body['target']) ? (body['target'] as { kind?: string; name?: string }) : {};
  const metadata = (isRecord(body['metadata']) ? body['metadata'] : {}) as {
    name?: string;
    uid?: string;
    annotations?: Record<string, string>;
  };
  if (metadata.name !== undefined && metadata.name !== '' && metadata.name !== name) {
    throw badRequest(`name in URL does not match name in Binding object`);
  }
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== 'Node') errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']));
  if (!target.name) errors.push(required('target.name'));
  if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, name, errors);
  const pods = core.find('', 'v1', 'pods')!.storage;
  pods.update(
    namespace,
    name,
    (existing) => {
      const pod = existing as Pod;
      const refuse = (why: string) => conflict({ group: '', resource: 'pods/binding' }, name, why);
      if (metadata.uid && metadata.uid !== pod.metadata.uid) {
        throw refuse(
          `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`,
        );
      }
      if (pod.metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
      if (pod.spec.nodeName)
        throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
      if (pod.spec.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
      const others = (pod.status.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled');
      const scheduled = {
        type: 'PodScheduled',
        status: 'True',
        lastProbeTime: null as unknown as string,
        lastTransitionTime: core.around.timestamp,
        ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
      };
      // The nomination has served its purpose (feature ClearingNominatedNodeNameAfterBinding, on since 1.35).
      const { nominatedNodeName: _, ...status } = pod.status;
      const annotations = metadata.annotations && { ...pod.metadata.annotations, ...metadata.annotations };
      return {
        ...pod,
        metadata: annotations ? { ...pod.metadata, annotations } : pod.metadata,
        spec: { ...pod.spec, nodeName: target.name! },
        status: { ...status, conditions: [...others, scheduled] },
      };
    },
    { ...options, subresource: 'binding' },
  );
  if (!core.get('', 'pods', namespace, name)) throw notFound({ group: '', resource: 'pods' }, name);
}
