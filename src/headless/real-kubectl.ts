import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from './serve.ts';
import type { Script, ScriptResult, StepResult } from './script.ts';

/** Virtual ms per real ms while a real client works: waits get shorter, kubectl's own time-outs keep their meaning. */
const defaultSpeed = 4;
/** Real ms one step may take. */
const stepLimit = 60_000;

/**
 * Runs a script's steps with the real kubectl and helm against the bridge, in an empty directory on this machine.
 * @param clientsDir the folder with the real binaries
 */
export async function runWithRealKubectl(
  script: Script,
  clientsDir: string,
  { speed = defaultSpeed }: { speed?: number } = {},
): Promise<ScriptResult> {
  const started = performance.now();
  const base = mkdtempSync(path.join(tmpdir(), 'slipway-conformance-'));
  const home = path.join(base, 'learner');
  const work = path.join(home, 'work');
  mkdirSync(path.join(home, '.kube'), { recursive: true });
  mkdirSync(path.join(home, 'tmp'));
  for (const [name, text] of Object.entries(script.files)) {
    mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
    writeFileSync(path.join(work, name), text);
  }
  mkdirSync(work, { recursive: true });
  const bridge = await serve({ preset: script.preset, seed: 1, kubePort: 0, speed, testHooks: true });
  // The recordings know the server as https://127.0.0.1:6443.
  writeFileSync(path.join(home, '.kube/config'), bridge.kubeconfig, { mode: 0o600 });
  const shownServer = (text: string) =>
    text
      .replaceAll(bridge.kubeUrl, 'https://127.0.0.1:6443')
      .replaceAll(`${home}/tmp`, '/tmp')
      .replaceAll(base, '/home');
  const steps: StepResult[] = [];
  try {
    for (const step of script.steps) {
      const power = /^docker (stop|start) ([\w-]+)$/.exec(step.cmd);
      if (power) {
        await bridge.act(() => bridge.room.hosts.get(power[2]!)?.power(power[1] === 'start'));
        steps.push({ stdout: `${power[2]}\n`, stderr: '', exit: 0 });
        continue;
      }
      const result = await runStep(step.cmd, step.stdin ?? '', {
        cwd: work,
        env: {
          PATH: `${clientsDir}:/usr/local/bin:/usr/bin:/bin`,
          HOME: home,
          TMPDIR: path.join(home, 'tmp'),
          COLUMNS: '80',
          TERM: 'xterm',
          LANG: 'C.UTF-8',
          TZ: 'UTC',
          ...step.env,
        },
      });
      steps.push({ ...result, stdout: shownServer(result.stdout), stderr: shownServer(result.stderr) });
    }
  } finally {
    await bridge.close();
    rmSync(base, { recursive: true, force: true });
  }
  return { steps, wallMs: performance.now() - started, virtualMs: bridge.room.world.queue.now };
}

function runStep(
  cmd: string,
  stdin: string,
  options: { cwd: string; env: Record<string, string> },
): Promise<StepResult> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', cmd], { ...options, detached: true });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      process.kill(-child.pid!, 'SIGKILL');
    }, stepLimit);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, exit: timedOut ? 124 : (code ?? (signal ? 137 : 1)) });
    });
  });
}
