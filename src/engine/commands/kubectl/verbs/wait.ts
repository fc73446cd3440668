import { formatValue } from '../../../gotemplate/index.ts';
import { follow, TimedOut } from '../client/follow.ts';
import { type ApiObject, groupResource, kindGroup } from '../client/types.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, isNotFound, StatusError } from '../framework/errors.ts';
import { JsonPath, JsonPathError, relaxedJsonPath } from '../jsonpath/index.ts';
import { printFlags, printerFor } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import type { Info } from '../resource/result.ts';

/** Whether an object is as it is waited for. @throws CommandError when it can't be told */
type Check = (object: ApiObject) => boolean;

type Goal = { kind: 'delete' } | { kind: 'create' } | { kind: 'check'; isMet: Check };

const week = 7 * 24 * 3_600_000;
const createPoll = 500;

export const wait: Command = {
  use: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  short: 'Wait for a specific condition on one or many resources',
  long: `Waits until objects are as wanted: until they exist, until they are gone, until a condition in their status has a value (true if none is given), or until a JSONPath finds a value.

Each object is reported as soon as it is so; the command fails if that takes longer than the timeout.`,
  examples: `# Until pod busybox1 has the condition Ready
kubectl wait --for=condition=Ready pod/busybox1

# Until the condition is false; true is the value if none is given
kubectl wait --for=condition=Ready=false pod/busybox1

# Until pod busybox1 runs
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox1

# Until service loadbalancer has an ingress, whichever it is
kubectl wait --for=jsonpath='{.status.loadBalancer.ingress}' service/loadbalancer

# Until secret busybox1 is there, for at most 30s
kubectl create secret generic busybox1
kubectl wait --for=create secret/busybox1 --timeout=30s

# Until pod busybox1 is gone, for at most 60s
kubectl delete pod/busybox1
kubectl wait --for=delete pod/busybox1 --timeout=60s`,
  flags: [
    ...printFlags,
    { name: 'all', type: 'bool', usage: 'All objects of the given types in the namespace' },
    { name: 'all-namespaces', shorthand: 'A', type: 'bool', usage: 'Look in all namespaces.' },
    {
      name: 'field-selector',
      type: 'string',
      usage: 'Fields that objects must have, such as key1=value1,key2!=value2.',
    },
    { name: 'filename', shorthand: 'f', type: 'stringSlice', usage: 'identifying the resource.' },
    {
      name: 'for',
      type: 'string',
      usage:
        "What to wait for: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
    },
    { name: 'local', type: 'bool', usage: "Don't ask the server: look at the objects of the files only." },
    {
      name: 'recursive',
      shorthand: 'R',
      type: 'bool',
      default: true,
      usage: 'Go through the directories given with -f recursively.',
    },
    { name: 'selector', shorthand: 'l', type: 'string', usage: 'Labels that objects must have.' },
    {
      name: 'timeout',
      type: 'duration',
      default: 30_000,
      usage: 'How long to wait. Zero looks once, a negative time waits for a week.',
    },
  ],
  async run(context) {
    const { flags, process } = context;
    const goal = parseGoal(flags.string('for'));
    const timeout = flags.duration('timeout');
    const deadline = process.world.clock.now() + (timeout < 0 ? week : timeout);
    if (goal.kind === 'create') await untilCreated(context, deadline);
    const printer = printerFor(process, flags, { operation: 'condition met' })!;
    const result = await find(context);
    if (goal.kind === 'delete') result.ignoreErrors(isNotFound);
    let count = 0;
    await result.visit(async (info) => {
      count++;
      const object = await untilMet(context, info, goal, deadline, timeout === 0);
      await printWith(context, printer, [object]);
    });
    if (count === 0 && goal.kind !== 'delete') throw new CommandError('no matching resources found');
  },
};

async function find({ flags, factory, args }: Context) {
  factory.config();
  const { namespace, explicit } = factory.namespace();
  const builder = factory.builder();
  if (flags.bool('local')) builder.local();
  return builder
    .namespaceParam(namespace)
    .defaultNamespace()
    .allNamespaces(flags.bool('all-namespaces'))
    .filenameParam(explicit && !flags.bool('all-namespaces'), {
      filenames: flags.strings('filename'),
      recursive: flags.bool('recursive'),
    })
    .labelSelectorParam(flags.string('selector'))
    .fieldSelectorParam(flags.string('field-selector'))
    .selectAllParam(flags.bool('all'))
    .resourceTypeOrNameArgs(flags.bool('all'), args)
    .continueOnError()
    .latest()
    .flatten()
    .do();
}

/** @throws CommandError */
function parseGoal(text: string): Goal {
  const lower = text.toLowerCase();
  if (lower === 'delete' || lower === 'create') return { kind: lower };
  if (text.startsWith('condition=')) {
    const condition = text.slice('condition='.length);
    const at = condition.indexOf('=');
    const name = at < 0 ? condition : condition.slice(0, at);
    return { kind: 'check', isMet: conditionCheck(name, at < 0 ? 'true' : condition.slice(at + 1)) };
  }
  if (text.startsWith('jsonpath=')) return { kind: 'check', isMet: jsonPathCheck(text.slice('jsonpath='.length)) };
  throw new CommandError(`unrecognized condition: ${JSON.stringify(text)}`);
}

