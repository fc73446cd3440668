/** The front page's moving example: what a command does to Pods on three nodes. Told, not simulated. */
export interface ScenePod {
  name: string;
  node: 0 | 1 | 2;
  slot: 0 | 1 | 2;
  status: 'ContainerCreating' | 'Running' | 'Terminating' | 'ImagePullBackOff';
}

export interface Scene {
  command: string;
  output: string;
  /** Pods right after the command, and once things have settled. */
  frames: [ScenePod[], ScenePod[]];
}

const pod = (name: string, node: 0 | 1 | 2, slot: 0 | 1 | 2, status: ScenePod['status'] = 'Running'): ScenePod => ({
  name,
  node,
  slot,
  status,
});

const [a, b, c] = [pod('6wxbq', 0, 0), pod('k9d2v', 1, 0), pod('tz4mh', 2, 0)];
const [d, e] = [pod('p8c5n', 0, 1), pod('x7rjs', 1, 1)];
const replacement = pod('m2fvd', 2, 1);
const starting = (p: ScenePod): ScenePod => ({ ...p, status: 'ContainerCreating' });

export const scenes: readonly Scene[] = [
  {
    command: 'kubectl create deployment web --image=nginx --replicas=3',
    output: 'deployment.apps/web created',
    frames: [
      [starting(a), starting(b), starting(c)],
      [a, b, c],
    ],
  },
  {
    command: 'kubectl scale deployment web --replicas=5',
    output: 'deployment.apps/web scaled',
    frames: [
      [a, b, c, starting(d), starting(e)],
      [a, b, c, d, e],
    ],
  },
  {
    command: 'kubectl delete pod web-56c7d8b9f6-k9d2v',
    output: 'pod "web-56c7d8b9f6-k9d2v" deleted from default namespace',
    frames: [
      [a, { ...b, status: 'Terminating' }, c, d, e, starting(replacement)],
      [a, c, d, e, replacement],
    ],
  },
  {
    command: 'kubectl set image deployment/web nginx=nginx:1.92',
    output: 'deployment.apps/web image updated',
    frames: [
      [a, c, d, e, starting(pod('q5hzl', 1, 0)), starting(pod('w4ktg', 0, 2))],
      [a, c, d, e, pod('q5hzl', 1, 0, 'ImagePullBackOff'), pod('w4ktg', 0, 2, 'ImagePullBackOff')],
    ],
  },
];
