import type { CompletionContext } from './command.ts';
import { completeNames, completeResources } from './completion.ts';
import { completeContainers } from './flag-completion.ts';

/** Candidates for POD or TYPE/NAME, and as the second word a container of the Pod. */
export async function completePods(context: CompletionContext): Promise<readonly string[]> {
  const { args, word } = context;
  if (args.length === 1) return completeContainers(context);
  if (args.length > 1) return [];
  return word.includes('/') ? completeResources(context) : completeNames('pods')(context);
}
