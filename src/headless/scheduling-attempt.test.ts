import { expect, it } from 'vitest';
import { ScriptRunner } from './runner.ts';

it('tells why a Pod is where it is: what refused nodes, and how the others scored', async () => {
  const runner = new ScriptRunner({ preset: 'kind-4', files: {} });
  await runner.step({ cmd: 'kubectl cordon kind-worker; kubectl run web --image=nginx:1.27; sleep 5' });
  const { stdout } = (await runner.step({ cmd: "kubectl get pod web -o jsonpath='{.metadata.uid}'" })) as {
    stdout: string;
  };
  const attempt = runner.room.cluster!.schedulingAttempt!(stdout)!;
  const verdicts = new Map(attempt.verdicts.map((verdict) => [verdict.node, verdict]));
  expect(verdicts.get('kind-control-plane')!.rejection).toMatchObject({ plugin: 'TaintToleration' });
  expect(verdicts.get('kind-worker')!.rejection).toMatchObject({ plugin: 'NodeUnschedulable' });
  const total = (node: string) => verdicts.get(node)!.total!;
  expect(total(attempt.node!)).toBe(Math.max(total('kind-worker2'), total('kind-worker3')));
});
