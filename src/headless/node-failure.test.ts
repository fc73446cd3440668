import { describe, expect, it } from 'vitest';
import { ScriptRunner } from './runner.ts';

const workloads = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 1
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {nodeSelector: {chosen: "yes"}, containers: [{name: c, image: "nginx:1.27"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - {weight: 100, preference: {matchExpressions: [{key: chosen, operator: Exists}]}}
      containers: [{name: c, image: "nginx:1.27"}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: c, image: "nginx:1.27"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {app: bare}}
spec: {nodeSelector: {chosen: "yes"}, containers: [{name: c, image: "nginx:1.27"}]}
`;

describe('a node whose power goes off', () => {
  it('is noticed; its Pods are marked after five minutes and stay, others are made elsewhere', async () => {
    const runner = new ScriptRunner({ preset: 'kind-4', files: { 'all.yaml': workloads } });
    const run = async (cmd: string) => ((await runner.step({ cmd })) as { stdout: string }).stdout.trim();
    await run(
      'kubectl label node kind-worker2 chosen=yes; kubectl apply -f all.yaml; kubectl rollout status deploy/web',
    );
    await run('sleep 30');
    const here = `--field-selector spec.nodeName=kind-worker2 --no-headers | tr -s ' ' | cut -d' ' -f1,3 | sort`;
    const readiness = "kubectl get node kind-worker2 --no-headers | tr -s ' ' | cut -d' ' -f2";
    await run('docker stop kind-worker2');
    await run('sleep 30');
    expect(await run(readiness)).toBe('Ready');
    await run('sleep 30');
    expect(await run(readiness)).toBe('NotReady');
    expect(await run(`kubectl get pods ${here} | cut -d' ' -f2 | uniq`)).toBe('Running');

    await run('sleep 310');
    expect(
      (await run(`kubectl get pods ${here}`)).split('\n').map((line) => line.replace(/-[a-z0-9-]+ /, ' ')),
    ).toEqual(['agent Running', 'bare Terminating', 'db Terminating', 'web Terminating']);
    expect(await run("kubectl get deploy web -o jsonpath='{.status.readyReplicas}'")).toBe('1');
    expect(await run('kubectl get pods -l app=db --no-headers | wc -l')).toBe('1');

    // Whoever knows that the machine is really off may say so.
    await run('kubectl label node kind-worker3 chosen=yes');
    await run('kubectl taint node kind-worker2 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute');
    await run('sleep 60');
    expect(await run("kubectl get pod db-0 -o jsonpath='{.spec.nodeName} {.status.phase}'")).toBe(
      'kind-worker3 Running',
    );

    await run('kubectl taint node kind-worker2 node.kubernetes.io/out-of-service-; docker start kind-worker2');
    await run('sleep 60');
    expect(await run(readiness)).toBe('Ready');
    expect(await run('kubectl get pods --no-headers | grep -c Terminating')).toBe('0');
    expect(await run('kubectl get pods bare 2>&1')).toContain('NotFound');
    expect(await run("kubectl get ds agent -o jsonpath='{.status.numberReady}'")).toBe('3');
  });
});
