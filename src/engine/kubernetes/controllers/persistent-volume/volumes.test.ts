import { describe, expect, it } from 'vitest';
import { refs, type PersistentVolume, type PersistentVolumeClaim } from '../../types.ts';
import { TestCluster } from '../cluster.test-support.ts';

function cluster(): TestCluster {
  const test = new TestCluster();
  test.create(refs.storageClasses, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'rancher.io/local-path',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  return test;
}

function claim(test: TestCluster, name: string, spec: object = {}): PersistentVolumeClaim {
  return test.create(refs.persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
}

function volume(test: TestCluster, name: string, spec: object = {}): PersistentVolume {
  return test.create(refs.persistentVolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      storageClassName: 'manual',
      hostPath: { path: `/mnt/${name}` },
      ...spec,
    },
  });
}

function user(test: TestCluster, name: string, claimName: string, spec: object = {}) {
  return test.pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }], ...spec });
}

const phase = (test: TestCluster, name: string) => test.get(refs.persistentVolumes, name).status.phase;

describe('volumes', () => {
  it('are made on the node that the scheduler chose, and go with their claim', () => {
    const test = cluster();
    const { uid } = claim(test, 'data').metadata;
    test.run(40_000);
    expect(test.events('data')).toEqual([
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    ]);
    user(test, 'user', 'data');
    test.run(10_000);
    const pod = test.get(refs.pods, 'user');
    expect(pod.status.phase).toBe('Running');
    const bound = test.get(refs.persistentVolumeClaims, 'data');
    expect(bound.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } });
    expect(bound.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
      'volume.beta.kubernetes.io/storage-provisioner': 'rancher.io/local-path',
      'volume.kubernetes.io/selected-node': pod.spec.nodeName,
      'volume.kubernetes.io/storage-provisioner': 'rancher.io/local-path',
    });
    const events = test.events('data');
    expect(events).toContain('Provisioning: External provisioner is provisioning volume for claim "default/data"');
    expect(events.some((event) => event.startsWith('ExternalProvisioning: Waiting for a volume'))).toBe(true);
    expect(events.at(-1)).toBe(`ProvisioningSucceeded: Successfully provisioned volume pvc-${uid}`);

    test.client.resource(refs.persistentVolumeClaims).delete('default', 'data');
    test.run(5000);
    expect(test.get(refs.persistentVolumeClaims, 'data').metadata.deletionTimestamp).toBeDefined();
    test.client.resource(refs.pods).delete('default', 'user');
    test.run(10_000);
    expect(test.list(refs.persistentVolumeClaims)).toEqual([]);
    expect(test.list(refs.persistentVolumes)).toEqual([]);
  });

  it('keep later Pods on their node', () => {
    const test = cluster();
    claim(test, 'data');
    user(test, 'first', 'data');
    test.run(10_000);
    const node = test.get(refs.pods, 'first').spec.nodeName!;
    const other = node === 'kind-worker' ? 'kind-worker2' : 'kind-worker';
    user(test, 'second', 'data', { nodeSelector: { 'kubernetes.io/hostname': other } });
    test.run(5000);
    const message = test.get(refs.pods, 'second').status.conditions?.[0]?.message;
    expect(message).toContain("1 node(s) didn't match PersistentVolume's node affinity");
    user(test, 'third', 'data');
    test.run(5000);
    expect(test.get(refs.pods, 'third').spec.nodeName).toBe(node);
  });

  it('are found by size, class and access modes, the smallest that will do', () => {
    const test = cluster();
    volume(test, 'large', { capacity: { storage: '10Gi' } });
    volume(test, 'small', { capacity: { storage: '500Mi' } });
    volume(test, 'right', { capacity: { storage: '2Gi' } });
    volume(test, 'other', { storageClassName: 'other' });
    test.run(1000);
    claim(test, 'data', { storageClassName: 'manual' });
    test.run(1000);
    expect(test.get(refs.persistentVolumeClaims, 'data').spec.volumeName).toBe('right');
    expect(test.get(refs.persistentVolumeClaims, 'data').status.capacity).toEqual({ storage: '2Gi' });
    expect(['large', 'small', 'right', 'other'].map((name) => phase(test, name))).toEqual([
      'Available',
      'Available',
      'Bound',
      'Available',
    ]);
    claim(test, 'huge', { storageClassName: 'manual', resources: { requests: { storage: '1Ti' } } });
    claim(test, 'none', { storageClassName: '' });
    test.run(1000);
    expect(test.events('huge')).toEqual(['ProvisioningFailed: storageclass.storage.k8s.io "manual" not found']);
    expect(test.events('none')).toEqual([
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
    volume(test, 'late', { capacity: { storage: '1Ti' } });
    test.run(20_000);
    expect(test.get(refs.persistentVolumeClaims, 'huge').spec.volumeName).toBe('late');
  });

  it('are retained, or not, as their policy says', () => {
    const test = cluster();
    volume(test, 'kept');
    claim(test, 'data', { storageClassName: 'manual' });
    test.run(1000);
    test.client.resource(refs.persistentVolumes).delete(undefined, 'kept');
    test.run(1000);
    expect(phase(test, 'kept')).toBe('Bound');
    test.client.resource(refs.persistentVolumeClaims).delete('default', 'data');
    test.run(1000);
    expect(test.list(refs.persistentVolumes)).toEqual([]);

    volume(test, 'released');
    claim(test, 'second', { storageClassName: 'manual' });
    test.run(1000);
    test.client.resource(refs.persistentVolumeClaims).delete('default', 'second');
    test.run(1000);
    expect(phase(test, 'released')).toBe('Released');
    claim(test, 'third', { storageClassName: 'manual' });
    test.run(20_000);
    expect(test.get(refs.persistentVolumeClaims, 'third').status.phase).toBe('Pending');

    volume(test, 'doomed', { persistentVolumeReclaimPolicy: 'Delete', storageClassName: 'fast' });
    claim(test, 'fourth', { storageClassName: 'fast' });
    test.run(1000);
    test.client.resource(refs.persistentVolumeClaims).delete('default', 'fourth');
    test.run(1000);
    expect(phase(test, 'doomed')).toBe('Failed');
    expect(test.events('doomed')).toEqual([
      'VolumeFailedDelete: host_path deleter only supports /tmp/.+ but received provided /mnt/doomed',
    ]);
  });

  it('that are lost make their claim say so', () => {
    const test = cluster();
    volume(test, 'gone');
    claim(test, 'data', { storageClassName: 'manual' });
    test.run(1000);
    const stored = test.get(refs.persistentVolumes, 'gone');
    const { finalizers: _, ...metadata } = stored.metadata;
    test.client.resource(refs.persistentVolumes).update({ ...stored, metadata });
    test.client.resource(refs.persistentVolumes).delete(undefined, 'gone');
    test.run(1000);
    expect(test.get(refs.persistentVolumeClaims, 'data').status.phase).toBe('Lost');
    expect(test.events('data')).toEqual([
      'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ]);
  });

  it('of Pods themselves come and go with them', () => {
    const test = cluster();
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    test.pod('scratch', { volumes: [{ name: 'tmp', ephemeral: { volumeClaimTemplate: { spec } } }] });
    test.run(15_000);
    expect(test.get(refs.pods, 'scratch').status.phase).toBe('Running');
    expect(test.get(refs.persistentVolumeClaims, 'scratch-tmp').status.phase).toBe('Bound');
    test.client.resource(refs.pods).delete('default', 'scratch');
    test.run(20_000);
    expect(test.list(refs.persistentVolumeClaims)).toEqual([]);
  });

  it('are reserved for the claims of all Pods that wait at once', () => {
    const test = cluster();
    test.create(refs.storageClasses, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local' },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    const onWorker = {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['kind-worker2'] }] },
        ],
      },
    };
    volume(test, 'disk', { storageClassName: 'local', nodeAffinity: onWorker });
    claim(test, 'a', { storageClassName: 'local' });
    claim(test, 'b', { storageClassName: 'local' });
    user(test, 'pod-a', 'a');
    user(test, 'pod-b', 'b');
    test.run(5000);
    expect(test.get(refs.pods, 'pod-a').spec.nodeName).toBe('kind-worker2');
    const message = test.get(refs.pods, 'pod-b').status.conditions?.[0]?.message;
    expect(message).toContain("3 node(s) didn't find available persistent volumes to bind");
  });
});
