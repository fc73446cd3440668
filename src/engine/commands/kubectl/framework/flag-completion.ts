import { compareStrings } from '../../../gotemplate/index.ts';
import { readable, type KubeconfigSection } from '../client/kubeconfig-write.ts';
import type { CompletionContext, Offer } from './command.ts';
import { completeContainers, namesOf } from './completion.ts';
import type { FlagSpec } from './flags.ts';
import { isGlobal } from './globals.ts';

type Completer = (context: CompletionContext) => Promise<Offer> | Offer;

const entries =
  (section: KubeconfigSection): Completer =>
  (context) => ({ values: entryNames(context, section) });

/** Names in the kubeconfig that begin with what is typed. */
export function entryNames({ process, flags, word }: CompletionContext, section: KubeconfigSection): string[] {
  return [...readable(process, flags)[section].keys()].filter((name) => name.startsWith(word)).sort(compareStrings);
}

/** The only entry of a kubeconfig that a command's arguments name. */
export function completeEntry(section: KubeconfigSection): Completer {
  return (context) => ({ values: context.args.length === 0 ? entryNames(context, section) : [] });
}

const global: Readonly<Record<string, Completer>> = {
  namespace: async (context) => ({ values: await namesOf(context, 'namespace', context.word) }),
  context: entries('contexts'),
  cluster: entries('clusters'),
  user: entries('users'),
};

/** What offers values for a flag; undefined where kubectl leaves it to the shell, which offers files. */
export function flagCompleter({ command, flags }: CompletionContext, spec: FlagSpec): Completer | undefined {
  const { values } = spec;
  if (values) return ({ word }) => ({ values: values.filter((value) => value.startsWith(word)) });
  if (spec.name === 'container' && command.completesContainers) return completeContainers;
  // The Namespace of `config set-context` is completed as the global one.
  return isGlobal(flags, spec.name) || spec.name === 'namespace' ? global[spec.name] : undefined;
}
