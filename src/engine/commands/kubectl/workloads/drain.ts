import type { IPod } from 'kubernetes-models/v1/Pod';
import type { RestClient } from '../client/rest.ts';
import { controllerOf, listAll, type Live, wellKnown } from '../describe/describer.ts';
import { CommandError, isNotFound } from '../framework/errors.ts';

/** What drain may do about Pods that it would rather not touch. */
export interface DrainOptions {
  force: boolean;
  ignoreDaemonSets: boolean;
  deleteEmptyDirData: boolean;
  podSelector: string;
  /** Seconds after which Pods that are being deleted aren't waited for; 0 is never. */
  skipWaitForDeleteTimeout: number;
  chunkSize: number;
  /** Unix ms. */
  now: number;
}

interface Verdict {
  delete: boolean;
  warning?: string;
  error?: string;
}

export interface PodSelection {
  pods: Live<IPod>[];
  /** `MESSAGE: POD, POD; MESSAGE: POD`, or ''. */
  warnings: string;
  errors: CommandError[];
}

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Which Pods of a node to evict, and why not (drain.Helper.GetPodsForDeletion). @throws StatusError */
export async function podsToEvict(client: RestClient, node: string, options: DrainOptions): Promise<PodSelection> {
  const all = await listAll<IPod>({ client, chunkSize: options.chunkSize }, wellKnown.pods, '', {
    labelSelector: options.podSelector,
    fieldSelector: `spec.nodeName=${node}`,
  });
  const selection: PodSelection = { pods: [], warnings: '', errors: [] };
  const warnings = new Map<string, string[]>();
  const errors = new Map<string, string[]>();
  for (const pod of all) {
    const verdict = await judge(client, pod, options);
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (verdict.delete) selection.pods.push(pod);
    if (verdict.warning) warnings.set(verdict.warning, [...(warnings.get(verdict.warning) ?? []), name]);
    if (verdict.error) errors.set(verdict.error, [...(errors.get(verdict.error) ?? []), name]);
  }
  selection.warnings = [...warnings].map(([message, names]) => `${message}: ${names.join(', ')}`).join('; ');
  selection.errors = [...errors].map(
    ([message, names]) => new CommandError(`cannot delete ${message}: ${names.join(', ')}`),
  );
  return selection;
}

/** The first filter that refuses decides; otherwise what the last one says holds. */
async function judge(client: RestClient, pod: Live<IPod>, options: DrainOptions): Promise<Verdict> {
  if (isLongDeleted(pod, options)) return { delete: false };
  const daemon = await daemonVerdict(client, pod, options);
  if (!daemon.delete) return daemon;
  if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return { delete: false };
  const storage = storageVerdict(pod, options);
  if (!storage.delete) return storage;
  return controllerVerdict(pod, options);
}

function isFinished({ status }: Live<IPod>): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

function isLongDeleted({ metadata }: Live<IPod>, { skipWaitForDeleteTimeout, now }: DrainOptions): boolean {
  if (skipWaitForDeleteTimeout <= 0 || !metadata.deletionTimestamp) return false;
  return (now - Date.parse(metadata.deletionTimestamp)) / 1000 > skipWaitForDeleteTimeout;
}

async function daemonVerdict(client: RestClient, pod: Live<IPod>, options: DrainOptions): Promise<Verdict> {
  const owner = controllerOf(pod.metadata);
  if (owner?.kind !== 'DaemonSet' || isFinished(pod)) return { delete: true };
  try {
    await client.get(wellKnown.daemonSets, pod.metadata.namespace ?? '', owner.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    if (options.force) return { delete: true, warning: (error as Error).message };
    return { delete: false, error: (error as Error).message };
  }
  if (!options.ignoreDaemonSets)
    return { delete: false, error: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
  return { delete: false, warning: 'ignoring DaemonSet-managed Pods' };
}

function storageVerdict(pod: Live<IPod>, options: DrainOptions): Verdict {
  const hasLocal = (pod.spec.volumes ?? []).some((volume) => volume.emptyDir !== undefined);
  if (!hasLocal || isFinished(pod)) return { delete: true };
  if (!options.deleteEmptyDirData)
    return { delete: false, error: 'Pods with local storage (use --delete-emptydir-data to override)' };
  return { delete: true, warning: 'deleting Pods with local storage' };
}

function controllerVerdict(pod: Live<IPod>, options: DrainOptions): Verdict {
  if (isFinished(pod) || controllerOf(pod.metadata)) return { delete: true };
  if (options.force) return { delete: true, warning: 'deleting Pods that declare no controller' };
  return { delete: false, error: 'cannot delete Pods that declare no controller (use --force to override)' };
}
