import { claimsOf } from '../../controllers/pod-claims.ts';
import { refs } from '../../types.ts';
import type { Plugin, Rejection } from '../framework.ts';

const name = 'VolumeZone';
const elsewhere: Rejection = {
  plugin: name,
  reasons: ['node(s) had no available volume zone'],
  resolvable: false,
};

/** Labels that say where a volume is; the second of a pair is the older name of the same. */
const topologyLabels: readonly (readonly [string, string])[] = [
  ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'],
];

interface Demand {
  keys: readonly [string, string];
  values: ReadonlySet<string>;
}

/** A Pod goes to the zone and region that its volumes' labels name. */
export const volumeZone: Plugin = {
  name,

  preFilter(attempt) {
    if (!attempt.pod.spec.volumes) return undefined;
    const demands: Demand[] = [];
    for (const { claim } of claimsOf(attempt.pod)) {
      const { volumeName } = attempt.claim(claim)?.spec ?? {};
      const volume = volumeName && attempt.client.resource(refs.persistentVolumes).get(undefined, volumeName);
      const labels = (volume && volume.metadata.labels) || {};
      for (const keys of topologyLabels)
        for (const key of keys)
          // Several zones are joined by two underscores.
          if (labels[key] !== undefined) demands.push({ keys, values: new Set(labels[key].split('__')) });
    }
    if (demands.length === 0) return undefined;
    return {
      filter({ node }) {
        const labels = node.metadata.labels ?? {};
        // A node without any such label is of a cluster without zones.
        if (!topologyLabels.flat().some((key) => key in labels)) return undefined;
        const met = demands.every(({ keys, values }) => keys.some((key) => values.has(labels[key] ?? '')));
        return met ? undefined : elsewhere;
      },
    };
  },

  requeue: (event) =>
    event.type === 'NodeAdd' ||
    event.type === 'VolumeChange' ||
    event.type === 'ClaimChange' ||
    (event.type === 'NodeUpdate' && event.node.metadata.labels !== event.previous.metadata.labels),
};
