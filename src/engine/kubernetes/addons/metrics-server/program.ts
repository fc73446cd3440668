import type { HttpRequest, HttpResponse } from '../../../network/http.ts';
import type { Process, Program } from '../../../process/index.ts';
import { withFootprint } from '../../../programs/servers/footprint.ts';
import {
  goFlags,
  klogHead,
  requestTarget,
  textResponse,
  untilSignal,
  whileListening,
} from '../../../programs/servers/service.ts';
import type { Timer } from '../../../world/index.ts';
import type { MetricsApi } from './api.ts';

/** What the program needs of its cluster. */
export interface MetricsServerContext {
  api: MetricsApi;
  /** Nodes with their kubelets' addresses. */
  nodes(): readonly { name: string; ip: string }[];
  /** Its answers have changed. */
  changed(): void;
}

const booleans = ['kubelet-insecure-tls', 'kubelet-use-node-status-port', 'deprecated-kubelet-completely-insecure'];

/**
 * metrics-server as its Pod shows it: flags, log, probes. kubelets' certificates are signed by nobody it knows, so that it
 * stays without metrics unless told not to mind.
 */
export function metricsServer(context: MetricsServerContext): Program {
  return withFootprint('metrics-server', async (process) => {
    const { flags } = goFlags(process.argv.slice(1), booleans);
    const resolution = flags.get('metric-resolution') ?? '1m0s';
    const port = Number(flags.get('secure-port') ?? 443);
    const insecure = flags.get('kubelet-insecure-tls') === 'true';
    const log = klog(process);
    const address = [...process.machine.net.addresses][0] ?? '';
    let scraped = false;
    const handler = (request: HttpRequest): HttpResponse => {
      const { path } = requestTarget(request);
      if (path === '/livez' || path === '/healthz') return textResponse(200, 'ok');
      if (path !== '/readyz') return textResponse(403, 'Forbidden\n');
      if (scraped) return textResponse(200, 'ok');
      void log('I', 'server.go:192', '"Failed probe" probe="metric-storage-ready" err="no metrics to serve"');
      return textResponse(
        500,
        '[+]ping ok\n[+]log ok\n[+]poststarthook/max-in-flight-filter ok\n[+]poststarthook/storage-object-count-tracker-hook ok\n' +
          '[+]metric-collection-timely ok\n[+]metadata-informer-sync ok\n[-]metric-storage-ready failed: reason withheld\nreadyz check failed\n',
      );
    };
    const server = { protocol: 'https' as const, http: handler };
    let timer: Timer | undefined;
    let undo: (() => void) | undefined;
    const scrape = () => {
      if (insecure) {
        undo = context.api.serving(address);
        scraped = true;
        context.changed();
        return;
      }
      for (const { name, ip } of context.nodes()) {
        const url = `https://${ip}:10250/metrics/resource`;
        const problem = `tls: failed to verify certificate: x509: cannot validate certificate for ${ip} because it doesn't contain any IP SANs`;
        const text = JSON.stringify(`Get ${JSON.stringify(url)}: ${problem}`);
        void log('E', 'scraper.go:149', `"Failed to scrape node" err=${text} node=${JSON.stringify(name)}`);
      }
      timer = process.world.queue.after(milliseconds(resolution), scrape);
    };
    try {
      return await whileListening(process, [{ port, server }], async () => {
        await log('I', 'serving.go:380', `Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)`);
        await log('I', 'handler.go:288', 'Adding GroupVersion metrics.k8s.io v1beta1 to ResourceManager');
        await log('I', 'secure_serving.go:211', `Serving securely on [::]:${port}`);
        scrape();
        await untilSignal(process, ['SIGTERM', 'SIGINT']);
        await log('I', 'secure_serving.go:258', `Stopped listening on [::]:${port}`);
        return 0;
      });
    } finally {
      timer?.cancel();
      undo?.();
      context.changed();
    }
  });
}

function klog(process: Process) {
  return (severity: 'I' | 'E', source: string, text: string) =>
    process.printError(
      `${klogHead(process.world.clock.now(), severity)}${String(process.pid).padStart(8)} ${source}] ${text}\n`,
    );
}

function milliseconds(duration: string): number {
  let sum = 0;
  for (const [, n, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    sum += Number(n) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as 's'];
  return Math.max(1000, sum);
}
