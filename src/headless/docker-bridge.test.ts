import { execFile, execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Bridge } from './serve.ts';

/** The docker client of this machine, if there is one. */
function findDocker(): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

const client = findDocker();

interface Result {
  stdout: string;
  stderr: string;
  exit: number;
}

describe.skipIf(client === undefined && !process.env.CI)('the real docker client', () => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await serve({ preset: 'laptop', seed: 1, kubePort: 0, dockerPort: 0, speed: 20 });
  });
  afterAll(() => bridge.close());

  const docker = (args: readonly string[], stdin?: string): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (client === undefined) return reject(new Error('there is no docker client on the PATH'));
      const child = execFile(
        client,
        args,
        { env: { ...process.env, DOCKER_HOST: bridge.dockerUrl, DOCKER_CONFIG: '/nonexistent' }, timeout: 20_000 },
        (error, stdout, stderr) => resolve({ stdout, stderr, exit: error ? Number(error.code ?? 124) : 0 }),
      );
      child.stdin?.end(stdin ?? '');
    });

  it('runs containers, attached and detached, and gets their status', async () => {
    expect((await docker(['run', '--rm', 'busybox', 'echo', 'hello'])).stdout).toBe('hello\n');
    expect((await docker(['run', '--rm', 'busybox', 'sh', '-c', 'exit 3'])).exit).toBe(3);
    expect((await docker(['run', '--rm', 'busybox', 'nosuch'])).exit).toBe(127);
    expect((await docker(['run', '-i', '--rm', 'busybox', 'cat'], 'piped\n')).stdout).toBe('piped\n');
    expect((await docker(['run', '-d', '--name', 'web', '-p', '8080:80', 'nginx:1.14.2'])).stdout).toMatch(
      /^[0-9a-f]{64}\n$/,
    );
    expect((await docker(['ps', '--format', '{{.Names}} {{.Ports}}'])).stdout).toBe(
      'web 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp\n',
    );
  }, 60_000);

  it('executes, copies, inspects, stops and removes', async () => {
    expect(await docker(['exec', 'web', 'sh', '-c', 'echo out; echo err >&2; exit 4'])).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exit: 4,
    });
    expect((await docker(['cp', 'web:/etc/nginx/nginx.conf', '-'])).stdout).toContain('worker_processes');
    expect((await docker(['inspect', '-f', '{{.State.Status}}', 'web'])).stdout).toBe('running\n');
    expect((await docker(['stats', '--no-stream', '--format', '{{.Name}}'])).stdout).toBe('web\n');
    expect((await docker(['stop', '-t', '1', 'web'])).stdout).toBe('web\n');
    expect((await docker(['rm', 'web'])).stdout).toBe('web\n');
  }, 60_000);

  it('manages networks, volumes and what is left', async () => {
    expect((await docker(['network', 'create', 'mynet'])).exit).toBe(0);
    expect((await docker(['volume', 'create', 'data'])).stdout).toBe('data\n');
    expect((await docker(['volume', 'ls', '-q'])).stdout).toBe('data\n');
    expect((await docker(['system', 'prune', '-af'])).stdout).toContain('Deleted Networks:\nmynet\n');
    expect((await docker(['version', '--format', '{{.Server.Version}}'])).stdout).toBe('28.5.2\n');
    expect((await docker(['info', '--format', '{{.Driver}}'])).stdout).toBe('overlay2\n');
  }, 60_000);
});
