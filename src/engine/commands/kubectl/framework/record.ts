import type { ApiObject } from '../client/types.ts';
import type { Context } from './command.ts';
import type { FlagSpec } from './flags.ts';

const changeCause = 'kubernetes.io/change-cause';

/** `--record`: the command line becomes the cause of the change that `rollout history` shows. */
export const recordFlag: FlagSpec = {
  name: 'record',
  type: 'bool',
  hidden: true,
  deprecated: '--record will be removed in the future',
  usage: 'Record the command line as the cause of the change.',
};

/** The object with its change cause, if that is wanted (genericclioptions.Recorder). */
export function recorded(context: Context, object: ApiObject): ApiObject {
  if (!context.flags.bool('record')) return object;
  const annotations = { ...object.metadata.annotations, [changeCause]: commandLine(context) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** A merge patch that sets the change cause; undefined if it isn't wanted. */
export function recordPatch(context: Context): object | undefined {
  return context.flags.bool('record')
    ? { metadata: { annotations: { [changeCause]: commandLine(context) } } }
    : undefined;
}

function commandLine({ path, args, flags }: Context): string {
  return [path, ...args, ...flags.commandLine].join(' ');
}
