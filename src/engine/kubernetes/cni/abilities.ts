/** The network plug-ins that a cluster can have, by what they do to traffic. */
export interface CniAbilities {
  readonly name: string;
  /** The DaemonSet that brings it to the nodes. */
  readonly daemonSet: string;
  /**
   * NetworkPolicies have an effect. Whoever uses flannel (or any plug-in that doesn't) can create them all the same:
   * the API server stores them, and nothing happens.
   */
  readonly enforcesPolicies: boolean;
}

const all = [
  // kindnetd has had the NetworkPolicy agent inside since kind v0.24.
  { name: 'kindnet', daemonSet: 'kindnet', enforcesPolicies: true },
  { name: 'calico', daemonSet: 'calico-node', enforcesPolicies: true },
  { name: 'cilium', daemonSet: 'cilium', enforcesPolicies: true },
  { name: 'flannel', daemonSet: 'kube-flannel-ds', enforcesPolicies: false },
  // The bridge plug-in of the standard set, as minikube configures it: nobody looks at policies.
  { name: 'bridge', daemonSet: '', enforcesPolicies: false },
] as const satisfies readonly CniAbilities[];

export type CniName = (typeof all)[number]['name'];

export function abilitiesOf(name: CniName): CniAbilities {
  return all.find((cni) => cni.name === name)!;
}

/** The plug-in whose DaemonSet this is. */
export function cniOfDaemonSet(name: string): CniName | undefined {
  return all.find((cni) => cni.daemonSet === name)?.name;
}
