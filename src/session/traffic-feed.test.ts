import { expect, it } from 'vitest';
import { nodeHop } from '../headless/hop.ts';
import { pump } from '../engine/world/index.ts';
import { createRoom } from './room.ts';
import { TrafficFeed } from './traffic-feed.ts';
import './late-names.ts';

it('tells connections in the terms of the picture', async () => {
  const room = createRoom({ preset: 'kind-4', seed: 5, epoch: Date.UTC(2026, 0, 5), files: {} });
  const feed = new TrafficFeed(room);
  const run = async (command: string) => {
    const { workstation } = room;
    const shell = workstation.start(['bash', '-c', command], { env: workstation.environment, cwd: workstation.home });
    await pump(room.world.queue, nodeHop, {
      until: room.world.queue.now + 60_000,
      stop: () => shell.status !== undefined,
    });
    return feed.take() ?? [];
  };
  await run('kubectl run web --image=nginx:1.27 --expose --port 80; kubectl create service clusterip empty --tcp=80');
  await run('kubectl run box --image=busybox:1.36 -- sleep infinity; kubectl wait --for=condition=Ready pod --all');
  const tell = async (url: string) =>
    (await run(`kubectl exec box -- wget -qO- -T 2 ${url}`))
      .filter(({ protocol, from }) => protocol === 'tcp' && from.kind === 'pod')
      .map(({ service, to, outcome, unknownPort, reason }) => [
        service,
        to.key,
        outcome,
        unknownPort ?? false,
        reason?.comment ?? '',
      ]);
  expect(await tell('web')).toEqual([['default/web', 'default/web', 'connected', false, '']]);
  expect(await tell('empty')).toEqual([
    [
      'default/empty',
      expect.stringMatching(/^kind-worker/),
      'refused',
      false,
      expect.stringContaining('has no endpoints'),
    ],
  ]);
  expect(await tell('web:81')).toMatchObject([['default/web', expect.any(String), 'timeout', true, '']]);
  feed.close();
  expect(await tell('web')).toEqual([]);
});
