import { network } from './network.ts';
import { custom, policies } from './policies.ts';
import { workloads } from './workloads.ts';

/** Objects of all kinds with most of their fields set, for `kubectl apply -f .`. */
export const rich: Record<string, string> = {
  'rich-policies.yaml': policies,
  'rich-custom.yaml': custom,
  'rich-network.yaml': network,
  'rich-workloads.yaml': workloads,
};

/** They in the order they need: the custom types first. */
export const applyRich: readonly string[] = [
  'kubectl apply -f rich-policies.yaml',
  'kubectl apply -f rich-custom.yaml',
  'kubectl apply -f rich-network.yaml',
  'kubectl apply -f rich-workloads.yaml',
];