interface StatusCondition {
  type?: string;
  status?: string;
  observedGeneration?: number;
}

/** Names and values are compared without regard to case; a status older than the spec doesn't count. */
function conditionCheck(name: string, value: string): Check {
  return (object) => {
    const status = object.status as { conditions?: StatusCondition[]; observedGeneration?: number } | undefined;
    const condition = status?.conditions?.find((c) => (c.type ?? '').toLowerCase() === name.toLowerCase());
    if (condition?.status === undefined) return false;
    const observed = condition.observedGeneration ?? status?.observedGeneration;
    const { generation } = object.metadata;
    if (observed !== undefined && generation !== undefined && observed < generation) return false;
    return condition.status.toLowerCase() === value.toLowerCase();
  };
}

/** `{.status.phase}=Running`, or without a value: whatever it is. @throws CommandError */
function jsonPathCheck(text: string): Check {
  const parts = splitAtEquals(text);
  if (parts.length > 2)
    throw new CommandError(
      "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    );
  const [expression = '', quoted] = parts;
  const path = parsePath(expression);
  const value = quoted?.replace(/^['"]+|['"]+$/g, '');
  if (value === '')
    throw new CommandError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  return (object) => {
    const found = path.find(object);
    const first = found[0] ?? [];
    if (first.length === 0) return false;
    if (found.length > 1) throw new CommandError('given jsonpath expression matches more than one list');
    if (first.length > 1) throw new CommandError('given jsonpath expression matches more than one value');
    if (value === undefined) return true;
    const [result] = first;
    if (typeof result === 'object' && result !== null)
      throw new CommandError('jsonpath leads to a nested object or list which is not supported');
    const shown = typeof result === 'number' ? String(result) : formatValue(result);
    return shown.trim() === value.trim();
  };
}

function parsePath(expression: string): JsonPath {
  try {
    return new JsonPath(relaxedJsonPath(expression), { allowMissingKeys: true });
  } catch (error) {
    if (error instanceof JsonPathError) throw new CommandError(error.message);
    throw error;
  }
}

/** At single `=` only: `==` belongs to a filter in the path. */
function splitAtEquals(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '=' && text[i + 1] === '=') {
      part += '==';
      i++;
    } else if (text[i] === '=' && !/[!<>]/.test(text[i - 1] ?? '')) {
      parts.push(part);
      part = '';
    } else part += text[i];
  }
  return [...parts, part];
}

async function untilCreated(context: Context, deadline: number): Promise<void> {
  const { process } = context;
  for (;;) {
    try {
      await (await find(context)).visit(() => Promise.resolve());
      return;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    const left = deadline - process.world.clock.now();
    if (left <= 0) throw new TimedOut();
    await process.sleep(Math.min(createPoll, left));
    if (process.world.clock.now() >= deadline) throw new TimedOut();
  }
}

/** Waits for one object; gives it as it was last. @throws TimedOut, StatusError, CommandError */
async function untilMet(context: Context, info: Info, goal: Goal, deadline: number, once: boolean): Promise<ApiObject> {
  if (goal.kind === 'create') return info.object;
  const { process, factory, flags } = context;
  const { mapping, namespace, name } = info;
  if (name === '') throw new CommandError('resource name must be provided');
  if (flags.bool('local') && goal.kind === 'check') {
    if (goal.isMet(info.object)) return info.object;
    throw new CommandError(`condition not met for ${kindGroup(mapping)}/${name}`);
  }
  const client = factory.client();
  const uid = info.object?.metadata?.uid;
  const missing = () =>
    new StatusError({
      reason: 'NotFound',
      code: 404,
      message: `${groupResource(mapping)} ${JSON.stringify(name)} not found`,
    });
  if (once) {
    const found = await client.get(mapping, namespace, name).catch((error: unknown) => {
      if (goal.kind === 'delete' && isNotFound(error)) return undefined;
      throw error;
    });
    if (goal.kind === 'delete' ? !found || found.metadata.uid !== uid : goal.isMet(found!)) return found ?? info.object;
    throw new CommandError(`condition not met for ${kindGroup(mapping)}/${name}`);
  }
  try {
    let present: ApiObject | undefined;
    const fieldSelector = `metadata.name=${name}`;
    for await (const event of follow(process, client, mapping, namespace, { fieldSelector }, deadline)) {
      if (event.type === 'SYNCED') {
        if (present && (goal.kind === 'check' || present.metadata.uid === uid)) continue;
        if (goal.kind === 'delete') return info.object;
        throw missing();
      }
      if (event.type === 'DELETED') {
        present = undefined;
        if (goal.kind === 'delete') return event.object;
        continue;
      }
      present = event.object;
      if (goal.kind === 'check' && goal.isMet(event.object)) return event.object;
      if (goal.kind === 'delete' && uid !== undefined && event.object.metadata.uid !== uid) return info.object;
    }
  } catch (error) {
    if (error instanceof TimedOut) throw new TimedOut(` on ${mapping.resource}/${name}`);
    throw error;
  }
  // The watch only ends by one of the above.
  throw new TimedOut();
}
