import { describe, expect, it } from 'vitest';
import { refs, type Job, type Pod } from '../../types.ts';
import { TestCluster } from '../cluster.test-support.ts';
import { IndexSet, parseIndexes } from './indexes.ts';

function createJob(cluster: TestCluster, spec: object, restartPolicy = 'Never'): Job {
  return cluster.create(refs.jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default' },
    spec: {
      template: { spec: { restartPolicy, containers: [{ name: 'c', image: 'busybox:1.36' }] } },
      ...spec,
    },
  });
}

function end(cluster: TestCluster, pod: Pod, exitCode: number): void {
  const current = cluster.get(refs.pods, pod.metadata.name);
  const terminated = { exitCode, finishedAt: cluster.world.clock.timestamp(), startedAt: current.status.startTime };
  const status = {
    ...current.status,
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [
      { name: 'c', ready: false, restartCount: 0, image: 'busybox:1.36', imageID: '', state: { terminated } },
    ],
    conditions: (current.status.conditions ?? []).filter(({ type }) => type === 'PodScheduled'),
  };
  cluster.client.resource(refs.pods).update({ ...current, status } as unknown as Pod, 'status');
}

function running(cluster: TestCluster): Pod[] {
  return cluster.list(refs.pods).filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending');
}

function conditions(job: Job): string[] {
  return (job.status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

describe('Job controller', () => {
  it('runs Pods until enough have succeeded, and counts each once', () => {
    const cluster = new TestCluster();
    createJob(cluster, { completions: 3, parallelism: 2 });
    cluster.run(3000);
    expect(cluster.get(refs.jobs, 'work').status).toMatchObject({ active: 2, ready: 2, terminating: 0 });
    for (let i = 0; i < 3; i++) {
      for (const pod of running(cluster)) end(cluster, pod, 0);
      cluster.run(5000);
    }
    const job = cluster.get(refs.jobs, 'work');
    expect(cluster.list(refs.pods)).toHaveLength(3);
    expect(job.status).toMatchObject({ succeeded: 3, ready: 0, uncountedTerminatedPods: {} });
    expect(job.status.active).toBeUndefined();
    expect(conditions(job)).toEqual(['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached']);
    expect(cluster.list(refs.pods).flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
    expect(cluster.events('work').filter((event) => event.startsWith('Completed'))).toEqual([
      'Completed: Job completed',
    ]);
  });

  it('waits longer and longer before it replaces a failed Pod', () => {
    const cluster = new TestCluster();
    createJob(cluster, { backoffLimit: 2 });
    const created: number[] = [];
    for (let seconds = 0; seconds < 60; seconds++) {
      cluster.run(1000);
      for (const pod of running(cluster).filter(({ status }) => status.phase === 'Running')) {
        created.push(Date.parse(pod.metadata.creationTimestamp) / 1000);
        end(cluster, pod, 1);
      }
    }
    expect(created).toHaveLength(3);
    expect(created[1]! - created[0]!).toBeGreaterThanOrEqual(10);
    expect(created[2]! - created[1]!).toBeGreaterThanOrEqual(20);
    const job = cluster.get(refs.jobs, 'work');
    expect(job.status.failed).toBe(3);
    expect(conditions(job)).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded']);
    expect(cluster.events('work')).toContain('BackoffLimitExceeded: Job has reached the specified backoff limit');
  });

  it('gives every index its own attempts', () => {
    const cluster = new TestCluster();
    createJob(cluster, { completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 });
    for (let seconds = 0; seconds < 40; seconds++) {
      cluster.run(1000);
      for (const pod of running(cluster).filter(({ status }) => status.phase === 'Running')) {
        end(cluster, pod, pod.metadata.name.startsWith('work-1-') ? 1 : 0);
      }
    }
    const job = cluster.get(refs.jobs, 'work');
    expect(job.status).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1', succeeded: 2, failed: 2 });
    expect(conditions(job).at(-1)).toBe('Failed=True FailedIndexes');
    const pod = cluster.list(refs.pods).find(({ metadata }) => metadata.name.startsWith('work-0-'))!;
    expect(pod.spec.hostname).toBe('work-0');
    expect(pod.spec.containers[0]!.env?.[0]?.name).toBe('JOB_COMPLETION_INDEX');
  });

  it('fails, ignores or counts as the failure policy says', () => {
    const cluster = new TestCluster();
    createJob(cluster, {
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } },
          { action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [42] } },
        ],
      },
    });
    cluster.run(3000);
    end(cluster, running(cluster)[0]!, 7);
    cluster.run(15_000);
    expect(cluster.get(refs.jobs, 'work').status.failed).toBeUndefined();
    const [pod] = running(cluster);
    end(cluster, pod!, 42);
    cluster.run(5000);
    const failed = cluster.get(refs.jobs, 'work').status.conditions?.find(({ type }) => type === 'Failed');
    expect(failed).toMatchObject({
      reason: 'PodFailurePolicy',
      message: `Container c for pod default/${pod!.metadata.name} failed with exit code 42 matching FailJob rule at index 1`,
    });
  });

  it('ends early by the success policy, and stops what still runs', () => {
    const cluster = new TestCluster();
    createJob(cluster, {
      completions: 3,
      parallelism: 3,
      completionMode: 'Indexed',
      successPolicy: { rules: [{ succeededIndexes: '0' }] },
    });
    cluster.run(3000);
    end(
      cluster,
      running(cluster).find(({ metadata }) => metadata.name.startsWith('work-0-'))!,
      0,
    );
    cluster.run(10_000);
    const job = cluster.get(refs.jobs, 'work');
    expect(conditions(job)).toEqual(['SuccessCriteriaMet=True SuccessPolicy', 'Complete=True SuccessPolicy']);
    expect(job.status).toMatchObject({ succeeded: 1, completedIndexes: '0', terminating: 0 });
    expect(running(cluster)).toEqual([]);
  });

  it('suspends and resumes, and its deadline counts from then', () => {
    const cluster = new TestCluster();
    createJob(cluster, { suspend: true, activeDeadlineSeconds: 20 });
    cluster.run(60_000);
    expect(conditions(cluster.get(refs.jobs, 'work'))).toEqual(['Suspended=True JobSuspended']);
    cluster.patch(refs.jobs, 'work', { spec: { suspend: false } });
    cluster.run(5000);
    expect(conditions(cluster.get(refs.jobs, 'work'))).toEqual(['Suspended=False JobResumed']);
    expect(running(cluster)).toHaveLength(1);
    cluster.run(30_000);
    const job = cluster.get(refs.jobs, 'work');
    expect(conditions(job).at(-1)).toBe('Failed=True DeadlineExceeded');
    expect(cluster.list(refs.pods)).toEqual([]);
    expect(cluster.events('work')).toEqual(
      expect.arrayContaining(['Suspended: Job suspended', 'Resumed: Job resumed']),
    );
  });

  it('leaves no Pod behind that waits for a Job that is gone', () => {
    const cluster = new TestCluster();
    createJob(cluster, { parallelism: 2 });
    cluster.run(3000);
    cluster.client.resource(refs.jobs).delete('default', 'work', { propagationPolicy: 'Background' });
    cluster.run(10_000);
    expect(cluster.list(refs.pods)).toEqual([]);
  });

  it('goes some time after its end', () => {
    const cluster = new TestCluster();
    createJob(cluster, { ttlSecondsAfterFinished: 10 });
    cluster.run(3000);
    end(cluster, running(cluster)[0]!, 0);
    cluster.run(5000);
    expect(cluster.list(refs.jobs)).toHaveLength(1);
    cluster.run(20_000);
    expect(cluster.list(refs.jobs)).toEqual([]);
    expect(cluster.list(refs.pods)).toEqual([]);
  });
});

describe('indexes', () => {
  it('are written as ranges and read again', () => {
    expect(new IndexSet([5, 0, 1, 2, 7, 8]).toString()).toBe('0-2,5,7,8');
    expect(parseIndexes('0-2,5,7,8', 8).toString()).toBe('0-2,5,7');
    expect(parseIndexes('', 3).size).toBe(0);
  });
});
