import type { Process, Program } from '../../process/index.ts';
import { defineDaemon } from './daemon.ts';
import { klogHead } from './service.ts';

/**
 * The control plane's own programs as its machines show them: processes with a log, which can be looked at and killed.
 * What they do is done by the simulation's API server, controllers and scheduler.
 */
const klog = (process: Process, source: string, text: string): string =>
  `${klogHead(process.world.clock.now())}${String(process.pid).padStart(8)} ${source}] ${text}`;

export const kubeApiserver: Program = defineDaemon({
  stream: 'stderr',
  started: (p) => [
    klog(p, 'options.go:263', 'external host was not specified, using 172.18.0.2'),
    klog(p, 'server.go:150', 'Version: v1.35.3'),
    klog(p, 'server.go:152', '"Golang settings" GOGC="" GOMAXPROCS="" GOTRACEBACK=""'),
    klog(p, 'secure_serving.go:211', 'Serving securely on [::]:6443'),
  ],
});

export const kubeControllerManager: Program = defineDaemon({
  stream: 'stderr',
  started: (p) => [
    klog(p, 'controllermanager.go:189', '"Starting" version="v1.35.3"'),
    klog(
      p,
      'leaderelection.go:258',
      'Attempting to acquire leader lease... lock="kube-system/kube-controller-manager"',
    ),
    klog(p, 'leaderelection.go:272', 'Successfully acquired lease lock="kube-system/kube-controller-manager"'),
  ],
});

export const kubeScheduler: Program = defineDaemon({
  stream: 'stderr',
  started: (p) => [
    klog(p, 'server.go:175', '"Starting Kubernetes Scheduler" version="v1.35.3"'),
    klog(p, 'leaderelection.go:258', 'Attempting to acquire leader lease... lock="kube-system/kube-scheduler"'),
    klog(p, 'leaderelection.go:272', 'Successfully acquired lease lock="kube-system/kube-scheduler"'),
  ],
});

export const kubeProxy: Program = defineDaemon({
  stream: 'stderr',
  started: (p) => [
    klog(p, 'server_linux.go:53', '"Using iptables proxy"'),
    klog(
      p,
      'server.go:715',
      `"Successfully retrieved NodeIPs" NodeIPs=${JSON.stringify([...p.machine.net.addresses].slice(0, 1))}`,
    ),
    klog(p, 'server_linux.go:132', '"Using iptables Proxier"'),
    klog(p, 'server.go:503', '"Version info" version="v1.35.3"'),
    klog(p, 'shared_informer.go:349', '"Waiting for caches to sync" controller="service config"'),
    klog(p, 'shared_informer.go:356', '"Caches are synced" controller="service config"'),
    klog(p, 'shared_informer.go:356', '"Caches are synced" controller="endpoint slice config"'),
  ],
});

const etcdLine = (p: Process, level: string, msg: string): string =>
  JSON.stringify({
    level,
    ts: new Date(p.world.clock.now()).toISOString().replace('Z', '000Z'),
    caller: 'embed/etcd.go',
    msg,
  });

export const etcd: Program = defineDaemon({
  stream: 'stderr',
  started: (p) => [
    etcdLine(p, 'info', 'starting an etcd server'),
    etcdLine(p, 'info', 'ready to serve client requests'),
    etcdLine(p, 'info', 'serving client traffic securely'),
  ],
});

export const coredns: Program = defineDaemon({
  // DNS itself and metrics.
  ports: () => [53, 9153],
  http: { 8080: 'OK', 8181: 'OK' },
  started: () => [
    '.:53',
    '[INFO] plugin/reload: Running configuration SHA512 = 1b226df79860026c6a52e67daa10d7f0d57ec5b023288ec00c5e05f93523c894564e15b91770d3a07ae1cfbe861d15b37d4a0027e69c546ab112970993a3b03b',
    'CoreDNS-1.13.1',
    'linux/amd64, go1.25.2, 1db4568',
  ],
  stopped: () => [
    '[INFO] SIGTERM: Shutting down servers then terminating',
    '[INFO] plugin/health: Going into lameduck mode for 5s',
  ],
});

/** The Pod sandbox's process. */
export const pause: Program = defineDaemon({ signals: ['SIGTERM', 'SIGINT'] });
