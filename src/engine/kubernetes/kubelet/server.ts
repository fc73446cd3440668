import type { HttpHandler } from '../../network/http.ts';
import { toBytes } from '../../world/index.ts';
import type { Kubelet } from './kubelet.ts';
import { cadvisorMetrics, resourceMetrics } from './stats/prometheus.ts';
import { statsSummary } from './stats/summary.ts';

/** What the kubelet's own port answers, which `nodes/proxy` leads to. Streams and logs go another way here. */
export function kubeletServer(kubelet: Kubelet): HttpHandler {
  return ({ path, method }) => {
    const answer = (status: number, text: string, type = 'text/plain; charset=utf-8') => {
      const body = toBytes(text);
      return { status, headers: { 'content-type': type, 'content-length': String(body.length) }, body };
    };
    if (method !== 'GET' && method !== 'HEAD') return answer(405, '405: Method Not Allowed');
    switch (path.split('?')[0]!.replace(/\/$/, '')) {
      case '/healthz':
        return answer(200, 'ok');
      case '/pods': {
        const items = [...kubelet.workers.values()].map(({ pod }) => pod);
        const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
        return answer(200, `${JSON.stringify(list)}\n`, 'application/json');
      }
      case '/stats/summary':
        return answer(200, statsSummary(kubelet), 'application/json');
      case '/metrics/resource':
        return answer(200, resourceMetrics(kubelet), 'text/plain; version=0.0.4; charset=utf-8');
      case '/metrics/cadvisor':
        return answer(200, cadvisorMetrics(kubelet), 'text/plain; version=0.0.4; charset=utf-8');
      default:
        return answer(404, '404 page not found\n');
    }
  };
}
