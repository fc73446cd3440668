import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TopologyObject } from '../objects.ts';
import { causeCodes, why } from './index.ts';

type Objects = Record<string, TopologyObject[]>;
const from = (objects: Objects) => (resource: string) => objects[resource] ?? [];
const codes = (resource: string, object: TopologyObject, objects: Objects) =>
  why(resource, object, from(objects)).map((c) => c.code);

function pod(
  status: Record<string, unknown>,
  spec: Record<string, unknown> = {},
  labels: Record<string, string> = {},
): TopologyObject {
  return {
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', uid: 'p', labels },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'nginx:1.27-lates' }], ...spec },
    status: { phase: 'Pending', ...status },
  };
}

const waiting = (reason: string) => ({
  containerStatuses: [{ name: 'c', ready: false, restartCount: 0, state: { waiting: { reason } } }],
});
const event = (reason: string, message: string, kind = 'Pod', name = 'p') =>
  ({
    reason,
    message,
    involvedObject: { kind, name, namespace: 'default' },
    metadata: { name: reason, uid: reason },
  }) as unknown as TopologyObject;
const ready = { conditions: [{ type: 'Ready', status: 'True' }], phase: 'Running' };

describe('why', () => {
  it('an image that does not exist', () => {
    const p = pod(waiting('ImagePullBackOff'));
    const events = [event('Failed', 'Failed to pull image "nginx:1.27-lates": … not found')];
    expect(codes('/pods', p, { '/events': events })).toEqual(['image_not_found']);
    expect(why('/pods', p, from({ '/events': events }))[0]).toMatchObject({
      params: { image: 'nginx:1.27-lates' },
      evidence: expect.stringContaining('not found'),
    });
  });

  it('a Pod that fits on no node', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu.';
    const p = pod(
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] },
      { nodeName: undefined },
    );
    expect(why('/pods', p, from({}))[0]).toMatchObject({ code: 'pod_no_node_fits', evidence: message });
  });

  it('a dead node comes before what its Pods say', () => {
    const node: TopologyObject = {
      metadata: { name: 'n', uid: 'n' },
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    };
    expect(codes('/pods', pod(ready), { '/nodes': [node] })).toEqual(['node_not_ready']);
  });

  it('a crash, an OOM kill, a missing ConfigMap', () => {
    const crashed = (reason: string, exitCode: number) =>
      pod({
        containerStatuses: [
          {
            name: 'c',
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { reason, exitCode } },
          },
        ],
      });
    expect(why('/pods', crashed('Error', 1), from({}))[0]).toMatchObject({
      code: 'container_crashes',
      params: { exit: 1, restarts: 3 },
    });
    expect(codes('/pods', crashed('OOMKilled', 137), {})).toEqual(['container_oom_killed']);
    expect(codes('/pods', pod(waiting('CreateContainerConfigError')), {})).toEqual(['container_config_missing']);
  });

  it('a Service with a typing error in its selector', () => {
    const service: TopologyObject = {
      metadata: { name: 'web', namespace: 'default', uid: 's' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    const causes = why('/services', service, from({ '/pods': [pod(ready, {}, { app: 'wbe' })] }));
    expect(causes[0]).toMatchObject({
      code: 'service_label_differs',
      params: { selector: 'app=web', labels: 'app=wbe' },
    });
    expect(codes('/services', service, { '/pods': [pod(ready, {}, { app: 'web' })] })).toEqual(['service_fine']);
  });

  it('every cause has its words in every language', () => {
    for (const locale of ['en', 'zh-CN']) {
      const messages = JSON.parse(
        readFileSync(new URL(`../../../messages/${locale}.json`, import.meta.url), 'utf8'),
      ) as Record<string, string>;
      for (const code of causeCodes) expect(messages[`why_${code}`], `${locale} ${code}`).toBeTruthy();
    }
  });
});
