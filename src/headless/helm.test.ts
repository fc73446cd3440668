import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBridge, type BridgeProcess } from './bridge-process.test-support.ts';

/** The real helm against our server: what `helm create` scaffolds lives through a whole life. */

const clients = path.resolve('.cache/clients');
const run = promisify(execFile);

describe.skipIf(!existsSync(path.join(clients, 'helm')))('the real helm', () => {
  let bridge: BridgeProcess;
  let home: string;

  beforeAll(async () => {
    bridge = await startBridge();
    home = path.join(bridge.directory, 'home');
    mkdirSync(home);
  }, 30_000);
  afterAll(() => bridge.close());

  const helm = async (...args: string[]): Promise<string> => {
    const env = { PATH: `${clients}:/usr/bin:/bin`, HOME: home, KUBECONFIG: bridge.kubeconfig };
    try {
      const { stdout } = await run(path.join(clients, 'helm'), args, { cwd: bridge.directory, env });
      return stdout;
    } catch (error) {
      const { stderr, stdout } = error as { stderr: string; stdout: string };
      throw new Error(`helm ${args.join(' ')}: ${stderr}${stdout}`, { cause: error });
    }
  };

  it('installs, upgrades, rolls back, tests and uninstalls a chart', async () => {
    await helm('create', 'demo');
    const installed = await helm('install', 'web', './demo', '--wait', '--timeout', '60s');
    expect(installed).toContain('STATUS: deployed');
    expect(installed).toContain('REVISION: 1');
    expect(await helm('list', '--no-headers')).toMatch(/^web\s+default\s+1\s+.*deployed\s+demo-0\.1\.0\s+1\.16\.0/);
    expect(await helm('status', 'web')).toContain('STATUS: deployed');

    const upgraded = await helm('upgrade', 'web', './demo', '--set', 'replicaCount=2', '--wait', '--timeout', '60s');
    expect(upgraded).toContain('REVISION: 2');
    expect(await helm('get', 'values', 'web')).toBe('USER-SUPPLIED VALUES:\nreplicaCount: 2\n');
    expect(await helm('get', 'manifest', 'web')).toContain('replicas: 2');
    expect(await helm('test', 'web', '--timeout', '60s')).toMatch(
      /TEST SUITE:\s+web-demo-test-connection[\s\S]*Phase:\s+Succeeded/,
    );

    expect(await helm('rollback', 'web', '1', '--wait', '--timeout', '60s')).toContain(
      'Rollback was a success! Happy Helming!',
    );
    const history = await helm('history', 'web');
    expect(history).toMatch(/1\s.*superseded[\s\S]*2\s.*superseded[\s\S]*3\s.*deployed.*Rollback to 1/);
    expect(await helm('get', 'manifest', 'web')).toContain('replicas: 1');

    expect(await helm('uninstall', 'web', '--wait', '--timeout', '60s')).toContain('release "web" uninstalled');
    expect((await helm('list', '--no-headers')).trim()).toBe('');
  }, 300_000);
});
