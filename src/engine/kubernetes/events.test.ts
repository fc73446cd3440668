import { describe, expect, it } from 'vitest';
import { World } from '../world/index.ts';
import { createApiServer } from './apiserver/server.ts';
import { CoreEventRecorder, SeriesEventRecorder } from './events.ts';
import { refs } from './types.ts';

function setUp() {
  const world = new World({ seed: 1, epoch: Date.UTC(2026, 0, 1) });
  const client = createApiServer({ world }).client({ manager: 'kubelet' });
  const pass = (ms: number) => {
    const until = world.queue.now + ms;
    world.queue.run({ until });
    world.queue.advanceTo(until);
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', uid: 'u1', resourceVersion: '7' };
  return { world, client, pass, pod };
}

describe('core event recorder', () => {
  it('counts what repeats itself on one Event', () => {
    const { world, client, pass, pod } = setUp();
    const recorder = new CoreEventRecorder(world, client, { component: 'kubelet', host: 'kind-worker' });
    for (let i = 0; i < 3; i++) {
      recorder.record(pod, 'Normal', 'Pulling', 'Pulling image "nginx"', { fieldPath: 'spec.containers{c}' });
      pass(10_000);
    }
    const events = client.resource(refs.coreEvents).list({ namespace: 'default' });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      count: 3,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:20Z',
      source: { component: 'kubelet', host: 'kind-worker' },
      reportingComponent: 'kubelet',
      involvedObject: { ...pod, fieldPath: 'spec.containers{c}' },
    });
    expect(events[0]!.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
  });

  it('combines similar Events and stops floods', () => {
    const { world, client, pod } = setUp();
    const recorder = new CoreEventRecorder(world, client, { component: 'kubelet' });
    for (let i = 0; i < 40; i++) recorder.record(pod, 'Warning', 'Failed', `attempt ${i}`);
    const events = client.resource(refs.coreEvents).list({ namespace: 'default' });
    expect(events).toHaveLength(10);
    const combined = events.filter(({ message }) => message?.startsWith('(combined from similar events): '));
    expect(combined.map(({ count }) => count)).toEqual([16]);
  });
});

describe('series event recorder', () => {
  it('opens a series at the first repetition and writes its end', () => {
    const { world, client, pass, pod } = setUp();
    const recorder = new SeriesEventRecorder(world, client, {
      controller: 'default-scheduler',
      instance: 'default-scheduler-x',
    });
    const fail = () => recorder.record(pod, 'Warning', 'FailedScheduling', 'no room', { action: 'Scheduling' });
    const stored = () => client.resource(refs.events).list({ namespace: 'default' });
    fail();
    expect(stored()[0]!.series).toBeUndefined();
    pass(1000);
    fail();
    fail();
    expect(stored()[0]!.series?.count).toBe(2);
    pass(15 * 60_000);
    expect(stored()).toHaveLength(1);
    expect(stored()[0]!.series?.count).toBe(3);
  });
});
