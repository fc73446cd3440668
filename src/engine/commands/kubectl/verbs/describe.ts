import type { Command, Context } from '../framework/command.ts';
import { completeResources } from '../framework/completion.ts';
import { aggregate, CommandError, isNotFound } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import type { DescribeContext } from '../describe/describer.ts';
import { describeObject } from '../describe/registry.ts';
import type { ApiObject } from '../client/types.ts';
import type { Info } from '../resource/builder.ts';

export const describe: Command = {
  use: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  short: 'Show details of a specific resource or group of resources',
  long: `Shows resources in detail, together with what belongs to them: events, controllers, endpoints.

A name may be given in part: \`kubectl describe TYPE NAME_PREFIX\` first looks for an object of exactly this name, and otherwise shows all whose names begin with it.`,
  examples: `# Everything about a node
kubectl describe nodes kubernetes-node-1

# Everything about a pod
kubectl describe pods/nginx

# The objects that a file names
kubectl describe -f pod.json

# All pods
kubectl describe pods

# Pods with the label name=myLabel
kubectl describe pods -l name=myLabel

# All pods that a deployment named 'frontend' has made
kubectl describe pods frontend`,
  flags: [
    {
      name: 'all-namespaces',
      shorthand: 'A',
      type: 'bool',
      usage: 'Look in all namespaces, whatever --namespace and the current context say.',
    },
    {
      name: 'chunk-size',
      type: 'int64',
      default: 500,
      usage: 'Ask for long lists in parts of this size; 0 for all at once.',
    },
    {
      name: 'filename',
      shorthand: 'f',
      type: 'stringSlice',
      usage: 'File, directory or URL that names the objects to describe',
    },
    {
      name: 'kustomize',
      shorthand: 'k',
      type: 'string',
      usage: 'Kustomization directory to build; not together with -f or -R.',
    },
    { name: 'recursive', shorthand: 'R', type: 'bool', usage: 'Go through the directories given with -f recursively.' },
    {
      name: 'selector',
      shorthand: 'l',
      type: 'string',
      usage: 'Labels that objects must have, such as key1=value1,key2 in (a,b).',
    },
    { name: 'show-events', type: 'bool', default: true, usage: 'Show the events about an object.' },
  ],
  complete: completeResources,
  async run(context) {
    const { args, flags, factory } = context;
    const files = flags.strings('filename');
    const kustomize = flags.string('kustomize');
    if (args.length === 0 && files.length === 0 && kustomize === '')
      throw new CommandError(
        'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n',
      );
    const { namespace, explicit } = factory.namespace();
    const allNamespaces = flags.bool('all-namespaces');
    const chunkSize = flags.int('chunk-size');
    const result = await factory
      .builder()
      .continueOnError()
      .namespaceParam(namespace)
      .defaultNamespace()
      .allNamespaces(allNamespaces)
      .filenameParam(explicit && !allNamespaces, { filenames: files, recursive: flags.bool('recursive'), kustomize })
      .labelSelectorParam(flags.string('selector'))
      .resourceTypeOrNameArgs(true, args)
      .requestChunksOf(chunkSize)
      .flatten()
      .do();
    result.check();
    const { infos, error } = await result.infos();
    if (error !== undefined && isNotFound(error) && args.length === 2) return describeMatching(context, error);
    const errors: unknown[] = error === undefined ? [] : [error];
    let isFirst = true;
    for (const info of infos) {
      try {
        const text = await describeObject(info.mapping, await current(context, info), describeContext(context));
        await context.out(isFirst ? text : `\n\n${text}`);
        isFirst = false;
      } catch (failure) {
        if (!isCommandFailure(failure)) throw failure;
        errors.push(failure);
      }
    }
    if (infos.length === 0 && errors.length === 0)
      await context.err(allNamespaces ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`);
    const all = aggregate(errors);
    if (all) throw all;
  },
};

/** No object has exactly this name: those whose names begin with it. @throws the error of the exact search if none does */
async function describeMatching(context: Context, notFound: unknown): Promise<void> {
  const [type = '', prefix = ''] = context.args;
  const { namespace } = context.factory.namespace();
  const result = await context.factory
    .builder()
    .namespaceParam(namespace)
    .defaultNamespace()
    .resourceTypeOrNameArgs(true, [type])
    .flatten()
    .do();
  const { infos, error } = await result.infos();
  if (error !== undefined) throw error;
  const matching = infos.filter((info) => info.name.startsWith(prefix));
  if (matching.length === 0) throw notFound;
  for (const info of matching)
    await context.out(`${await describeObject(info.mapping, info.object, describeContext(context))}\n`);
}

function describeContext({ factory, flags, process }: Context): DescribeContext {
  return {
    client: factory.client(),
    now: process.world.clock.now(),
    showEvents: flags.bool('show-events'),
    chunkSize: flags.int('chunk-size'),
  };
}

/** Describers read what is on the server, in the version they know. */
async function current({ factory }: Context, { mapping, namespace, name, object, source }: Info): Promise<ApiObject> {
  const isOldAutoscaler = mapping.group === 'autoscaling' && mapping.version === 'v1';
  if (source === '' && !isOldAutoscaler) return object;
  const version = isOldAutoscaler ? 'v2' : mapping.version;
  return factory.client().get({ ...mapping, version }, namespace, name);
}
