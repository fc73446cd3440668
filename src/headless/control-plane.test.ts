import { describe, expect, it } from 'vitest';
import { ScriptRunner } from './runner.ts';

async function run(lines: readonly string[]): Promise<{ stdout: string; stderr: string; exit: number }[]> {
  const runner = new ScriptRunner({ preset: 'kind-4', files: {} });
  const results = [];
  for (const cmd of lines) results.push(await runner.step({ cmd }));
  return results as { stdout: string; stderr: string; exit: number }[];
}

const settle = 'sleep 60';

describe('a control plane whose machine is off', () => {
  it('refuses connections and does nothing; Pods on other nodes go on, and all is made up for later', async () => {
    const [, , , refused, , , , ready, scheduled] = await run([
      'kubectl create deployment web --image=nginx:1.27 --replicas=3; kubectl rollout status deploy/web',
      'docker stop kind-control-plane',
      settle,
      'kubectl get pods',
      'docker start kind-control-plane',
      settle,
      'kubectl scale deployment web --replicas=5; kubectl rollout status deploy/web',
      "kubectl get deploy web -o jsonpath='{.status.readyReplicas}'",
      'kubectl get nodes --no-headers | grep -c " Ready "',
    ]);
    expect(refused!.stderr).toContain(
      'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?',
    );
    expect(refused!.exit).toBe(1);
    expect(ready!.stdout).toBe('5');
    expect(scheduled!.stdout).toBe('4\n');
  });

  it('finds out about nodes that failed meanwhile', async () => {
    const [, , , , , nodes] = await run([
      'docker stop kind-control-plane',
      'docker stop kind-worker2',
      settle,
      'docker start kind-control-plane',
      'sleep 120',
      "kubectl get node kind-worker2 --no-headers | tr -s ' ' | cut -d' ' -f2",
    ]);
    expect(nodes!.stdout).toBe('NotReady\n');
  });

  it('restarts a component that was killed', async () => {
    const runner = new ScriptRunner({ preset: 'kind-4', files: {} });
    await runner.step({ cmd: 'kubectl -n kube-system exec kube-scheduler-kind-control-plane -- kill 1' });
    await runner.step({ cmd: 'kubectl create deployment web --image=nginx:1.27' });
    await runner.step({ cmd: settle });
    const { stdout } = (await runner.step({ cmd: 'kubectl get pods --no-headers' })) as { stdout: string };
    expect(stdout).toContain('Running');
  });
});
