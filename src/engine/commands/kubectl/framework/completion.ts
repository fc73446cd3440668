import { compareStrings } from '../../../gotemplate/index.ts';
import type { RestMapper } from '../client/discovery.ts';
import { groupResource, type ApiList } from '../client/types.ts';
import type { CompletionContext } from './command.ts';
import { isCommandFailure } from './failure.ts';

/** Candidates for TYPE, TYPE NAME… and TYPE/NAME. Without a server there are none. */
export async function completeResources(context: CompletionContext): Promise<readonly string[]> {
  return quietly(async () => {
    const mapper = await context.factory.cachedMapper();
    const { word, args } = context;
    if (args.length === 0 && !word.includes('/')) return typeNames(mapper, word);
    const slash = word.indexOf('/');
    const type = slash >= 0 ? word.slice(0, slash) : args[0]!;
    if (type.includes('/')) return typeNames(mapper, word);
    const names = await objectNames(context, mapper, type);
    if (slash >= 0) return names.map((name) => `${type}/${name}`).filter((c) => c.startsWith(word));
    return names.filter((name) => name.startsWith(word) && !args.includes(name));
  });
}

/** Candidates for names of one type. */
export function completeNames(type: string) {
  return (context: CompletionContext): Promise<readonly string[]> =>
    quietly(async () => {
      const names = await objectNames(context, await context.factory.cachedMapper(), type);
      return names.filter((name) => name.startsWith(context.word) && !context.args.includes(name));
    });
}

async function objectNames(context: CompletionContext, mapper: RestMapper, type: string): Promise<string[]> {
  const names: string[] = [];
  for (const part of type.split(',')) {
    const mapping = mapper.mappingFor(part);
    const list: ApiList = await context.factory.client().list(mapping, context.factory.namespace().namespace);
    names.push(...list.items.map((item) => item.metadata.name ?? ''));
  }
  return names.sort();
}

/** Types in the order of `kubectl api-resources`; behind a comma the rest of a list. */
function typeNames(mapper: RestMapper, word: string): string[] {
  const before = word.slice(0, word.lastIndexOf(',') + 1);
  const names = mapper.resources
    .filter((r) => r.verbs.includes('get'))
    .sort((a, b) => compareStrings(a.group, b.group) || compareStrings(a.name, b.name))
    .map((r) => groupResource({ group: r.group, resource: r.name }));
  return [...new Set(names)].map((name) => `${before}${name}`).filter((name) => name.startsWith(word));
}

/** Completion never shows errors. */
async function quietly(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await find();
  } catch (error) {
    if (isCommandFailure(error)) return [];
    throw error;
  }
}
