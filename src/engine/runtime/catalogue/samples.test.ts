import { expect, it } from 'vitest';
import { ContainerRoom } from '../../../testing/containers.ts';

it('hello-app and podinfo answer, and podinfo falls over when asked', async () => {
  const room = new ContainerRoom();
  room.run('hello', 'gcr.io/google-samples/hello-app:2.0');
  const info = room.run('info', 'stefanprodan/podinfo');
  await room.pass(500);
  expect((await room.exec(info, 'wget -qO- http://hello:8080/')).stdout).toBe(
    'Hello, world!\nVersion: 2.0.0\nHostname: hello\n',
  );
  expect((await room.exec(info, 'wget -qO- localhost:9898/readyz')).stdout).toBe('{\n  "status": "OK"\n}\n');
  await room.exec(info, 'wget -qO- localhost:9898/panic');
  expect(await room.ended(info)).toBe(255);
});
