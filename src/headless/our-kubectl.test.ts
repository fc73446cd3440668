import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBridge, type BridgeProcess } from './bridge-process.test-support.ts';
import { runKubectl } from './kubectl.ts';

let bridge: BridgeProcess;

beforeAll(async () => {
  bridge = await startBridge();
}, 60_000);
afterAll(() => bridge.close());

interface Result {
  exit: number;
  stdout: string;
  stderr: string;
}

/** Our kubectl in this process, over HTTPS to the bridge in the other. */
async function kubectl(
  line: string,
  { stdin, interruptOn }: { stdin?: string; interruptOn?: RegExp } = {},
): Promise<Result> {
  const interrupt = new AbortController();
  const result: Result = { exit: 0, stdout: '', stderr: '' };
  const decoder = new TextDecoder();
  const args = line.match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'(.*)'$/s, '$1'));
  result.exit = await runKubectl(args, {
    cwd: bridge.directory,
    env: { HOME: bridge.directory, KUBECONFIG: bridge.kubeconfig, COLUMNS: '80' },
    stdin: stdin === undefined ? undefined : Readable.from([Buffer.from(stdin)]),
    stdout: (data) => {
      result.stdout += decoder.decode(data);
      if (interruptOn?.test(result.stdout)) interrupt.abort();
    },
    stderr: (data) => (result.stderr += decoder.decode(data)),
    signal: interrupt.signal,
  });
  return result;
}

test('our kubectl works on a server in another process', { timeout: 60_000 }, async () => {
  const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "nginx:1.27" }] }
`;
  writeFileSync(path.join(bridge.directory, 'web.yaml'), manifest);
  expect(await kubectl('apply -f web.yaml')).toEqual({ exit: 0, stdout: 'deployment.apps/web created\n', stderr: '' });
  expect((await kubectl('rollout status deployment/web --timeout=30s')).stdout).toContain('successfully rolled out');
  expect((await kubectl('scale deployment/web --replicas=2')).stdout).toBe('deployment.apps/web scaled\n');
  const watched = await kubectl('get deployment web -w', { interruptOn: /2\/2/ });
  expect(watched.stdout).toMatch(/^NAME +READY/);
  expect((await kubectl('logs deployment/web --tail=1')).stdout).toContain('start worker process');
  expect(await kubectl("exec -i deploy/web -- sh -c 'cat; exit 3'", { stdin: 'piped\n' })).toEqual({
    exit: 3,
    stdout: 'piped\n',
    stderr: 'command terminated with exit code 3\n',
  });
  writeFileSync(path.join(bridge.directory, 'note.txt'), 'hello\n');
  expect(await kubectl('run box --image=busybox:1.36 --command -- sleep 1000')).toMatchObject({ exit: 0 });
  expect(await kubectl('wait --for=condition=Ready pod/box')).toMatchObject({ exit: 0 });
  expect(await kubectl('cp note.txt box:/tmp/')).toEqual({ exit: 0, stdout: '', stderr: '' });
  expect((await kubectl('exec box -- cat /tmp/note.txt')).stdout).toBe('hello\n');
  expect((await kubectl('delete deployment web')).stdout).toBe(
    'deployment.apps "web" deleted from default namespace\n',
  );
  expect((await kubectl('get deployments')).stderr).toBe('No resources found in default namespace.\n');
});

test('a server that is not there', async () => {
  const { exit, stderr } = await kubectl('get pods --server=https://127.0.0.1:1 --request-timeout=5s');
  expect(exit).toBe(1);
  expect(stderr).toContain('was refused - did you specify the right host or port?');
});
