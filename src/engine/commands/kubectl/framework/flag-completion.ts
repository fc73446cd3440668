import type { IPod } from 'kubernetes-models/v1/Pod';
import { compareStrings } from '../../../gotemplate/index.ts';
import { readable } from '../client/kubeconfig-write.ts';
import { live, wellKnown } from '../describe/describer.ts';
import { allContainers } from '../workloads/containers.ts';
import { completeNames } from './completion.ts';
import type { CompletionContext } from './command.ts';

/** Values for flags whose candidates are not fixed. */
const byFlag: Readonly<Record<string, (context: CompletionContext) => readonly string[] | Promise<readonly string[]>>> =
  {
    namespace: (context) => names(context, 'namespaces'),
    context: ({ process, flags }) => sorted(readable(process, flags).contexts.keys()),
    cluster: ({ process, flags }) => sorted(readable(process, flags).clusters.keys()),
    user: ({ process, flags }) => sorted(readable(process, flags).users.keys()),
    for: waitGoals,
    filename: completeFiles,
    kustomize: completeFiles,
    kubeconfig: completeFiles,
  };

export function completeFlagValue(
  context: CompletionContext,
  flag: string,
): readonly string[] | Promise<readonly string[]> {
  return byFlag[flag]?.(context) ?? [];
}

/** Whether there are candidates for a flag's value at all. */
export function hasCompletion(flag: string): boolean {
  return flag === 'container' || Object.hasOwn(byFlag, flag);
}

function sorted(keys: Iterable<string>): string[] {
  return [...keys].sort(compareStrings);
}

function names(context: CompletionContext, type: string): Promise<readonly string[]> {
  return completeNames(type)({ ...context, args: [] });
}

function waitGoals({ command }: CompletionContext): readonly string[] {
  return command.use.startsWith('wait ') ? ['condition=', 'create', 'delete', 'jsonpath='] : [];
}

/** Containers of the Pod that the first argument names. @throws StatusError */
export async function completeContainers({ args, factory, word }: CompletionContext): Promise<readonly string[]> {
  const [first = ''] = args;
  const [type, name] = first.includes('/') ? first.split('/', 2) : ['pods', first];
  if (!name || !['po', 'pod', 'pods'].includes(type!)) return [];
  const pod = live<IPod>(await factory.client().get(wellKnown.pods, factory.namespace().namespace, name));
  return allContainers(pod)
    .map((container) => container.name)
    .filter((container) => container.startsWith(word));
}

/** Files and directories; directories end with a slash. */
export function completeFiles({ process, word }: CompletionContext): readonly string[] {
  const { fs } = process.machine;
  const slash = word.lastIndexOf('/');
  const directory = slash < 0 ? '' : word.slice(0, slash + 1);
  const path = process.path(directory === '' ? '.' : directory);
  if (fs.lookup(path)?.type !== 'directory') return [];
  return fs
    .readdir(path)
    .filter(
      (name) =>
        name.startsWith(word.slice(slash + 1)) && (!name.startsWith('.') || word.slice(slash + 1).startsWith('.')),
    )
    .map((name) => `${directory}${name}${fs.lookup(`${path}/${name}`)?.type === 'directory' ? '/' : ''}`);
}
