import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBridge, type BridgeProcess } from './bridge-process.test-support.ts';

/** The real kubectl, where `node scripts/real-clients.mjs` has unpacked it. */
const binary = path.resolve('.cache/clients/kubectl');

/** Those that wait for real seconds run only when asked for: `SLIPWAY_LONG=1 npx vitest run src/headless/real-streams.test.ts`. */
const long = test.skipIf(!process.env['SLIPWAY_LONG']);

interface Result {
  exit: number;
  stdout: string;
  stderr: string;
}

describe.skipIf(!existsSync(binary))('the real kubectl streams through the bridge', () => {
  let bridge: BridgeProcess;

  beforeAll(async () => {
    bridge = await startBridge();
    expect((await kubectl('run web --image=nginx:1.27 --port=80 --expose')).exit).toBe(0);
    expect((await kubectl('run shell --image=busybox:1.36 -it --attach=false')).exit).toBe(0);
    expect((await kubectl('wait --for=condition=Ready pod/web pod/shell --timeout=30s')).exit).toBe(0);
  }, 60_000);
  afterAll(() => bridge.close());

  function start(line: string, env: Record<string, string> = {}) {
    const args = line.match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'(.*)'$/s, '$1'));
    const options = { cwd: bridge.directory, env: { HOME: bridge.directory, KUBECONFIG: bridge.kubeconfig, ...env } };
    const child = spawn(binary, args, options);
    const result: Result = { exit: -1, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
    const ended = new Promise<Result>((resolve) =>
      child.on('close', (code) => resolve({ ...result, exit: code ?? -1 })),
    );
    return { child, result, ended };
  }

  async function kubectl(line: string, stdin = '', env: Record<string, string> = {}): Promise<Result> {
    const { child, ended } = start(line, env);
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    return ended;
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  }

  test.each([
    ['WebSocket', {}],
    ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
  ])('exec over %s', { timeout: 20_000 }, async (_transport, env) => {
    expect(await kubectl("exec -i web -- sh -c 'cat; echo problem >&2; exit 7'", 'piped\n', env)).toEqual({
      exit: 7,
      stdout: 'piped\n',
      stderr: 'problem\ncommand terminated with exit code 7\n',
    });
  });

  test.each([
    ['WebSocket', 18_180, {}],
    ['SPDY', 18_181, { KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
  ])('port-forward over %s', { timeout: 20_000 }, async (_transport, port, env) => {
    const { child, result, ended } = start(`port-forward svc/web ${port}:80`, env);
    await until(() => result.stdout.includes('Forwarding from'));
    const [page, missing] = await Promise.all([
      fetch(`http://127.0.0.1:${port}/`),
      fetch(`http://127.0.0.1:${port}/nope`),
    ]);
    expect([page.status, missing.status]).toEqual([200, 404]);
    expect(await page.text()).toContain('Welcome to nginx!');
    child.kill('SIGINT');
    expect((await ended).stdout).toContain(`Handling connection for ${port}`);
  });

  test('a port where nobody listens', { timeout: 20_000 }, async () => {
    const { result, ended } = start('port-forward pod/web 18182:81');
    await until(() => result.stdout.includes('Forwarding from'));
    await expect(fetch('http://127.0.0.1:18182/')).rejects.toThrow();
    const { exit, stderr } = await ended;
    expect(exit).toBe(1);
    expect(stderr).toMatch(/failed to connect to localhost:81 inside namespace .*connection refused/);
    expect(stderr).toContain('error: lost connection to pod');
  });

  test('cp both ways', { timeout: 20_000 }, async () => {
    writeFileSync(path.join(bridge.directory, 'note.txt'), 'hello\n');
    expect(await kubectl('cp note.txt shell:/tmp/')).toEqual({ exit: 0, stdout: '', stderr: '' });
    const back = await kubectl('cp shell:/tmp/note.txt back.txt');
    expect(back).toEqual({ exit: 0, stdout: "tar: removing leading '/' from member names\n", stderr: '' });
    expect(readFileSync(path.join(bridge.directory, 'back.txt'), 'utf8')).toBe('hello\n');
  });

  test('attach to a shell that goes on when the client leaves', { timeout: 20_000 }, async () => {
    const { child, result } = start('attach -i shell');
    child.stdin.write('echo $((20 + 22))\n');
    await until(() => /^42/m.test(result.stdout));
    expect(result.stdout).toContain('42');
    child.kill('SIGKILL');
    expect((await kubectl('get pod shell -o jsonpath={.status.containerStatuses[0].restartCount}')).stdout).toBe('0');
  });

  long('run --rm ends as its container does', { timeout: 20_000 }, async () => {
    const { exit, stdout, stderr } = await kubectl(
      'run once --rm -i --restart=Never --image=busybox:1.36 -- sh',
      'hostname\nexit 4\n',
    );
    expect(exit).toBe(4);
    expect(stdout).toBe('once\npod "once" deleted from default namespace\n');
    expect(stderr).toContain('pod default/once terminated (Error)\n');
  });

  long('debug sees the processes and files of its target', { timeout: 20_000 }, async () => {
    const { stdout } = await kubectl(
      "debug web -q -c dbg --profile=general --image=busybox:1.36 --target=web --attach -- sh -c 'sleep 3; ps; ls /proc/1/root/etc/nginx'",
    );
    expect(stdout).toMatch(/ 1 .*nginx/);
    expect(stdout).toContain('nginx.conf');
  });

  test('proxy', { timeout: 20_000 }, async () => {
    const { child, result, ended } = start('proxy --port=0');
    await until(() => result.stdout.includes('Starting to serve on'));
    const base = `http://${/serve on (\S+)/.exec(result.stdout)![1]!}`;
    const text = async (url: string) => (await fetch(base + url)).text();
    expect(JSON.parse(await text('/version'))).toMatchObject({ major: '1' });
    expect(await text('/api/v1/namespaces/default/services/web/proxy/')).toContain('Welcome to nginx!');
    expect(await text('/api/v1/namespaces/default/pods/web:81/proxy/')).toMatch(
      /error trying to reach service: dial tcp 10\.244\.\d+\.\d+:81: connect: connection refused/,
    );
    expect(await text('/api/v1/namespaces/default/pods/web/exec')).toBe('Forbidden\n');
    child.kill();
    await ended;
  });
});
