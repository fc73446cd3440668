import { describe, expect, it } from 'vitest';
import { refs, type CronJob, type Pod } from '../../types.ts';
import { TestCluster } from '../cluster.test-support.ts';

/** The test cluster begins on 1 January 2026, 00:00 UTC. */
function createCronJob(cluster: TestCluster, spec: object): CronJob {
  return cluster.create(refs.cronJobs, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'beat', namespace: 'default' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1.36' }] } } },
      },
      ...spec,
    },
  });
}

function succeedAll(cluster: TestCluster): void {
  for (const pod of cluster.list(refs.pods)) {
    const status = { ...pod.status, phase: 'Succeeded' };
    cluster.client.resource(refs.pods).update({ ...pod, status } as Pod, 'status');
  }
}

const minute = 60_000;

describe('CronJob controller', () => {
  it('starts a Job at each time, follows it and keeps three', () => {
    const cluster = new TestCluster();
    createCronJob(cluster, {});
    for (let i = 0; i < 6; i++) {
      cluster.run(minute);
      succeedAll(cluster);
    }
    cluster.run(20_000);
    succeedAll(cluster);
    cluster.run(10_000);
    const jobs = cluster.list(refs.jobs);
    expect(jobs).toHaveLength(3);
    const cronJob = cluster.get(refs.cronJobs, 'beat');
    expect(cronJob.status.lastScheduleTime).toBe('2026-01-01T00:06:00Z');
    expect(cronJob.status.lastSuccessfulTime).toBeDefined();
    const { name, annotations } = jobs[0]!.metadata;
    expect(annotations).toEqual({ 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:04:00Z' });
    expect(name).toBe(`beat-${Date.UTC(2026, 0, 1, 0, 4) / minute}`);
    const events = cluster
      .events('beat')
      .filter((event) => event.includes(`job ${name}`) || event.includes(`job: ${name}`));
    expect(events.slice(0, 2)).toEqual([
      `SuccessfulCreate: Created job ${name}`,
      `SawCompletedJob: Saw completed job: ${name}, condition: Complete`,
    ]);
  });

  it('does not start a second Job where that is forbidden, and replaces the first where it should', () => {
    const forbid = new TestCluster();
    createCronJob(forbid, { concurrencyPolicy: 'Forbid' });
    forbid.run(3.5 * minute);
    expect(forbid.list(refs.jobs)).toHaveLength(1);
    expect(forbid.events('beat')).toContain(
      'JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    const replace = new TestCluster();
    createCronJob(replace, { concurrencyPolicy: 'Replace' });
    replace.run(3.5 * minute);
    expect(replace.list(refs.jobs)).toHaveLength(1);
    expect(replace.get(refs.cronJobs, 'beat').status.active).toHaveLength(1);
    expect(replace.events('beat').filter((event) => event.startsWith('SuccessfulDelete'))).toHaveLength(2);
  });

  it('reads the schedule in its time zone', () => {
    const cluster = new TestCluster();
    createCronJob(cluster, { schedule: '30 9 * * *', timeZone: 'Asia/Shanghai' });
    cluster.run(89 * minute);
    expect(cluster.list(refs.jobs)).toHaveLength(0);
    cluster.run(2 * minute);
    expect(cluster.list(refs.jobs)[0]!.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T09:30:00+08:00',
    });
  });

  it('does nothing while suspended, and then starts the last missed run in time', () => {
    const cluster = new TestCluster();
    createCronJob(cluster, { suspend: true, startingDeadlineSeconds: 10 });
    cluster.run(5.5 * minute);
    expect(cluster.list(refs.jobs)).toEqual([]);
    cluster.patch(refs.cronJobs, 'beat', { spec: { suspend: false } });
    cluster.run(1000);
    // The run of 00:05 is 30 s late, which is too late.
    expect(cluster.list(refs.jobs)).toEqual([]);
    cluster.run(minute);
    expect(cluster.list(refs.jobs)).toHaveLength(1);
  });
});
