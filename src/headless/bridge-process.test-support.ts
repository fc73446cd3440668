import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A bridge in a process of its own, and a directory to work in beside its kubeconfig. */
export interface BridgeProcess {
  readonly directory: string;
  readonly kubeconfig: string;
  close(): void;
}

/** Starts `headless serve` on a free port. @throws Error when it ends at once */
export async function startBridge(preset = 'kind-4'): Promise<BridgeProcess> {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-bridge-'));
  const kubeconfig = path.join(directory, 'kubeconfig');
  const args = ['scripts/headless.mjs', 'serve', '--preset', preset, '--kube-port', '0', '--kubeconfig', kubeconfig];
  const child = spawn('node', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await firstOutput(child);
  return {
    directory,
    kubeconfig,
    close: () => {
      child.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function firstOutput(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the bridge ended with ${code}`)));
  });
}
