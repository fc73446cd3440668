import { describe, expect, it } from 'vitest';
import { refs, type Deployment } from '../../types.ts';
import { TestCluster } from '../cluster.test-support.ts';

function conditions({ status }: Deployment): string[] {
  return (status.conditions ?? []).map(({ type, status: value, reason }) => `${type}=${value} ${reason}`).sort();
}

function replicaSets(cluster: TestCluster): Record<string, number> {
  const sets = cluster.list(refs.replicaSets);
  return Object.fromEntries(sets.map((rs) => [rs.spec.template?.spec?.containers[0]?.image, rs.spec.replicas ?? 1]));
}

const image = (tag: string) => ({
  spec: { template: { spec: { containers: [{ name: 'c', image: `nginx:${tag}` }] } } },
});

describe('deployment controller', () => {
  it('rolls out to available', () => {
    const cluster = new TestCluster();
    cluster.deployment('web', { replicas: 3 });
    cluster.run(3000);
    const web = cluster.get(refs.deployments, 'web');
    expect(web.status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
    });
    expect(conditions(web)).toEqual([
      'Available=True MinimumReplicasAvailable',
      'Progressing=True NewReplicaSetAvailable',
    ]);
    const [rs] = cluster.list(refs.replicaSets);
    const message = web.status.conditions?.find(({ type }) => type === 'Progressing')?.message;
    expect(message).toBe(`ReplicaSet "${rs!.metadata.name}" has successfully progressed.`);
    expect(web.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(rs!.metadata.annotations).toEqual({
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
      'deployment.kubernetes.io/revision': '1',
    });
    expect(cluster.events('web')).toContain(
      `ScalingReplicaSet: Scaled up replica set ${rs!.metadata.name} from 0 to 3`,
    );
  });

  it('keeps within surge and unavailability', () => {
    const cluster = new TestCluster();
    const strategy = { rollingUpdate: { maxSurge: '30%', maxUnavailable: '25%' } };
    cluster.deployment('m', { replicas: 10, strategy });
    cluster.run(5000);
    cluster.patch(refs.deployments, 'm', image('bad'));
    cluster.run(5000);
    expect(cluster.get(refs.deployments, 'm').status).toMatchObject({
      replicas: 13,
      updatedReplicas: 5,
      readyReplicas: 8,
    });
    expect(replicaSets(cluster)).toEqual({ 'nginx:1.26': 8, 'nginx:bad': 5 });
    cluster.patch(refs.deployments, 'm', { spec: { replicas: 4 } });
    cluster.run(5000);
    expect(cluster.get(refs.deployments, 'm').status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 });
  });

  it('gives up at the progress deadline and recovers by going back', () => {
    const cluster = new TestCluster();
    cluster.deployment('front', { replicas: 4, progressDeadlineSeconds: 6 });
    cluster.run(3000);
    cluster.patch(refs.deployments, 'front', image('bad'));
    cluster.run(10_000);
    const stuck = cluster.get(refs.deployments, 'front');
    expect(conditions(stuck)).toEqual([
      'Available=True MinimumReplicasAvailable',
      'Progressing=False ProgressDeadlineExceeded',
    ]);
    expect(stuck.status).toMatchObject({ readyReplicas: 3, updatedReplicas: 2 });
    cluster.patch(refs.deployments, 'front', image('1.26'));
    cluster.run(5000);
    const front = cluster.get(refs.deployments, 'front');
    expect(conditions(front)).toContain('Progressing=True NewReplicaSetAvailable');
    expect(front.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3' });
    const used = cluster.list(refs.replicaSets).find((rs) => (rs.spec.replicas ?? 1) > 0);
    expect(used?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
  });

  it('recreates only when all old Pods are gone', () => {
    const cluster = new TestCluster();
    cluster.deployment('r', { replicas: 3, strategy: { type: 'Recreate' } });
    cluster.run(3000);
    cluster.patch(refs.deployments, 'r', image('1.27'));
    cluster.run(50);
    expect(replicaSets(cluster)).toEqual({ 'nginx:1.26': 0 });
    cluster.run(3000);
    expect(replicaSets(cluster)).toEqual({ 'nginx:1.26': 0, 'nginx:1.27': 3 });
    expect(cluster.get(refs.deployments, 'r').status.readyReplicas).toBe(3);
  });

  it('keeps no more history than it shall', () => {
    const cluster = new TestCluster();
    cluster.deployment('h', { replicas: 1, revisionHistoryLimit: 1 });
    for (const tag of ['1.27', '1.28', '1.29']) {
      cluster.run(5000);
      cluster.patch(refs.deployments, 'h', image(tag));
    }
    cluster.run(5000);
    expect(replicaSets(cluster)).toEqual({ 'nginx:1.28': 0, 'nginx:1.29': 1 });
    cluster.patch(refs.deployments, 'h', { spec: { revisionHistoryLimit: 0 } });
    cluster.run(2000);
    expect(replicaSets(cluster)).toEqual({ 'nginx:1.29': 1 });
  });

  it('rolls nothing out while paused', () => {
    const cluster = new TestCluster();
    cluster.deployment('shop', { replicas: 2 });
    cluster.run(3000);
    cluster.patch(refs.deployments, 'shop', { spec: { paused: true } });
    cluster.patch(refs.deployments, 'shop', image('1.27'));
    cluster.run(3000);
    expect(replicaSets(cluster)).toEqual({ 'nginx:1.26': 2 });
    expect(conditions(cluster.get(refs.deployments, 'shop'))).toContain('Progressing=Unknown DeploymentPaused');
    cluster.patch(refs.deployments, 'shop', { spec: { paused: false } });
    cluster.run(3000);
    expect(replicaSets(cluster)).toEqual({ 'nginx:1.26': 0, 'nginx:1.27': 2 });
  });

  it('takes everything along when it is deleted', () => {
    const cluster = new TestCluster();
    cluster.deployment('web', { replicas: 3 });
    cluster.run(3000);
    cluster.client.resource(refs.deployments).delete('default', 'web', { propagationPolicy: 'Foreground' });
    cluster.run(3000);
    expect(cluster.list(refs.deployments)).toEqual([]);
    expect(cluster.list(refs.replicaSets)).toEqual([]);
    expect(cluster.list(refs.pods)).toEqual([]);
  });

  it('does the same with the same seed', () => {
    const hash = () => {
      const cluster = new TestCluster({ seed: 7 });
      cluster.deployment('web', { replicas: 5 });
      cluster.run(3000);
      cluster.patch(refs.deployments, 'web', image('1.27'));
      cluster.run(700);
      return cluster.world.stateHash();
    };
    expect(hash()).toBe(hash());
  });

  it('stops and goes on where the objects are', () => {
    const cluster = new TestCluster();
    cluster.deployment('web', { replicas: 2 });
    cluster.run(3000);
    cluster.controllers.stop('replicaset-controller');
    cluster.patch(refs.deployments, 'web', { spec: { replicas: 4 } });
    cluster.run(3000);
    expect(cluster.list(refs.pods)).toHaveLength(2);
    cluster.controllers.start('replicaset-controller');
    cluster.run(3000);
    expect(cluster.get(refs.deployments, 'web').status.readyReplicas).toBe(4);
    cluster.controllers.stop();
    expect(cluster.controllers.running).toEqual([]);
  });
});
