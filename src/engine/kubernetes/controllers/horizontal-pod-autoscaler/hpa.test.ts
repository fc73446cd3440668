import { describe, expect, it } from 'vitest';
import { refs, type HorizontalPodAutoscaler } from '../../types.ts';
import { TestCluster } from '../cluster.test-support.ts';
import type { ControllerContext } from '../runtime.ts';
import { limit, type History } from './limits.ts';
import { averageProposal, utilizationProposal } from './metrics.ts';

function autoscale(test: TestCluster, spec: object = {}): HorizontalPodAutoscaler {
  return test.create(refs.horizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec },
  });
}

function conditions(test: TestCluster): string[] {
  const { status } = test.get(refs.horizontalPodAutoscalers, 'web');
  return (status.conditions ?? []).map(
    ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
  );
}

const noMetrics =
  'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';

describe('HorizontalPodAutoscaler', () => {
  it('says that there are no metrics', () => {
    const test = new TestCluster();
    test.deployment('web', { replicas: 2 });
    autoscale(test);
    test.run(10_000);
    expect(conditions(test)).toEqual([]);
    test.run(10_000);
    expect(conditions(test)).toEqual([
      "AbleToScale=True SucceededGetScale: the HPA controller was able to get the target's current scale",
      `ScalingActive=False FailedGetResourceMetric: the HPA was unable to compute the replica count: ${noMetrics}`,
    ]);
    expect(
      test
        .list(refs.coreEvents)
        .filter((e) => e.involvedObject.kind === 'HorizontalPodAutoscaler')
        .map((e) => `${e.reason}: ${e.message}`),
    ).toEqual([
      `FailedGetResourceMetric: ${noMetrics}`,
      `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${noMetrics}`,
    ]);
  });

  it('keeps the number within its bounds without any', () => {
    const test = new TestCluster();
    test.deployment('web', { replicas: 1 });
    autoscale(test, { minReplicas: 3 });
    test.run(20_000);
    expect(test.get(refs.deployments, 'web').spec.replicas).toBe(3);
    expect(test.events('web')).toContain(
      'SuccessfulRescale: New size: 3; reason: Current number of replicas below Spec.MinReplicas',
    );
    expect(test.get(refs.horizontalPodAutoscalers, 'web').status).toMatchObject({
      currentReplicas: 1,
      desiredReplicas: 3,
    });
  });

  it('says what it cannot find', () => {
    const test = new TestCluster();
    autoscale(test);
    test.run(20_000);
    expect(conditions(test)).toEqual([
      `AbleToScale=False FailedGetScale: the HPA controller was unable to get the target's current scale: deployments/scale.apps "web" not found`,
    ]);
  });
});

/** A cluster in which these Pods use so much CPU (millicores) of the 100m that each asks for; undefined is not measured. */
function using(...usage: (number | undefined)[]): ControllerContext {
  const now = Date.UTC(2026, 0, 1);
  const time = new Date(now - 3_600_000).toISOString();
  const pods = usage.map((_, i) => ({
    metadata: { name: `p${i}` },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }] },
    status: {
      phase: 'Running',
      startTime: time,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }],
    },
  }));
  const metrics = usage.flatMap((value, i) =>
    value === undefined
      ? []
      : [
          {
            metadata: { name: `p${i}` },
            timestamp: new Date(now).toISOString(),
            containers: [{ name: 'c', usage: { cpu: `${value}m` } }],
          },
        ],
  );
  return {
    client: { resource: ({ group }: { group: string }) => ({ list: () => (group === '' ? pods : metrics) }) },
    world: { clock: { now: () => now } },
    examined: () => undefined,
  } as unknown as ControllerContext;
}

describe('proposals', () => {
  const query = { namespace: 'default', selector: 'app=web', resource: 'cpu' };

  it('bring usage to the target, unless it is near', () => {
    expect(utilizationProposal(using(90, 110), query, 2, 50)).toEqual({ replicas: 4, utilization: 100, average: 100 });
    expect(utilizationProposal(using(52, 50), query, 2, 50).replicas).toBe(2);
    expect(utilizationProposal(using(10, 10, 10, 10), query, 4, 50).replicas).toBe(1);
    expect(averageProposal(using(300, 100), query, 2, 100)).toEqual({ replicas: 4, average: 200 });
  });

  it('keep to the tolerance that the autoscaler wants', () => {
    expect(utilizationProposal(using(53, 53), query, 2, 50).replicas).toBe(2);
    expect(utilizationProposal(using(53, 53), { ...query, tolerance: { up: 0.05 } }, 2, 50).replicas).toBe(3);
    expect(utilizationProposal(using(40, 40, 40), { ...query, tolerance: { down: 0.5 } }, 3, 50).replicas).toBe(3);
  });

  it('take Pods without metrics to be against a change', () => {
    expect(utilizationProposal(using(100, undefined), query, 2, 60).replicas).toBe(2);
    expect(utilizationProposal(using(10, undefined), query, 2, 50).replicas).toBe(2);
    expect(() => utilizationProposal(using(undefined), query, 1, 50)).toThrow(
      'unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    );
  });
});

describe('limits', () => {
  const history = (): History => ({ recommendations: [], ups: [], downs: [] });

  it('double at most, and shrink only when five minutes asked for no more', () => {
    const known = history();
    const bounds = { current: 3, min: 1, max: 20 };
    expect(limit(known, undefined, 15, bounds, 0)).toMatchObject({ replicas: 6, limit: { reason: 'ScaleUpLimit' } });
    expect(limit(known, undefined, 2, { ...bounds, current: 6 }, 60_000)).toMatchObject({
      stability: { reason: 'ScaleDownStabilized' },
    });
    expect(limit(known, undefined, 2, { ...bounds, current: 6 }, 400_000).replicas).toBe(2);
  });

  it('follow the policies', () => {
    const behavior = {
      scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      scaleDown: { selectPolicy: 'Disabled', stabilizationWindowSeconds: 0 },
    };
    const known = history();
    expect(limit(known, behavior, 10, { current: 2, min: 1, max: 20 }, 0).replicas).toBe(3);
    known.ups.push({ change: 1, time: 0 });
    expect(limit(known, behavior, 10, { current: 3, min: 1, max: 20 }, 30_000).replicas).toBe(3);
    expect(limit(known, behavior, 1, { current: 3, min: 1, max: 20 }, 120_000).replicas).toBe(3);
  });
});
