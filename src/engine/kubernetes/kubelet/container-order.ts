import type { Pod } from '../types.ts';
import { isSidecar, type ContainerKind, type ContainerRecord, type ContainerSpec } from './types.ts';

/**
 * Starts the containers of a Pod that should run and don't: ephemeral ones, then init containers one by one with sidecars
 * among them, then the others (kuberuntime's computePodActions).
 * @param start gives ms until it makes sense to try again, if it does
 * @returns ms until another sync makes sense, or undefined if only news will
 */
export async function startContainers(
  spec: Pod['spec'],
  records: ReadonlyMap<string, ContainerRecord>,
  start: (container: ContainerSpec, kind: ContainerKind) => Promise<number | undefined>,
): Promise<number | undefined> {
  let soonest: number | undefined;
  const attempt = async (container: ContainerSpec, kind: ContainerKind) => {
    const retry = await start(container, kind);
    if (retry !== undefined) soonest = Math.min(retry, soonest ?? retry);
  };
  for (const container of (spec.ephemeralContainers ?? []) as ContainerSpec[])
    if (!records.get(container.name)?.current) await attempt(container, 'ephemeral');
  const mainStarted = spec.containers.some((c) => records.get(c.name)?.current !== undefined);
  for (const container of (spec.initContainers ?? []) as ContainerSpec[]) {
    const record = records.get(container.name);
    const state = record?.current?.state;
    if (isSidecar(container)) {
      if (state !== 'running') await attempt(container, 'init');
      if (!mainStarted && !(state === 'running' && record?.started)) return soonest;
      continue;
    }
    if (mainStarted || (state === 'exited' && record?.current?.exitCode === 0)) continue;
    if (state === 'running') return soonest;
    if (state === 'exited' && spec.restartPolicy === 'Never') return soonest;
    await attempt(container, 'init');
    return soonest;
  }
  for (const container of spec.containers as ContainerSpec[]) {
    const current = records.get(container.name)?.current;
    if (current?.state === 'running') continue;
    if (current?.state === 'exited' && !restarts(spec, container, current.exitCode)) continue;
    await attempt(container, 'regular');
  }
  return soonest;
}

function restarts(spec: Pod['spec'], container: ContainerSpec, exitCode: number | undefined): boolean {
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}
