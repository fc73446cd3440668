import { compareStrings } from '../../../gotemplate/index.ts';
import type { RestMapper } from '../client/discovery.ts';
import { groupResource, type ApiObject } from '../client/types.ts';
import { wellKnown, live } from '../describe/describer.ts';
import type { IPod } from 'kubernetes-models/v1/Pod';
import { allContainers } from '../workloads/containers.ts';
import { byActivity, podSelector } from '../workloads/pods.ts';
import type { CompletionContext, Offer } from './command.ts';
import { isCommandFailure } from './failure.ts';

/** What kubectl offers for arguments (k8s.io/kubectl/pkg/util/completion). Without a server there is nothing. */

/** TYPE, TYPE NAME… and TYPE/NAME… of all types. */
export function completeResources(context: CompletionContext): Promise<Offer> {
  return typesAndNames(context, undefined, true);
}

/** The same for the types that a command works on; with `repeat: false` there is only one name. */
export function completeTypes(types: readonly string[], { repeat = true } = {}) {
  return (context: CompletionContext): Promise<Offer> => typesAndNames(context, types, repeat);
}

/** One name of a type. */
export function completeName(type: string) {
  return async (context: CompletionContext): Promise<Offer> => ({
    values: context.args.length === 0 ? await namesOf(context, type, context.word) : [],
  });
}

async function typesAndNames(
  context: CompletionContext,
  types: readonly string[] | undefined,
  repeat: boolean,
): Promise<Offer> {
  const { args, word } = context;
  const [first] = args;
  if (first !== undefined && !first.includes('/')) {
    if (!repeat && args.length > 1) return { values: [] };
    const names = await namesOf(context, first, word);
    return { values: names.filter((name) => !args.slice(1).includes(name)) };
  }
  const slash = word.indexOf('/');
  if (slash >= 0) {
    if (!repeat && first !== undefined) return { values: [] };
    const type = word.slice(0, slash);
    const names = await namesOf(context, type, word.slice(slash + 1));
    return { values: names.map((name) => `${type}/${name}`).filter((value) => !args.includes(value)) };
  }
  if (first !== undefined && !repeat) return { values: [] };
  const found = types ? types.filter((type) => type.startsWith(word)) : await typeNames(context, word);
  // The first argument is of the form TYPE/NAME: so are the others.
  return first === undefined ? { values: found } : { values: found.map((type) => `${type}/`), noSpace: true };
}

const typesWithPods = [
  'daemonsets',
  'deployments',
  'pods',
  'jobs',
  'replicasets',
  'replicationcontrollers',
  'services',
  'statefulsets',
];

/** POD, or TYPE/NAME of a type that has Pods. */
export async function completePods(context: CompletionContext): Promise<Offer> {
  const { args, word } = context;
  if (args.length > 0) return { values: [] };
  const slash = word.indexOf('/');
  if (slash >= 0) {
    const type = word.slice(0, slash);
    return { values: (await namesOf(context, type, word.slice(slash + 1))).map((name) => `${type}/${name}`) };
  }
  const pods = await namesOf(context, 'pod', word);
  const types = typesWithPods.filter((type) => type.startsWith(word)).map((type) => `${type}/`);
  return { values: [...pods, ...types], noSpace: pods.length === 0 };
}

/** The same, and as the second word a container of the Pod. */
export async function completePodsAndContainers(context: CompletionContext): Promise<Offer> {
  return context.args.length === 1 ? completeContainers(context) : completePods(context);
}

/** Containers of the Pod that the first argument names, or of a Pod of the workload. */
export async function completeContainers(context: CompletionContext): Promise<Offer> {
  const { args, factory, word } = context;
  const [first = ''] = args;
  if (first === '') return { values: [] };
  const values = await quietly(async () => {
    const [type, name] = first.includes('/') ? (first.split('/', 2) as [string, string]) : ['pods', first];
    const { namespace } = factory.namespace();
    const mapping = (await factory.cachedMapper()).mappingFor(type);
    const object: ApiObject = await factory.client().get(mapping, namespace, name);
    const selector = object.kind === 'Pod' ? undefined : podSelector(object);
    const pod = object.kind === 'Pod' ? live<IPod>(object) : selector && (await firstPod(context, namespace, selector));
    return pod ? allContainers(pod).map((container) => container.name) : [];
  });
  return { values: values.filter((container) => container.startsWith(word)) };
}

async function firstPod({ factory }: CompletionContext, namespace: string, selector: string) {
  const { items } = await factory.client().list(wellKnown.pods, namespace, { labelSelector: selector });
  return items.map((pod) => live<IPod>(pod)).sort(byActivity)[0];
}

/** Names of one or more types, in the server's order. */
export function namesOf(
  context: CompletionContext,
  types: string,
  prefix: string,
  namespace?: string,
): Promise<readonly string[]> {
  return quietly(async () => {
    const mapper = await context.factory.cachedMapper();
    const names: string[] = [];
    for (const type of types.split(',')) {
      const { items } = await context.factory
        .client()
        .list(mapper.mappingFor(type), namespace ?? context.factory.namespace().namespace);
      names.push(...items.map((item) => item.metadata.name ?? ''));
    }
    return names.filter((name) => name.startsWith(prefix));
  });
}

/** Types in the order of `kubectl api-resources`; behind a comma the rest of a list. */
function typeNames(context: CompletionContext, word: string): Promise<readonly string[]> {
  return quietly(async () => {
    const mapper: RestMapper = await context.factory.cachedMapper();
    const before = word.slice(0, word.lastIndexOf(',') + 1);
    const names = mapper.resources
      .filter((r) => r.verbs.includes('get'))
      .sort((a, b) => compareStrings(a.group, b.group) || compareStrings(a.name, b.name))
      .map((r) => groupResource({ group: r.group, resource: r.name }));
    return [...new Set(names)].map((name) => `${before}${name}`).filter((name) => name.startsWith(word));
  });
}

/** Completion never shows errors: a cluster that can't be reached has nothing to offer. */
async function quietly(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await find();
  } catch (error) {
    if (isCommandFailure(error)) return [];
    throw error;
  }
}
