import { networkCosts } from './bench-network.ts';
import { Session } from '../session/session.ts';
import { headlessEpoch, ScriptRunner } from './runner.ts';
import { nodeHop } from './hop.ts';
const cpu = () => {
  const u = process.cpuUsage();
  return (u.user + u.system) / 1000;
};
let a = cpu();
const n = await networkCosts();
console.log('network', n, 'cpu total', cpu() - a);
const spec = { preset: 'kind-4', seed: 1, epoch: headlessEpoch };
const t: number[] = [];
for (let i = 0; i < 15; i++) {
  a = cpu();
  new Session(spec, nodeHop).room.furnish();
  t.push(cpu() - a);
}
console.log('boot cpu', t.sort((x, y) => x - y)[7]);
const runner = new ScriptRunner({ preset: 'kind-4', files: {} });
await runner.step({
  cmd: 'kubectl create deployment web --image=nginx:1.27 --replicas=10; kubectl rollout status deploy/web',
});
const g: number[] = [];
for (let i = 0; i < 60; i++) {
  a = cpu();
  await runner.step({ cmd: 'kubectl get pods' });
  g.push(cpu() - a);
}
console.log('get pods cpu', g.slice(20).sort((x, y) => x - y)[20]);
