import { describe, expect, it } from 'vitest';
import { refs, type StatefulSet } from '../../types.ts';
import { TestCluster } from '../cluster.test-support.ts';

function statefulSet(cluster: TestCluster, spec: object): StatefulSet {
  return cluster.create(refs.statefulSets, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx:1.26' }] },
      },
      ...spec,
    },
  });
}

describe('statefulset controller', () => {
  it('counts the partition from the first ordinal', () => {
    const cluster = new TestCluster();
    statefulSet(cluster, {
      replicas: 2,
      ordinals: { start: 5 },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
    });
    cluster.run(5000);
    const template = { spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } };
    cluster.patch(refs.statefulSets, 'web', { spec: { template } });
    cluster.run(20_000);
    const images = cluster.list(refs.pods).map(({ metadata, spec }) => `${metadata.name} ${spec.containers[0]!.image}`);
    expect(images).toEqual(['web-5 nginx:1.26', 'web-6 nginx:1.27']);
    // Nothing goes on for ever.
    const { resourceVersion } = cluster.get(refs.pods, 'web-5').metadata;
    cluster.run(60_000);
    expect(cluster.get(refs.pods, 'web-5').metadata.resourceVersion).toBe(resourceVersion);
  });

  it('replaces as many Pods at once as may be unavailable', () => {
    const cluster = new TestCluster();
    statefulSet(cluster, {
      replicas: 4,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 2 } },
    });
    cluster.run(5000);
    const template = { spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } };
    cluster.patch(refs.statefulSets, 'web', { spec: { template } });
    cluster.run(50);
    const leaving = cluster.list(refs.pods).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(leaving.map(({ metadata }) => metadata.name)).toEqual(['web-2', 'web-3']);
    cluster.run(20_000);
    expect(new Set(cluster.list(refs.pods).map(({ spec }) => spec.containers[0]!.image))).toEqual(
      new Set(['nginx:1.27']),
    );
  });

  it('makes a claim again that a waiting Pod has lost', () => {
    const cluster = new TestCluster({ scheduler: false, kubelet: false });
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    statefulSet(cluster, { replicas: 1, volumeClaimTemplates: [claim] });
    cluster.run(2000);
    const { uid } = cluster.get(refs.persistentVolumeClaims, 'data-web-0').metadata;
    cluster.client.resource(refs.persistentVolumeClaims).delete('default', 'data-web-0');
    cluster.run(5000);
    expect(cluster.get(refs.persistentVolumeClaims, 'data-web-0').metadata.uid).not.toBe(uid);
  });
});
