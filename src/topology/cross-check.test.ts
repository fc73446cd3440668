import { describe, expect, it } from 'vitest';
import { loadYamlDocuments } from '../engine/yaml/load.ts';
import { crossCheck } from './cross-check.ts';
import type { TopologyObject } from './objects.ts';

const cluster = (objects: Record<string, unknown[]>) => (resource: string) =>
  (objects[resource] ?? []) as TopologyObject[];

const found = (text: string, objects: Record<string, unknown[]> = {}) =>
  crossCheck(loadYamlDocuments(text), cluster(objects)).map(
    ({ document, path, code }) => `${document} ${path} ${code}`,
  );

const deployment = (labels = 'app: web', container = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {${labels}}}
    spec:
      containers:
      - name: nginx
        image: nginx
        ports: [{name: http, containerPort: 80}]
${container}`;

const service = (selector = 'app: web', port = 'port: 80') => `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {${selector}}, ports: [{${port}}]}
`;

describe('a Service', () => {
  it('selects Pods of the file or the cluster', () => {
    expect(found(`${deployment()}---${service()}`)).toEqual([]);
    expect(found(`${deployment('app: wbe')}---${service()}`)).toEqual(['1 spec.selector selector_matches_nothing']);
    const pods = { '/pods': [{ metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } }, spec: {} }] };
    expect(found(service(), pods)).toEqual([]);
    const elsewhere = { '/pods': [{ metadata: { name: 'a', namespace: 'shop', labels: { app: 'web' } }, spec: {} }] };
    expect(found(service(), elsewhere)).toEqual(['0 spec.selector selector_matches_nothing']);
  });

  it('sends to a port that the containers declare', () => {
    const check = (port: string) => found(`${deployment()}---${service('app: web', port)}`);
    expect(check('port: 8080, targetPort: http')).toEqual([]);
    expect(check('port: 80, targetPort: web')).toEqual(['1 spec.ports[0].targetPort port_name_unknown']);
    expect(check('port: 80, targetPort: 8080')).toEqual(['1 spec.ports[0].targetPort port_not_declared']);
    expect(check('port: 8080')).toEqual(['1 spec.ports[0].port port_not_declared']);
  });
});

it('what a Pod refers to is there, unless it is optional', () => {
  const container = `        env:
        - {name: A, valueFrom: {configMapKeyRef: {name: colours, key: tone}}}
        - {name: B, valueFrom: {secretKeyRef: {name: none, key: tone, optional: true}}}
        envFrom: [{secretRef: {name: missing}}]
      volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
      serviceAccountName: robot
      nodeSelector: {disk: ssd}
`;
  const nodes = { '/nodes': [{ metadata: { name: 'n', labels: {} } }] };
  const at = 'spec.template.spec';
  expect(found(deployment('app: web', container), nodes)).toEqual([
    `0 ${at}.containers[0].env[0].valueFrom.configMapKeyRef.name configmap_missing`,
    `0 ${at}.containers[0].envFrom[0].secretRef.name secret_missing`,
    `0 ${at}.volumes[0].persistentVolumeClaim.claimName claim_missing`,
    `0 ${at}.serviceAccountName service_account_missing`,
    `0 ${at}.nodeSelector no_such_node_label`,
  ]);
  const colours = { '/configmaps': [{ metadata: { name: 'colours', namespace: 'default' }, data: { hue: '1' } }] };
  expect(found(deployment('app: web', container), colours)[0]).toContain('configMapKeyRef.key configmap_key_missing');
});

it('an Ingress, an autoscaler and a claim name what exists', () => {
  const text = `
apiVersion: networking.k8s.io/v1
kind: Ingress
spec: {rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 81}}}}, {backend: {service: {name: x}}}]}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
spec: {scaleTargetRef: {kind: Deployment, name: web}}
---
apiVersion: v1
kind: PersistentVolumeClaim
spec: {storageClassName: fast}
---${service()}---${deployment().replace('name: web', 'name: other')}`;
  expect(found(text)).toEqual([
    '0 spec.rules[0].http.paths[0].backend.service.port service_port_missing',
    '0 spec.rules[0].http.paths[1].backend.service.name service_missing',
    '1 spec.scaleTargetRef.name scale_target_missing',
    '2 spec.storageClassName storage_class_missing',
  ]);
});

it('bears what is half typed', () => {
  for (const text of [
    'kind: Pod\napiVersion: v1\nspec:',
    'kind: Service\napiVersion: v1\nspec: {selector: , ports: [1, ~]}',
    'kind: Pod\napiVersion: v1\nspec: {containers: [~, {env: 3}], volumes: {}}',
    '- 1',
    'a',
  ])
    expect(found(text)).toEqual([]);
});
