import type { ApiObject } from '../client/types.ts';
import { Cancelled } from '../../../world/index.ts';
import type { Context } from '../framework/command.ts';
import { CommandError, isNotFound, SilentExit } from '../framework/errors.ts';
import type { Info } from '../resource/builder.ts';
import type { Cascade } from './options.ts';

export interface DeleteOptions {
  /** Negative: the object's own choice. */
  gracePeriodSeconds: number;
  propagationPolicy: Cascade;
  dryRun?: boolean;
}

/** Deletes one object. The answer is the object that is going, or a Status. @throws StatusError */
export function deleteObject(context: Context, info: Info, options: DeleteOptions): Promise<ApiObject> {
  return context.factory.client().delete(info.mapping, info.namespace, info.name, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...(options.gracePeriodSeconds >= 0 ? { gracePeriodSeconds: options.gracePeriodSeconds } : {}),
    propagationPolicy: options.propagationPolicy,
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  });
}

/** The UID that a delete's answer carries: of the object, or in the details of a Status. */
export function deletedUid(answer: ApiObject): string | undefined {
  return answer.kind === 'Status' ? (answer.details as { uid?: string } | undefined)?.uid : answer.metadata?.uid;
}

/** @param timeout ms; 0 is a week */
export async function deleteAndWait(context: Context, info: Info, options: DeleteOptions, timeout = 0): Promise<void> {
  const answer = await deleteObject(context, info, options);
  await waitForDeletion(context, info, deletedUid(answer), timeout);
}

/**
 * Waits until an object is gone, or another one has its name.
 * @param timeout ms; 0 is a week
 * @throws CommandError when time is up
 */
export async function waitForDeletion(
  context: Context,
  info: Info,
  uid: string | undefined,
  timeout: number,
): Promise<void> {
  const client = context.factory.client();
  const { process } = context;
  const until = process.world.clock.now() + (timeout > 0 ? timeout : 7 * 24 * 3_600_000);
  const timedOut = () =>
    new CommandError(`timed out waiting for the condition on ${info.mapping.resource}/${info.name}`);
  for (;;) {
    let object: ApiObject;
    try {
      object = await client.get(info.mapping, info.namespace, info.name);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    if (uid !== undefined && object.metadata.uid !== uid) return;
    const left = until - process.world.clock.now();
    if (left <= 0) throw timedOut();
    const cancel = process.cancel.child();
    const timer = process.world.queue.wakeAfter(left, () => cancel.cancel(new Cancelled('timeout')));
    try {
      const events = client.watch(info.mapping, info.namespace, {
        fieldSelector: `metadata.name=${info.name}`,
        resourceVersion: object.metadata.resourceVersion,
        cancel,
      });
      for await (const event of events) {
        if (event.type === 'DELETED') return;
        if (event.type === 'ERROR') break;
      }
    } finally {
      timer.cancel();
    }
    if (process.cancel.cancelled) throw new SilentExit(130);
    if (process.world.clock.now() >= until) throw timedOut();
  }
}
