import type { Program } from '../../process/index.ts';
import { etcd, kubeApiserver, kubeControllerManager, kubeScheduler, pause } from './control-plane.ts';
import { withFootprint } from './footprint.ts';

const all: readonly (readonly [string, Program])[] = [
  ['etcd', etcd],
  ['kube-apiserver', kubeApiserver],
  ['kube-controller-manager', kubeControllerManager],
  ['kube-scheduler', kubeScheduler],
  ['pause', pause],
];

/** What runs in a cluster's own Pods, before anybody has asked for anything; otherwise like `servers`. */
export const systemServers: ReadonlyMap<string, Program> = new Map(
  all.map(([name, program]) => [name, withFootprint(name, program)]),
);
