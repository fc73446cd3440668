import { ScriptRunner } from './runner.ts';

export interface Latencies {
  p50: number;
  p99: number;
}

const pods = 200;
const repetitions = 300;
const commands = [
  'kubectl get pods',
  'kubectl describe pod pod-7',
  'kubectl apply -f one.yaml',
  'kubectl get pod pod-7 -o yaml',
  'kubectl describe deployment web',
] as const;

const pod = (name: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: load}}\nspec: {containers: [{name: c, image: nginx}]}\n`;
const files = {
  'one.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: b}\n',
  'web.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}}\n',
  'pods.yaml': Array.from({ length: pods }, (_, i) => pod(`pod-${i}`)).join('---\n'),
};

/** Compute time of get, describe and apply, typed to printed, on a cluster with 200 Pods; ms. */
export async function kubectlLatencies(): Promise<Latencies> {
  const runner = new ScriptRunner({ preset: 'kind-4', files });
  for (const file of ['web.yaml', 'pods.yaml']) await runner.step({ cmd: `kubectl apply -f ${file}` });
  await runner.step({ cmd: 'kubectl wait pod --all --for=condition=Ready --timeout=300s' });
  const times: number[] = [];
  for (let n = 0; n < repetitions; n++) {
    const started = performance.now();
    const { exit } = await runner.step({ cmd: commands[n % commands.length]! });
    if (exit !== 0) throw new Error(`${commands[n % commands.length]} failed`);
    // The first ones are compiled while they run.
    if (n >= 50) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length * 0.5)]!, p99: times[Math.floor(times.length * 0.99)]! };
}
