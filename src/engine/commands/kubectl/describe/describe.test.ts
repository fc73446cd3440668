import { describe, expect, test } from 'vitest';
import type { RestClient } from '../client/rest.ts';
import type { ApiObject } from '../client/types.ts';
import type { DescribeContext } from './describer.ts';
import { breakdownRule, compactRules, ruleCells, sortRules } from './policy-rules.ts';
import { fieldLabel } from './generic.ts';
import { describers, describeObject } from './registry.ts';
import { writeAnnotations } from './format.ts';
import { DescriptionWriter } from './writer.ts';

const now = Date.UTC(2026, 0, 5, 9, 0, 10);

function contextWith(events: object[]): DescribeContext {
  const client = {
    list: () => Promise.resolve({ apiVersion: 'v1', kind: 'List', metadata: {}, items: events }),
  } as unknown as RestClient;
  return { client, now, showEvents: true, chunkSize: 0 };
}

const describeIt = (object: ApiObject, events: object[] = []) =>
  describeObject(
    { group: object.apiVersion.includes('/') ? object.apiVersion.split('/')[0]! : '', kind: object.kind },
    object,
    contextWith(events),
  );

describe('describe', () => {
  test('no kind is registered twice', () => {
    const names = describers.map((d) => `${d.kind}.${d.group}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a Pod that could not be scheduled', async () => {
    const text = await describeIt(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'big', namespace: 'default', uid: 'u' },
        spec: {
          priority: 0,
          serviceAccountName: 'default',
          containers: [
            {
              name: 'app',
              image: 'nginx',
              resources: { requests: { cpu: '100' } },
              env: [
                { name: 'A', value: 'x\ny' },
                { name: 'K', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
              ],
              volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'p', readOnly: true }],
            },
          ],
          volumes: [{ name: 'v', emptyDir: {} }],
          tolerations: [
            { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
            { operator: 'Exists' },
          ],
        },
        status: { phase: 'Pending', qosClass: 'Burstable', conditions: [{ type: 'PodScheduled', status: 'False' }] },
      },
      [
        {
          type: 'Warning',
          reason: 'FailedScheduling',
          message: 'no ',
          count: 3,
          firstTimestamp: '2026-01-05T09:00:00Z',
          lastTimestamp: '2026-01-05T09:00:08Z',
          source: { component: 'default-scheduler' },
          involvedObject: {},
        },
        {
          type: 'Normal',
          reason: 'Other',
          message: 'm',
          eventTime: '2026-01-05T08:55:10.000000Z',
          reportingComponent: 'x',
          involvedObject: { fieldPath: 'spec.containers{app}' },
        },
      ],
    );
    expect(text).toBe(`Name:             big
Namespace:        default
Priority:         0
Service Account:  default
Node:             <none>
Labels:           <none>
Annotations:      <none>
Status:           Pending
IP:               
IPs:              <none>
Containers:
  app:
    Image:      nginx
    Port:       <none>
    Host Port:  <none>
    Requests:
      cpu:  100
    Environment:
      A:  x
          y
      K:  <set to the key 'k' in secret 's'>  Optional: false
    Mounts:
      /v from v (ro,path="p")
Conditions:
  Type           Status
  PodScheduled   False 
Volumes:
  v:
    Type:        EmptyDir (a temporary directory that shares a pod's lifetime)
    Medium:      
    SizeLimit:   <unset>
QoS Class:       Burstable
Node-Selectors:  <none>
Tolerations:     op=Exists
                 a:NoExecute op=Exists for 300s
Events:
  Type     Reason            Age               From               Message
  ----     ------            ----              ----               -------
  Normal   Other             5m                x                  spec.containers{app}: m
  Warning  FailedScheduling  2s (x3 over 10s)  default-scheduler  no
`);
  });

  test('an object of an unknown kind by its fields', async () => {
    const text = await describeIt({
      apiVersion: 'shop.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'one', namespace: 'default', uid: 'u', generation: 3 },
      spec: { maxItems: 5, 'a.b': [1, { hostURL: 'x' }] },
    });
    expect(text).toBe(`Name:         one
Namespace:    default
Labels:       <none>
Annotations:  <none>
API Version:  shop.example.com/v1
Kind:         Widget
Metadata:
  Generation:  3
  UID:         u
Spec:
  a.b:
    1
    Host URL:  x
  Max Items:   5
Events:        <none>
`);
  });
});

test('labels of fields', () => {
  expect(['lastTransitionTime', 'apiVersion', 'uid', 'a/b', 'x-y'].map(fieldLabel)).toEqual([
    'Last Transition Time',
    'API Version',
    'UID',
    'a/b',
    'X - Y',
  ]);
});

test('long annotations are cut, and stand on lines of their own', () => {
  const w = new DescriptionWriter();
  writeAnnotations(w, 0, 'Annotations', { a: 'x'.repeat(200), b: 'short' });
  expect(w.toString()).toBe(`Annotations:  a:\n                ${'x'.repeat(138)}...\n              b: short\n`);
});

test('rules are split, joined by verbs and sorted', () => {
  const rules = [
    { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
    { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get'], resourceNames: ['a'] },
    { nonResourceURLs: ['/healthz'], verbs: ['get'] },
  ];
  expect(sortRules(compactRules(rules.flatMap(breakdownRule))).map(ruleCells)).toEqual([
    ['pods/log', '[]', '[]', '[get list]'],
    ['pods', '[]', '[]', '[get list]'],
    ['', '[/healthz]', '[]', '[get]'],
    ['deployments.apps/scale', '[]', '[a]', '[get]'],
  ]);
});
