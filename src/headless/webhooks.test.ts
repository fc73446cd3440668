import { expect, it } from 'vitest';
import { ScriptRunner } from './runner.ts';

const server = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: hook, namespace: hooks}
spec:
  selector: {matchLabels: {app: hook}}
  template:
    metadata: {labels: {app: hook}}
    spec:
      containers:
      - name: hook
        image: registry.k8s.io/e2e-test-images/agnhost:2.53
        args: [webhook, --port=8443, --sidecar-image=nginx:1.27]
        ports: [{containerPort: 8443}]
        readinessProbe: {httpGet: {path: /readyz, port: 8443, scheme: HTTPS}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: hooks}
spec:
  selector: {app: hook}
  ports: [{port: 443, targetPort: 8443}]
`;

const configuration = (kind: string, name: string, path: string) => `
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: ${name}}
webhooks:
- name: ${name}.example.com
  clientConfig: {service: {name: hook, namespace: hooks, path: ${path}}}
  rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
  namespaceSelector: {matchLabels: {hooked: "yes"}}
  sideEffects: None
  admissionReviewVersions: [v1]
`;

it('calls webhooks that run in the cluster, for Pods of people and of controllers', async () => {
  const files = {
    'server.yaml': server,
    'mutating.yaml': configuration('Mutating', 'sidecar', '/mutating-pods-sidecar'),
    'validating.yaml': configuration('Validating', 'deny', '/pods'),
  };
  const runner = new ScriptRunner({ preset: 'kind-4', files });
  const step = async (cmd: string) => (await runner.step({ cmd })) as { stdout: string; stderr: string; exit: number };
  await step('kubectl create ns hooks; kubectl apply -f server.yaml; kubectl -n hooks rollout status deploy/hook');
  await step(
    'kubectl create ns shop; kubectl label ns shop hooked=yes; kubectl apply -f mutating.yaml -f validating.yaml',
  );
  const web = await step(
    'kubectl -n shop create deployment web --image=httpd:2.4 --replicas=3; kubectl -n shop rollout status deploy/web --timeout=60s',
  );
  expect(web.stdout).toContain('successfully rolled out');
  const names = await step("kubectl -n shop get pods -o jsonpath='{.items[*].spec.containers[*].name}'");
  expect(names.stdout).toBe('httpd webhook-added-sidecar httpd webhook-added-sidecar httpd webhook-added-sidecar');
  const events = await step('kubectl -n shop get events --field-selector type=Warning');
  expect(events.stderr).toContain('No resources found');

  const denied = await step('kubectl -n shop run bad --image=nginx:1.27 --labels=webhook-e2e-test=webhook-disallow');
  expect(denied.stderr).toBe(
    'Error from server: admission webhook "deny.example.com" denied the request: the pod contains unwanted label;\n',
  );
  const free = await step('kubectl run fine --image=nginx:1.27 --labels=webhook-e2e-test=webhook-disallow');
  expect(free.exit).toBe(0);

  await step('kubectl -n hooks scale deploy/hook --replicas=0; kubectl -n hooks wait --for=delete pod -l app=hook');
  const failed = await step('kubectl -n shop run late --image=nginx:1.27');
  expect(failed.stderr).toMatch(
    /^Error from server \(InternalError\): Internal error occurred: failed calling webhook "sidecar.example.com": failed to call webhook: Post "https:\/\/hook.hooks.svc:443\/mutating-pods-sidecar\?timeout=10s": dial tcp 10\.96\.\d+\.\d+:443: connect: connection refused\n$/,
  );
  await step('kubectl -n shop scale deploy/web --replicas=4; sleep 5');
  const said = await step(
    "kubectl -n shop get events --field-selector reason=FailedCreate -o jsonpath='{.items[0].message}'",
  );
  expect(said.stdout).toContain(
    'Error creating: Internal error occurred: failed calling webhook "sidecar.example.com"',
  );
  await step('kubectl -n hooks scale deploy/hook --replicas=1; kubectl -n hooks rollout status deploy/hook');
  const again = await step('kubectl -n shop rollout status deploy/web --timeout=120s');
  expect(again.stdout).toContain('successfully rolled out');
}, 60_000);

const conversion = `
apiVersion: v1
kind: Pod
metadata: {name: convert, labels: {app: convert}}
spec:
  containers:
  - name: convert
    image: registry.k8s.io/e2e-test-images/agnhost:2.53
    args: [crd-conversion-webhook, --port=9444]
---
apiVersion: v1
kind: Service
metadata: {name: convert}
spec:
  selector: {app: convert}
  ports: [{port: 443, targetPort: 9444}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: hosts.stable.example.com}
spec:
  group: stable.example.com
  names: {plural: hosts, singular: host, kind: Host}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {hostPort: {type: string}}}}
  - name: v2
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, properties: {host: {type: string}, port: {type: string}}}}
  conversion:
    strategy: Webhook
    webhook:
      conversionReviewVersions: [v1]
      clientConfig: {service: {namespace: default, name: convert, path: /crdconvert}}
`;

it('converts custom resources by a webhook that runs in the cluster', async () => {
  const host = 'apiVersion: stable.example.com/v1\nkind: Host\nmetadata: {name: a}\nhostPort: localhost:8080\n';
  const files = { 'all.yaml': conversion, 'host.yaml': host };
  const runner = new ScriptRunner({ preset: 'kind-4', files });
  const step = async (cmd: string) => (await runner.step({ cmd })) as { stdout: string; stderr: string; exit: number };
  await step('kubectl apply -f all.yaml; kubectl wait pod/convert --for=condition=Ready');
  await step('kubectl wait crd/hosts.stable.example.com --for=condition=Established; sleep 2');
  await step('kubectl apply -f host.yaml');
  const shown = await step("kubectl get hosts.v2.stable.example.com a -o jsonpath='{.apiVersion} {.host} {.port}'");
  expect(shown.stdout).toBe('stable.example.com/v2 localhost 8080');
  const patched = await step(`kubectl patch hosts.v2.stable.example.com a --type=merge -p '{"port":"9090"}'`);
  expect(patched.stdout).toBe('host.stable.example.com/a patched\n');
  const stored = await step("kubectl get hosts.v1.stable.example.com a -o jsonpath='{.hostPort}'");
  expect(stored.stdout).toBe('localhost:9090');
}, 60_000);
