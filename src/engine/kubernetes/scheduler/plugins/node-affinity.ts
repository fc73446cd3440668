import { nodeMatches, termMatches, type NodeChoice, type NodeSelectorTerm } from '../../apimachinery/node-selector.ts';
import type { Pod } from '../../types.ts';
import { defaultNormalize, type Plugin } from '../framework.ts';

const name = 'NodeAffinity';
const rejection = { plugin: name, reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false };

function choiceOf(pod: Pod): NodeChoice {
  return pod.spec as NodeChoice;
}

/** The nodes that a Pod names (as a DaemonSet's do), if every term of its affinity names some. */
function namedNodes(terms: readonly NodeSelectorTerm[] | undefined): Set<string> | undefined {
  if (!terms || terms.length === 0) return undefined;
  const nodes = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named.length === 0) return undefined;
    const [first, ...others] = named.map(({ values = [] }) => values);
    for (const value of first!) if (others.every((values) => values.includes(value))) nodes.add(value);
  }
  return nodes;
}

/** nodeSelector and node affinity: required ones filter, preferred ones score. */
export const nodeAffinity: Plugin = {
  name,
  weight: 2,
  preFilter: ({ pod }) => {
    const choice = choiceOf(pod);
    const required = choice.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (!required && !choice.nodeSelector) return undefined;
    const nodes = namedNodes(required?.nodeSelectorTerms);
    if (nodes?.size === 0) {
      return {
        refused: { plugin: name, reasons: ['pod affinity terms conflict'], resolvable: false },
      };
    }
    return {
      ...(nodes ? { nodes } : undefined),
      filter: ({ node }) => (nodeMatches(choice, node) ? undefined : rejection),
    };
  },
  preScore: ({ pod }) => {
    const preferred = choiceOf(pod).affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!preferred || preferred.length === 0) return undefined;
    return {
      score: ({ node }) =>
        preferred.reduce((sum, { weight, preference }) => sum + (termMatches(preference, node) ? weight : 0), 0),
      normalize: (scores) => defaultNormalize(scores, false),
    };
  },
  requeue: (event, pod) => {
    if (event.type === 'NodeAdd') return nodeMatches(choiceOf(pod), event.node);
    if (event.type !== 'NodeUpdate') return false;
    return nodeMatches(choiceOf(pod), event.node) && !nodeMatches(choiceOf(pod), event.previous);
  },
};
