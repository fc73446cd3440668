import { describe, expect, it } from 'vitest';
import { nodeHop } from '../headless/hop.ts';
import { pump } from '../engine/world/index.ts';
import type { TopologyObject } from '../topology/objects.ts';
import { why, type TrafficFacts } from '../topology/why/index.ts';
import './late-names.ts';
import { createRoom } from './room.ts';
import { TrafficFeed } from './traffic-feed.ts';

/** A cluster in which things are broken and mended by command, and asked why. */
class Patient {
  readonly room = createRoom({ preset: 'kind-4', seed: 9, epoch: Date.UTC(2026, 0, 5), files: {} });
  readonly #feed = new TrafficFeed(this.room);
  #flows: TrafficFacts[] = [];

  async run(command: string, seconds = 8): Promise<void> {
    const { workstation, world } = this.room;
    workstation.start(['bash', '-c', command], { env: workstation.environment, cwd: workstation.home });
    await pump(world.queue, nodeHop, { until: world.queue.now + seconds * 1000 });
    this.#flows = [...(this.#feed.take() ?? []).toReversed(), ...this.#flows];
  }

  codes(resource: string, name: string): string[] {
    const objects = (wanted: string) => this.room.objects(wanted) as unknown as readonly TopologyObject[];
    const object = objects(resource).find(
      ({ metadata }) => metadata.name === name || metadata.name.startsWith(`${name}-`),
    );
    if (!object) return ['gone'];
    const traffic = { flows: this.#flows, now: this.room.world.queue.now };
    return why(resource, object, objects, traffic).map(({ code }) => code);
  }
}

interface Case {
  code: string;
  breaks: string;
  resource: string;
  name: string;
  repair: string;
  /** Virtual seconds for each. */
  seconds?: number;
}

const pod = (name: string, spec: string) =>
  `kubectl apply -f - <<'E'\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: ${spec}\nE`;
const manifest = (text: string) => `kubectl apply -f - <<'E'\n${text}\nE`;
const box = (extra = '') => `{containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity]${extra}}]}`;
const replaceWith = (name: string, spec: string) => `kubectl delete pod ${name} --now; ${pod(name, spec)}`;

const cases: Case[] = [
  { code: 'schedule_insufficient', breaks: pod('big', box(', resources: {requests: {cpu: 100}}')), resource: '/pods', name: 'big', repair: replaceWith('big', box()) },
  { code: 'schedule_taint', breaks: 'kubectl taint nodes --all gpu=no:NoSchedule; kubectl run plain --image=nginx:1.27', resource: '/pods', name: 'plain', repair: 'kubectl taint nodes --all gpu-' },
  { code: 'schedule_node_labels', breaks: pod('picky', box().replace('{cont', '{nodeSelector: {disk: ssd}, cont')), resource: '/pods', name: 'picky', repair: 'kubectl label node kind-worker disk=ssd' },
  { code: 'schedule_claim_unbound', breaks: pod('data', '{containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity]}], volumes: [{name: v, persistentVolumeClaim: {claimName: mine}}]}'), resource: '/pods', name: 'data', repair: manifest('apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: mine}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}'), seconds: 40 },
  { code: 'image_not_found', breaks: 'kubectl run typo --image=nginx:1.27-lates', resource: '/pods', name: 'typo', repair: 'kubectl set image pod/typo typo=nginx:1.27', seconds: 30 },
  { code: 'image_invalid_name', breaks: pod('upper', '{containers: [{name: c, image: NGINX}]}'), resource: '/pods', name: 'upper', repair: 'kubectl set image pod/upper c=nginx:1.27', seconds: 30 },
  { code: 'configmap_missing', breaks: pod('conf', box(', envFrom: [{configMapRef: {name: settings}}]')), resource: '/pods', name: 'conf', repair: 'kubectl create configmap settings --from-literal=a=b', seconds: 30 },
  { code: 'config_key_missing', breaks: `kubectl create secret generic key --from-literal=a=b; ${pod('keys', box(', env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: z}}}]'))}`, resource: '/pods', name: 'keys', repair: `kubectl patch secret key -p '{"stringData":{"z":"1"}}'`, seconds: 30 },
  { code: 'container_command_missing', breaks: pod('cmd', '{containers: [{name: c, image: "busybox:1.36", command: [nosuch]}]}'), resource: '/pods', name: 'cmd', repair: replaceWith('cmd', box()), seconds: 20 },
  { code: 'container_crashes', breaks: pod('crash', '{containers: [{name: c, image: "busybox:1.36", command: [sh, -c, exit 3]}]}'), resource: '/pods', name: 'crash', repair: replaceWith('crash', box()), seconds: 20 },
  { code: 'container_probe_fails', breaks: pod('probe', box(', readinessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 1}')), resource: '/pods', name: 'probe', repair: 'kubectl exec probe -- touch /tmp/ok' },
  { code: 'quota_exceeded', breaks: 'kubectl create quota few --hard=pods=0; kubectl create deployment limited --image=nginx:1.27', resource: 'apps/deployments', name: 'limited', repair: 'kubectl delete quota few; kubectl rollout restart deployment limited', seconds: 30 },
  { code: 'workload_paused', breaks: 'kubectl create deployment still --image=nginx:1.27; kubectl rollout pause deployment still', resource: 'apps/deployments', name: 'still', repair: 'kubectl rollout resume deployment still' },
  { code: 'workload_scaled_to_zero', breaks: 'kubectl create deployment none --image=nginx:1.27 --replicas=0', resource: 'apps/deployments', name: 'none', repair: 'kubectl scale deployment none --replicas=1' },
  { code: 'service_label_differs', breaks: 'kubectl run shop --image=nginx:1.27 --labels=app=shop; kubectl create service clusterip shopp --tcp=80', resource: '/services', name: 'shopp', repair: `kubectl patch service shopp -p '{"spec":{"selector":{"app":"shop"}}}'` },
  { code: 'service_port_not_declared', breaks: 'kubectl run door --image=nginx:1.27 --port=80; kubectl expose pod door --port=80 --target-port=8080', resource: '/services', name: 'door', repair: `kubectl patch service door --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":80}]'` },
  { code: 'service_no_address', breaks: 'kubectl run lb --image=nginx:1.27 --port=80; kubectl expose pod lb --type=LoadBalancer', resource: '/services', name: 'lb', repair: `kubectl patch service lb -p '{"spec":{"type":"NodePort"}}'` },
  { code: 'claim_class_missing', breaks: manifest('apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: fast}\nspec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}'), resource: '/persistentvolumeclaims', name: 'fast', repair: manifest('apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: rancher.io/local-path') },
  { code: 'claim_waits_for_pod', breaks: manifest('apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: idle}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}'), resource: '/persistentvolumeclaims', name: 'idle', repair: pod('user', '{containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity]}], volumes: [{name: v, persistentVolumeClaim: {claimName: idle}}]}'), seconds: 30 },
  { code: 'job_failed', breaks: `kubectl create job bad --image=busybox:1.36 -- false; kubectl patch job bad -p '{"spec":{"backoffLimit":0}}'`, resource: 'batch/jobs', name: 'bad', repair: 'kubectl delete job bad; kubectl create job bad --image=busybox:1.36 -- true', seconds: 60 },
  { code: 'autoscaler_no_metrics', breaks: 'kubectl create deployment hot --image=nginx:1.27; kubectl set resources deployment hot --requests=cpu=100m; kubectl autoscale deployment hot --cpu=50% --max=3', resource: 'autoscaling/horizontalpodautoscalers', name: 'hot', repair: 'kubectl delete hpa hot', seconds: 40 },
  { code: 'ingress_no_controller', breaks: 'kubectl create ingress web --class=nginx --rule=web.example.com/=shopp:80', resource: 'networking.k8s.io/ingresses', name: 'web', repair: 'kubectl delete ingress web' },
  { code: 'policy_selects_nothing', breaks: manifest('apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: lonely}\nspec: {podSelector: {matchLabels: {app: lonely}}}'), resource: 'networking.k8s.io/networkpolicies', name: 'lonely', repair: 'kubectl run lonely --image=nginx:1.27 --labels=app=lonely' },
  { code: 'node_cordoned', breaks: 'kubectl cordon kind-worker2', resource: '/nodes', name: 'kind-worker2', repair: 'kubectl uncordon kind-worker2' },
]; // prettier-ignore

describe('why, in a cluster that is broken and mended', () => {
  for (const { code, breaks, resource, name, repair, seconds } of cases)
    it(code, async () => {
      const patient = new Patient();
      await patient.run(breaks, seconds);
      expect(patient.codes(resource, name)).toContain(code);
      await patient.run(repair, seconds ?? 12);
      expect(patient.codes(resource, name)).not.toContain(code);
    });

  it('what connections met, until they succeed', async () => {
    const patient = new Patient();
    await patient.run(
      'kubectl run box --image=busybox:1.36 -- sleep infinity; kubectl run web --image=nginx:1.27 --port=80',
    );
    await patient.run(
      'kubectl expose pod web --port=80 --target-port=8080; kubectl create service clusterip none --tcp=80',
      15,
    );
    const ask = (url: string) => patient.run(`kubectl exec box -- wget -qO- -T 2 ${url}`, 10);
    await ask('web');
    expect(patient.codes('/pods', 'web')).toContain('traffic_nothing_listens');
    expect(patient.codes('/services', 'web')).toContain('traffic_nothing_listens');
    await ask('none');
    expect(patient.codes('/services', 'none')).toContain('traffic_no_endpoints');
    await ask('web:81');
    expect(patient.codes('/services', 'web')).toContain('traffic_unknown_port');
    await patient.run(
      `kubectl patch service web --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":80}]'`,
    );
    await ask('web');
    expect(patient.codes('/services', 'web')).not.toContain('traffic_nothing_listens');
    await patient.run('kubectl scale -n kube-system deployment coredns --replicas=0', 40);
    await patient.run('kubectl exec box -- wget -qO- -T 2 web', 40);
    expect(patient.codes('/pods', 'box')).toContain('dns_no_answer');
  });
});
