import type { KubeObject } from '../../types.ts';
import { autoscalingV1 } from './autoscaling.ts';
import { coreEvents } from './events.ts';

/** How a served version that is not the stored one translates. Both directions give new objects (or the same). */
export interface Conversion {
  readonly served: { group: string; version: string; resource: string };
  readonly stored: { group: string; version: string; resource: string; kind: string };
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

const conversions: readonly Conversion[] = [autoscalingV1, coreEvents];

export function conversionFor(group: string, version: string, resource: string): Conversion | undefined {
  return conversions.find(
    ({ served }) => served.group === group && served.version === version && served.resource === resource,
  );
}
