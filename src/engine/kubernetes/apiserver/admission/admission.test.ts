import { beforeEach, describe, expect, it } from 'vitest';
import { TestCluster } from '../../controllers/cluster.test-support.ts';
import { refs, type Pod } from '../../types.ts';
import type { ApiError } from '../../client.ts';
import { TestApi } from '../harness.test-support.ts';
import type { QuotaObject } from '../../quota/registry.ts';

const quotas = { ...refs.services, resource: 'resourcequotas', kind: 'ResourceQuota' } as unknown as {
  _type?: QuotaObject;
} & typeof refs.pods;
const limitRanges = { ...refs.services, resource: 'limitranges', kind: 'LimitRange' } as unknown as typeof refs.pods;

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster({ nodes: 1 });
});

function quota(hard: object, spec: object = {}, name = 'q'): void {
  cluster.create(quotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name, namespace: 'default' },
    spec: { hard, ...spec },
  });
  cluster.run(50);
}
const used = (name = 'q') => (cluster.get(quotas, name) as unknown as QuotaObject).status?.used;
const resources = (requests: object, limits: object = {}) => ({
  containers: [{ name: 'c', image: 'nginx:1.26', resources: { requests, limits } }],
});
function why(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as ApiError).message;
  }
  return '';
}

describe('ResourceQuota', () => {
  it('charges at once, refuses what is too much, and frees what is gone', () => {
    quota({ pods: '2', 'requests.cpu': '1', 'count/pods': '5' });
    cluster.pod('a', resources({ cpu: '600m' }));
    expect(used()).toEqual({ 'count/pods': '1', pods: '1', 'requests.cpu': '600m' });
    expect(why(() => cluster.pod('b', resources({ cpu: '500m' })))).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    expect(why(() => cluster.pod('b'))).toBe(
      'pods "b" is forbidden: failed quota: q: must specify requests.cpu for: c',
    );
    cluster.client.resource(refs.pods).delete('default', 'a', { gracePeriodSeconds: 0 });
    cluster.run(100);
    expect(used()).toEqual({ 'count/pods': '0', pods: '0', 'requests.cpu': '0' });
  });

  it('does not count Pods that have ended, but as objects', () => {
    quota({ pods: '2', 'count/pods': '5' });
    const pod = cluster.pod('a');
    cluster.client
      .resource(refs.pods)
      .update({ ...pod, status: { ...pod.status, phase: 'Succeeded' } } as Pod, 'status');
    cluster.run(50);
    expect(used()).toEqual({ 'count/pods': '1', pods: '0' });
  });

  it('is not known before the controller has counted', () => {
    cluster.create(quotas, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q', namespace: 'default' },
      spec: { hard: { pods: '1' } },
    });
    cluster.pod('early');
    cluster.run(50);
    expect(used()).toEqual({ pods: '1' });
  });

  it('keeps to its scopes', () => {
    quota({ pods: '1' }, { scopes: ['BestEffort'] }, 'best');
    quota(
      { pods: '1' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      'high',
    );
    cluster.pod('a');
    cluster.pod('b', resources({ cpu: '1m' }));
    expect([used('best'), used('high')]).toEqual([{ pods: '1' }, { pods: '0' }]);
    expect(why(() => cluster.pod('c'))).toContain(
      'exceeded quota: best, requested: pods=1, used: pods=1, limited: pods=1',
    );
  });

  it('counts other objects, services by type and claims by class', () => {
    quota({
      'count/deployments.apps': '1',
      configmaps: '9',
      services: '3',
      'services.nodeports': '2',
      'services.loadbalancers': '1',
      'requests.storage': '3Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '1Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '2',
    });
    cluster.deployment('d', { replicas: 0 });
    expect(why(() => cluster.deployment('e', { replicas: 0 }))).toBe(
      'deployments.apps "e" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1',
    );
    const service = (name: string, type: string, ports: number) =>
      cluster.create(refs.services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'default' },
        spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: 80 + i })) },
      });
    service('lb', 'LoadBalancer', 1);
    const own = service('own', 'ClusterIP', 2);
    const wider = () =>
      cluster.client.resource(refs.services).update({ ...own, spec: { ...own.spec, type: 'NodePort' } });
    expect(why(wider)).toContain(
      'requested: services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=2',
    );
    const claim = (name: string, storage: string) =>
      cluster.create(refs.persistentVolumeClaims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace: 'default' },
        spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      });
    claim('x', '1Gi');
    expect(why(() => claim('y', '1Gi'))).toContain('limited: fast.storageclass.storage.k8s.io/requests.storage=1Gi');
    expect(used()).toMatchObject({ 'requests.storage': '1Gi', 'services.loadbalancers': '1', services: '3' });
  });

  it('charges nothing in a dry run', async () => {
    const api = new TestApi();
    await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
    const path = '/api/v1/namespaces/n';
    await api.request('POST', `${path}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard: { secrets: '2' } } });
    await api.request('PUT', `${path}/resourcequotas/q/status`, {
      metadata: { name: 'q' },
      status: { hard: { secrets: '2' }, used: { secrets: '1' } },
    });
    expect((await api.request('POST', `${path}/secrets?dryRun=All`, { metadata: { name: 's' } })).status).toBe(201);
    expect((await api.request('POST', `${path}/secrets`, { metadata: { name: 's' } })).status).toBe(201);
    const full = await api.request('POST', `${path}/secrets`, { metadata: { name: 't' } });
    expect(full.json.message).toBe(
      'secrets "t" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=2, limited: secrets=2',
    );
  });
});

describe('LimitRanger', () => {
  const limits = (...items: object[]) =>
    cluster.create(limitRanges, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l', namespace: 'default' },
      spec: { limits: items },
    });

  it('fills in containers and says so', () => {
    limits({ type: 'Container', default: { cpu: '200m' }, defaultRequest: { cpu: '100m', memory: '64Mi' } });
    const pod = cluster.pod('a', {
      ...resources({}),
      initContainers: [{ name: 'i', image: 'x', resources: { requests: { cpu: '1m' } } }],
    });
    expect(pod.spec.containers[0]!.resources).toEqual({
      limits: { cpu: '200m' },
      requests: { cpu: '100m', memory: '64Mi' },
    });
    expect(pod.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu, memory request for container c; cpu limit for container c; memory request for init container i; cpu limit for init container i',
    );
  });

  it('tells all that is beyond the bounds', () => {
    limits(
      {
        type: 'Container',
        min: { memory: '16Mi' },
        max: { cpu: '1' },
        maxLimitRequestRatio: { cpu: '2' },
        default: { cpu: '1' },
        defaultRequest: { cpu: '1', memory: '16Mi' },
      },
      { type: 'Pod', max: { memory: '1Gi' } },
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
    );
    expect(why(() => cluster.pod('a', resources({ cpu: '500m', memory: '1Mi' }, { cpu: '2', memory: '2Gi' })))).toBe(
      'pods "a" is forbidden: [minimum memory usage per Container is 16Mi, but request is 1Mi, maximum cpu usage per Container is 1, but limit is 2, cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000, maximum memory usage per Pod is 1Gi, but limit is 2Gi]',
    );
    const claim = (storage: string) =>
      cluster.create(refs.persistentVolumeClaims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'x', namespace: 'default' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      });
    expect(why(() => claim('5Gi'))).toBe(
      'persistentvolumeclaims "x" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 5Gi',
    );
    expect(why(() => claim('1Mi'))).toContain(
      'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
    );
  });
});

describe('PodSecurity', () => {
  it('warns of existing Pods, one line for each kind of violation', async () => {
    const api = new TestApi();
    await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
    await api.request('POST', '/api/v1/namespaces/n/serviceaccounts', { metadata: { name: 'default' } });
    for (const name of ['a', 'b', 'c']) {
      const spec = {
        hostNetwork: name !== 'c',
        containers: [{ name: 'c', image: 'x', securityContext: { privileged: true } }],
      };
      expect((await api.request('POST', '/api/v1/namespaces/n/pods', { metadata: { name }, spec })).status).toBe(201);
    }
    const labels = {
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/enforce-version': 'v1.30',
    };
    const { headers } = await api.request(
      'PATCH',
      '/api/v1/namespaces/n',
      { metadata: { labels } },
      { 'content-type': 'application/merge-patch+json' },
    );
    expect(headers['warning']).toContain(
      'existing pods in namespace \\"n\\" violate the new PodSecurity enforce level \\"baseline:v1.30\\"',
    );
    expect(headers['warning']).toContain('a (and 1 other pod): host namespaces, privileged');
    expect(headers['warning']).toContain('c: privileged');
    const wrong = { 'pod-security.kubernetes.io/warn-version': '1.30' };
    const refused = await api.request(
      'PATCH',
      '/api/v1/namespaces/n',
      { metadata: { labels: wrong } },
      { 'content-type': 'application/merge-patch+json' },
    );
    expect(refused.json.message).toContain(
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"',
    );
  });
});

describe('classes', () => {
  it('gives Ingresses the default class and refuses Pods of an unknown runtime class', async () => {
    const api = new TestApi();
    await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
    await api.request('POST', '/api/v1/namespaces/n/serviceaccounts', { metadata: { name: 'default' } });
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
    await api.request('POST', '/apis/networking.k8s.io/v1/ingressclasses', {
      metadata: { name: 'nginx', annotations },
      spec: { controller: 'x.io/y' },
    });
    const ingress = await api.request('POST', '/apis/networking.k8s.io/v1/namespaces/n/ingresses', {
      metadata: { name: 'i' },
      spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
    });
    expect(ingress.json.spec.ingressClassName).toBe('nginx');
    const pod = {
      metadata: { generateName: 'p-' },
      spec: { runtimeClassName: 'kata', containers: [{ name: 'c', image: 'x' }] },
    };
    const refused = await api.request('POST', '/api/v1/namespaces/n/pods', pod);
    expect(refused.json.message).toBe('pods "p-" is forbidden: pod rejected: RuntimeClass "kata" not found');
  });
});
