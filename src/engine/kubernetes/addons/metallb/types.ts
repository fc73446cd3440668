import type { LabelSelector } from '../../apimachinery/label-selector.ts';
import type { KubeObject, ResourceRef } from '../../types.ts';

/** The fields of metallb.io/v1beta1 that the controller and the speakers use. */

export interface IpAddressPool extends KubeObject {
  readonly spec: {
    readonly addresses: readonly string[];
    readonly autoAssign?: boolean;
    readonly avoidBuggyIPs?: boolean;
    readonly serviceAllocation?: {
      readonly priority?: number;
      readonly namespaces?: readonly string[];
      readonly namespaceSelectors?: readonly LabelSelector[];
      readonly serviceSelectors?: readonly LabelSelector[];
    };
  };
}

export interface L2Advertisement extends KubeObject {
  readonly spec?: {
    readonly ipAddressPools?: readonly string[];
    readonly ipAddressPoolSelectors?: readonly LabelSelector[];
    readonly nodeSelectors?: readonly LabelSelector[];
    readonly interfaces?: readonly string[];
  };
}

const ref = <T extends KubeObject>(resource: string, kind: string): ResourceRef<T> => ({
  group: 'metallb.io',
  version: 'v1beta1',
  resource,
  kind,
  namespaced: true,
});

export const metallbRefs = {
  pools: ref<IpAddressPool>('ipaddresspools', 'IPAddressPool'),
  l2: ref<L2Advertisement>('l2advertisements', 'L2Advertisement'),
} as const;

export const metallbNamespace = 'metallb-system';
export const poolAnnotation = 'metallb.io/ip-allocated-from-pool';
