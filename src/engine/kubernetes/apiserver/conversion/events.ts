import type { KubeObject } from '../../types.ts';
import type { Conversion } from './registry.ts';

type Fields = Record<string, unknown>;

/** Core v1 name of a field → its name in events.k8s.io/v1. */
const renamed: readonly (readonly [core: string, stored: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

const toStoredName = new Map(renamed);
const toCoreName = new Map(renamed.map(([core, stored]) => [stored, core]));

function rename(object: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const result: Fields = {};
  const from = object as unknown as Fields;
  for (const key in from) {
    const value = from[key];
    if (value !== undefined) result[names.get(key) ?? key] = value;
  }
  result['apiVersion'] = apiVersion;
  result['kind'] = 'Event';
  return result as unknown as KubeObject;
}

/** Events are stored as events.k8s.io/v1; the core API shows the same with the older names. */
export const coreEvents: Conversion = {
  served: { group: '', version: 'v1', resource: 'events' },
  stored: { group: 'events.k8s.io', version: 'v1', resource: 'events', kind: 'Event' },
  toStored: (object) => rename(object, toStoredName, 'events.k8s.io/v1'),
  fromStored: (object) => rename(object, toCoreName, 'v1'),
};
