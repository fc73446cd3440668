/**
 * The packages describe Kubernetes 1.36, we serve 1.35: what 1.36 added, to be left out, and what it took away.
 * Kinds that 1.36 promoted to GA need no entry: only resources listed in `resource-facts.mjs` are served.
 */

/** `type.field` (or a whole `type`) that 1.35 does not have. */
export const addedIn136 = [
  'core/v1/PodSpec.schedulingGroup',
  'core/v1/PodStatus.nodeAllocatableResourceClaimStatuses',
  'meta/v1/ListMeta.shardInfo',
  'resource/v1/Device.nodeAllocatableResourceMappings',
  'resource/v1/DeviceAttribute.bools',
  'resource/v1/DeviceAttribute.ints',
  'resource/v1/DeviceAttribute.strings',
  'resource/v1/DeviceAttribute.versions',
  'storage/v1/CSIDriverSpec.preventPodSchedulingIfMissing',
];

/** Fields 1.36 dropped again: structure (as in `structure.json`) and our own words for `explain`. */
export const removedIn136 = {
  'core/v1/PodSpec': {
    fields: { workloadRef: '@WorkloadReference' },
    descriptions: {
      workloadRef: 'The Workload this Pod belongs to. Used by gang scheduling (alpha, GenericWorkload).',
    },
  },
  'core/v1/WorkloadReference': {
    fields: { name: 's!', podGroup: 's!', podGroupReplicaKey: 's' },
    descriptions: {
      '': 'Names the Workload object and the pod group in it that a Pod belongs to.',
      name: 'Name of the Workload object, in the namespace of the Pod.',
      podGroup: 'Name of the pod group within the Workload.',
      podGroupReplicaKey: 'Which replica of the pod group the Pod belongs to, if the group is replicated.',
    },
  },
};
