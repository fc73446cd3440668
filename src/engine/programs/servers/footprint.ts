import type { Process, Program } from '../../process/index.ts';

/** What servers use of a machine while nobody asks them anything: as measured on real ones, roughly. */

interface Footprint {
  /** Resident MiB. */
  memory: number;
  /** CPUs, on average over minutes. */
  cpu?: number;
  /** CPU ms for an ordinary request; by default `ordinaryRequest`. */
  request?: number;
}

const footprints: Readonly<Record<string, Footprint>> = {
  agnhost: { memory: 8, cpu: 0.0002 },
  apache: { memory: 6, cpu: 0.0006, request: 0.2 },
  coredns: { memory: 14, cpu: 0.0018 },
  envoy: { memory: 38, cpu: 0.002, request: 0.12 },
  'envoy-gateway': { memory: 64, cpu: 0.003 },
  etcd: { memory: 42, cpu: 0.022 },
  fluentd: { memory: 62, cpu: 0.001 },
  'hpa-example': { memory: 11, cpu: 0.0006 },
  'http-echo': { memory: 5, request: 0.05 },
  'kube-apiserver': { memory: 238, cpu: 0.045 },
  'kube-controller-manager': { memory: 52, cpu: 0.016 },
  'kube-proxy': { memory: 16, cpu: 0.0008 },
  'kube-scheduler': { memory: 23, cpu: 0.0034 },
  memcached: { memory: 3, cpu: 0.0004 },
  'metallb-controller': { memory: 34, cpu: 0.001 },
  'metallb-speaker': { memory: 38, cpu: 0.004 },
  'metrics-server': { memory: 21, cpu: 0.0034 },
  mongod: { memory: 168, cpu: 0.0062 },
  mysqld: { memory: 384, cpu: 0.0058 },
  nginx: { memory: 7, request: 0.08 },
  'nginx-ingress-controller': { memory: 96, cpu: 0.002, request: 0.2 },
  postgres: { memory: 24, cpu: 0.0007 },
  'rabbitmq-server': { memory: 132, cpu: 0.019 },
  'redis-server': { memory: 4, cpu: 0.0019 },
  'resource-consumer': { memory: 9, cpu: 0.0003 },
  'traefik-whoami': { memory: 4, request: 0.06 },
};

/** CPU ms. */
const ordinaryRequest = 0.15;

const mebibyte = 1 << 20;

const requestCosts = new WeakMap<Process, number>();

/** CPU ms that this server spends on an ordinary request. */
export function requestCost(process: Process): number {
  return requestCosts.get(process) ?? ordinaryRequest;
}

/** The program, using what a server of that name uses. */
export function withFootprint(name: string, program: Program): Program {
  const footprint = footprints[name];
  const run: Program = (process) => {
    if (footprint) {
      process.memory.set(footprint.memory * mebibyte);
      if (footprint.cpu !== undefined) process.background(footprint.cpu);
      if (footprint.request !== undefined) requestCosts.set(process, footprint.request);
    }
    return program(process);
  };
  return Object.assign(run, { startup: 0 });
}
