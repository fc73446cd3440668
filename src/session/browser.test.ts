import { expect, it } from 'vitest';
import { nodeHop } from '../headless/hop.ts';
import { pump } from '../engine/world/index.ts';
import './late-names.ts';
import type { BrowsedPage, Input } from './protocol.ts';
import { Session } from './session.ts';

it('browses the simulated world, and a replay sees the same pages', async () => {
  const spec = { preset: 'kind-4', seed: 3, epoch: Date.UTC(2026, 0, 5), files: {} };
  const play = async () => {
    const pages: BrowsedPage[] = [];
    const session = new Session(spec, nodeHop, { page: (page) => pages.push(page) });
    const act = async (input: Input, seconds: number) => {
      session.apply(input);
      await pump(session.queue, nodeHop, { until: session.queue.now + seconds * 1000 });
    };
    const keys = (data: string) => act({ kind: 'keys', terminal: 't1', data }, 10);
    await act({ kind: 'terminal', terminal: 't1', host: 'laptop', rows: 24, columns: 80 }, 1);
    await keys('kubectl create deployment web --image=nginx:1.27\r');
    await keys('kubectl create service nodeport web --tcp=80 --node-port=30080\r');
    await act({ kind: 'browse', url: '172.18.0.3:30080' }, 5);
    await act({ kind: 'browse', url: 'http://172.18.0.3:30080/nope' }, 5);
    await act({ kind: 'browse', url: 'http://172.18.0.3:31111' }, 5);
    await act({ kind: 'browse', url: 'http://no-such-name.example' }, 30);
    return { pages, hash: session.room.world.stateHash() };
  };
  const { pages, hash } = await play();
  expect(pages[0]).toMatchObject({ status: 200, contentType: 'text/html', url: 'http://172.18.0.3:30080/' });
  expect(pages[0]!.body).toContain('Welcome to nginx!');
  expect(pages[1]).toMatchObject({ status: 404, reason: 'Not Found' });
  expect(pages.slice(2).map(({ error }) => error?.exit)).toEqual([7, 6]);
  expect(await play()).toEqual({ pages, hash });
});
