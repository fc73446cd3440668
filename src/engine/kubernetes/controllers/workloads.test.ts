import { describe, expect, it } from 'vitest';
import { refs, type Pod } from '../types.ts';
import { TestCluster } from './cluster.test-support.ts';

const template = (app: string, image = 'nginx:1.26') => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image }] },
});
const image = (tag: string) => ({
  spec: { template: { spec: { containers: [{ name: 'c', image: `nginx:${tag}` }] } } },
});
const images = (pods: readonly Pod[]) => pods.map(({ spec }) => spec.containers[0]!.image);

describe('daemonset controller', () => {
  it('runs one Pod a node, follows nodes and rolls out', () => {
    const cluster = new TestCluster();
    const metadata = { name: 'mon', namespace: 'default' };
    const spec = { selector: { matchLabels: { app: 'mon' } }, template: template('mon') };
    cluster.create(refs.daemonSets, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec });
    cluster.run(2000);
    expect(cluster.get(refs.daemonSets, 'mon').status).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 3,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
      numberMisscheduled: 0,
    });
    const nodes = cluster.client.resource(refs.nodes);
    const taints = [{ key: 'x', value: 'y', effect: 'NoExecute' }];
    nodes.patch(undefined, 'kind-worker3', { type: 'merge', body: { spec: { taints } } });
    cluster.run(2000);
    expect(cluster.get(refs.daemonSets, 'mon').status.desiredNumberScheduled).toBe(2);
    nodes.patch(undefined, 'kind-worker3', { type: 'merge', body: { spec: { taints: null } } });
    cluster.run(2000);
    cluster.patch(refs.daemonSets, 'mon', image('1.27'));
    cluster.run(10_000);
    expect(images(cluster.list(refs.pods))).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.27']);
    const revisions = () =>
      cluster
        .list(refs.controllerRevisions)
        .map(({ revision }) => revision)
        .sort();
    expect(revisions()).toEqual([1, 2]);
    cluster.patch(refs.daemonSets, 'mon', image('1.26'));
    cluster.run(10_000);
    expect(revisions()).toEqual([2, 3]);
    expect(images(cluster.list(refs.pods))).toEqual(['nginx:1.26', 'nginx:1.26', 'nginx:1.26']);
  });

  it('goes on when a surging Pod has been ready long enough', () => {
    const cluster = new TestCluster();
    const metadata = { name: 'mon', namespace: 'default' };
    const spec = {
      selector: { matchLabels: { app: 'mon' } },
      template: template('mon'),
      minReadySeconds: 5,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    };
    cluster.create(refs.daemonSets, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec });
    cluster.run(10_000);
    cluster.patch(refs.daemonSets, 'mon', image('1.27'));
    cluster.run(60_000);
    expect(images(cluster.list(refs.pods))).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.27']);
  });
});

describe('statefulset controller', () => {
  it('starts Pods in order, rolls out from the last and keeps the partition', () => {
    const cluster = new TestCluster();
    const metadata = { name: 'web', namespace: 'default' };
    const spec = {
      serviceName: 'web',
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      template: template('web'),
    };
    cluster.create(refs.statefulSets, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec });
    cluster.run(700);
    expect(cluster.list(refs.pods).map((pod) => pod.metadata.name)).toEqual(['web-0', 'web-1']);
    cluster.run(3000);
    expect(cluster.get(refs.statefulSets, 'web').status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
    });
    expect(cluster.get(refs.pods, 'web-1').spec).toMatchObject({ hostname: 'web-1', subdomain: 'web' });
    expect(cluster.events('web')).toContain('SuccessfulCreate: Create Pod web-0 in StatefulSet web successful');
    cluster.patch(refs.statefulSets, 'web', { spec: { updateStrategy: { rollingUpdate: { partition: 2 } } } });
    cluster.patch(refs.statefulSets, 'web', image('1.27'));
    cluster.run(5000);
    expect(images(cluster.list(refs.pods))).toEqual(['nginx:1.26', 'nginx:1.26', 'nginx:1.27']);
    cluster.patch(refs.statefulSets, 'web', { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    cluster.run(5000);
    expect(images(cluster.list(refs.pods))).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.27']);
    const { currentRevision, updateRevision } = cluster.get(refs.statefulSets, 'web').status;
    expect(currentRevision).toBe(updateRevision);
    cluster.patch(refs.statefulSets, 'web', { spec: { replicas: 1 } });
    cluster.run(2000);
    expect(cluster.list(refs.pods).map((pod) => pod.metadata.name)).toEqual(['web-0']);
  });
});

describe('replication controller', () => {
  it('keeps its number of Pods', () => {
    const cluster = new TestCluster();
    const metadata = { name: 'old', namespace: 'default' };
    const spec = { replicas: 2, selector: { app: 'old' }, template: template('old') };
    cluster.create(refs.replicationControllers, { apiVersion: 'v1', kind: 'ReplicationController', metadata, spec });
    cluster.run(2000);
    expect(cluster.get(refs.replicationControllers, 'old').status).toMatchObject({ replicas: 2, readyReplicas: 2 });
  });
});
