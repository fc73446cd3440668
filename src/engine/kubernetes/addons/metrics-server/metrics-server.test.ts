import { describe, expect, test } from 'vitest';
import { isReader } from '../../../network/http.ts';
import { administrator, TestCluster } from '../../kubelet/cluster.test-support.ts';
import { refs, type HorizontalPodAutoscaler } from '../../types.ts';
import { installMetricsServer, removeMetricsServer } from './install.ts';

async function get(cluster: TestCluster, path: string, accept = 'application/json') {
  const response = await cluster.cluster.handle({ method: 'GET', path, headers: { accept }, peer: administrator });
  const text = isReader(response.body) ? '' : new TextDecoder().decode(response.body);
  return {
    status: response.status,
    text,
    json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

const api = '/apis/metrics.k8s.io/v1beta1';

async function available(cluster: TestCluster) {
  const { json } = await get(cluster, '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io');
  const { conditions } = json['status'] as { conditions: { status: string; reason: string; message: string }[] };
  const { status, reason, message } = conditions[0]!;
  return `${status} ${reason}: ${message}`;
}

describe('metrics-server', () => {
  test('serves its group when its Pods are ready, and takes it along', async () => {
    const cluster = new TestCluster();
    expect((await get(cluster, api)).status).toBe(404);
    installMetricsServer(cluster.cluster.server);
    await cluster.run(2000);
    expect(await available(cluster)).toMatch(/^False MissingEndpoints: /);
    expect(await get(cluster, `${api}/nodes`)).toMatchObject({ status: 503, text: 'service unavailable\n' });
    await cluster.run(58_000);
    expect(await available(cluster)).toBe('True Passed: all checks passed');
    const { json } = await get(cluster, `${api}/nodes/kind-worker`);
    expect(json).toMatchObject({
      kind: 'NodeMetrics',
      window: '15s',
      usage: { cpu: expect.stringMatching(/^\d+n$/) as string },
    });
    expect(Date.parse(json['timestamp'] as string) % 15_000).toBe(Date.parse('2025-11-22T18:10:00Z') % 15_000);
    removeMetricsServer(cluster.cluster.server);
    await cluster.run(1000);
    expect((await get(cluster, api)).status).toBe(404);
  });

  test('has no metrics as long as it minds the certificates', async () => {
    const cluster = new TestCluster();
    installMetricsServer(cluster.cluster.server, { args: [] });
    await cluster.run(90_000);
    expect(await available(cluster)).toBe(
      'False MissingEndpoints: endpointslices for service/metrics-server in "kube-system" have no addresses with port name "https"',
    );
    const groups = await get(cluster, '/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(groups.text).toContain('"freshness":"Stale"');
  });

  test('measures Pods after ten seconds of life, over windows that end at full quarters of a minute', async () => {
    const cluster = new TestCluster();
    installMetricsServer(cluster.cluster.server);
    await cluster.run(62_000);
    cluster.pod('busy', {
      nodeName: 'kind-worker',
      containers: [
        { name: 'c', image: 'polinux/stress', command: ['stress', '-c', '1'], resources: { limits: { cpu: '250m' } } },
      ],
    });
    await cluster.until(() => cluster.ready('busy'));
    const path = `${api}/namespaces/default/pods/busy`;
    expect((await get(cluster, path)).json).toMatchObject({
      code: 404,
      message: 'podmetrics.metrics.k8s.io "default/busy" not found',
    });
    await cluster.run(45_000);
    const { json } = await get(cluster, path);
    const containers = json['containers'] as { name: string; usage: { cpu: string } }[];
    expect(containers[0]!.name).toBe('c');
    expect(Number(containers[0]!.usage.cpu.replace('n', '')) / 1e9).toBeCloseTo(0.25, 2);
    expect((await get(cluster, `${api}/namespaces/default/pods/nope`)).json).toMatchObject({
      message: 'pods "nope" not found',
    });
    expect((await get(cluster, `${api}/pods?labelSelector=k8s-app%3Dkube-dns`)).json['items']).toHaveLength(2);
    expect((await get(cluster, `${api}/pods?watch=1`)).status).toBe(405);
  });

  test('lets an autoscaler follow the load', async () => {
    const cluster = new TestCluster();
    installMetricsServer(cluster.cluster.server);
    const client = cluster.cluster.client({ manager: 'test', user: 'kubernetes-admin' });
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'polinux/stress',
            command: ['sh', '-c', 'sleep 90; stress -c 1 -t 120; sleep 3600'],
            resources: { requests: { cpu: '200m' }, limits: { cpu: '500m' } },
          },
        ],
      },
    };
    const metadata = { name: 'web', namespace: 'default' };
    client.resource(refs.deployments).create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { selector: { matchLabels: { app: 'web' } }, template },
    } as never);
    client.resource(refs.horizontalPodAutoscalers).create({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 4,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    } as never);
    const hpa = (): HorizontalPodAutoscaler => client.resource(refs.horizontalPodAutoscalers).get('default', 'web')!;
    await cluster.run(150_000);
    expect(hpa().status.currentMetrics?.[0]?.resource?.current.averageUtilization).toBeGreaterThan(50);
    await cluster.until(() => hpa().status.desiredReplicas === 4, 120_000);
    await cluster.until(() => hpa().status.desiredReplicas === 1, 900_000);
    expect(cluster.events('web')).toContain('Normal SuccessfulRescale New size: 1; reason: All metrics below target');
  });
});
