import { canonicalQuantity, QuantityError } from '../../../kubernetes/apimachinery/quantity.ts';
import { saveTypedConfig } from '../apply/last-applied.ts';
import { gvrText } from '../client/http-client.ts';
import { groupVersion, type ApiObject } from '../client/types.ts';
import type { Command, Context } from '../framework/command.ts';
import { completeTypes } from '../framework/completion.ts';
import { CommandError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import { dryRunFlag, fieldManagerFlag, filenameFlags, filenameOptions } from '../framework/file-flags.ts';
import { quote } from '../framework/values.ts';
import { dryRunOf, operation } from '../framework/write-options.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { mappings } from './create/mappings.ts';

/** `kubectl autoscale`. */
export const autoscale: Command = {
  use: 'autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  long: `Create an autoscaler that chooses how many pods a deployment, replica set, stateful set or replication controller runs.

The autoscaler adds and removes pods as they need CPU or memory.`,
  examples: `# Between 2 and 10 Pods
kubectl autoscale deployment web --min=2 --max=10

# At most 5 Pods, at 80% of the CPU they request
kubectl autoscale deployment web --max=5 --cpu=80%`,
  flags: [
    ...printFlags,
    {
      name: 'cpu',
      type: 'string',
      usage: "CPU to aim at: a percentage of the requests ('70%') or a quantity ('500m') for each pod.",
    },
    {
      name: 'cpu-percent',
      type: 'int32',
      default: -1,
      deprecated:
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
      usage: 'CPU to aim at, in percent of the requests.',
    },
    dryRunFlag,
    fieldManagerFlag('kubectl-autoscale'),
    ...filenameFlags('to autoscale'),
    { name: 'max', type: 'int32', default: -1, required: true, usage: 'Most pods to run.' },
    {
      name: 'memory',
      type: 'string',
      usage: "Memory to aim at: a percentage of the requests ('60%') or a quantity ('200Mi') for each pod.",
    },
    { name: 'min', type: 'int32', default: -1, usage: 'Fewest pods to run; the server chooses if not given.' },
    { name: 'name', type: 'string', usage: 'Name of the autoscaler; that of the resource if not given.' },
    {
      name: 'save-config',
      type: 'bool',
      usage: 'If true, the object carries its configuration as an annotation, for a later kubectl apply.',
    },
  ],
  complete: completeTypes(['deployment', 'replicaset', 'replicationcontroller', 'statefulset']),
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const max = flags.int('max');
  const min = flags.int('min');
  const dryRun = await dryRunOf(context);
  if (max < 1) throw new CommandError(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
  if (max < min)
    throw new CommandError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
  if (flags.int('cpu-percent') >= 0 && flags.string('cpu') !== '')
    throw new CommandError('--cpu-percent and --cpu are mutually exclusive');
  const { namespace, explicit } = factory.namespace();
  const result = await factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, filenameOptions(flags))
    .resourceTypeOrNameArgs(false, args)
    .flatten()
    .do();
  result.check();
  const printer = printerFor(context.process, flags, {
    operation: operation(dryRun === 'client' ? 'created' : 'autoscaled', dryRun),
    typed: true,
  })!;
  let count = 0;
  await result.visit(async (info) => {
    count++;
    const scalable = ['ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet'].includes(info.mapping.kind);
    if (!scalable)
      throw new CommandError(
        `cannot autoscale a ${info.mapping.kind}: could not find scale subresource for ${gvrText(info.mapping)} in discovery information`,
      );
    let object = autoscaler(context, info.mapping, info.name);
    if (flags.bool('save-config') && dryRun !== 'client') object = saveTypedConfig(object);
    if (dryRun !== 'client')
      object = await factory
        .client()
        .create(mappings.autoscalers, info.namespace, object, {
          dryRun: dryRun === 'server',
          fieldManager: flags.string('field-manager'),
        })
        .catch((error: unknown) => {
          // The older API is tried next; it can't say what an autoscaler without a target means.
          const { metrics } = object.spec as { metrics?: unknown[] };
          if (metrics || !isCommandFailure(error)) throw error;
          throw new CommandError(
            'failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input',
          );
        });
    await printWith(context, printer, [object]);
  });
  if (count === 0) throw new CommandError('no objects passed to autoscale');
}

function autoscaler(
  { flags }: Context,
  target: { group: string; version: string; kind: string },
  name: string,
): ApiObject {
  const min = flags.int('min');
  const percent = flags.int('cpu-percent');
  const cpu = flags.string('cpu') || (percent > 0 ? `${percent}%` : '');
  const metrics = [...metric('cpu', cpu), ...metric('memory', flags.string('memory'))];
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { name: flags.string('name') || name },
    spec: {
      scaleTargetRef: { kind: target.kind, name, apiVersion: groupVersion(target) },
      ...(min > 0 ? { minReplicas: min } : {}),
      maxReplicas: flags.int('max'),
      ...(metrics.length > 0 ? { metrics } : {}),
    },
    status: { desiredReplicas: 0, currentMetrics: null },
  } as unknown as ApiObject;
}

function metric(name: string, text: string): Record<string, unknown>[] {
  if (text === '') return [];
  if (text.endsWith('%')) {
    const number = text.slice(0, -1);
    if (!/^\d+$/.test(number))
      throw new CommandError(`invalid ${name} utilization: strconv.ParseInt: parsing ${quote(number)}: invalid syntax`);
    return [
      { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization: Number(number) } } },
    ];
  }
  const unit = name === 'cpu' ? 'm' : 'Mi';
  // A number alone counts in the smallest usual unit.
  const number = Number(text);
  const quantity = Number.isNaN(number) ? text : `${Number.isInteger(number) ? number : text}${unit}`;
  try {
    return [
      {
        type: 'Resource',
        resource: { name, target: { type: 'AverageValue', averageValue: canonicalQuantity(quantity) } },
      },
    ];
  } catch (error) {
    if (error instanceof QuantityError) throw new CommandError(`invalid resource ${name} value: ${text}`);
    throw error;
  }
}
