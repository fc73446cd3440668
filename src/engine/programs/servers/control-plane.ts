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

/** The Pod sandbox's process. */
export const pause: Program = defineDaemon({ signals: ['SIGTERM', 'SIGINT'] });
