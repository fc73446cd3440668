import { own } from '../../world/index.ts';
import type { Labels } from './label-selector.ts';

/** Node selectors and node affinity (k8s.io/component-helpers/scheduling/corev1/nodeaffinity). */

export interface NodeSelectorRequirement {
  key: string;
  operator: string;
  values?: readonly string[];
}

export interface NodeSelectorTerm {
  matchExpressions?: readonly NodeSelectorRequirement[];
  matchFields?: readonly NodeSelectorRequirement[];
}

export interface NodeLike {
  metadata: { name: string; labels?: Labels };
}

/** The parts of a PodSpec that choose nodes. */
export interface NodeChoice {
  nodeSelector?: Labels;
  affinity?: {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: readonly NodeSelectorTerm[] };
      preferredDuringSchedulingIgnoredDuringExecution?: readonly { weight: number; preference: NodeSelectorTerm }[];
    };
  };
}

/** Whether the node has what nodeSelector and the required node affinity ask for. */
export function nodeMatches(spec: NodeChoice, node: NodeLike): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) {
    if (own(node.metadata.labels, key) !== value) return false;
  }
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || required.nodeSelectorTerms.some((term) => termMatches(term, node));
}

/** All requirements of the term hold; an empty term holds nowhere. */
export function termMatches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeLike): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) =>
      requirementHolds(requirement, own(node.metadata.labels, requirement.key)),
    ) &&
    matchFields.every((requirement) => {
      return requirementHolds(requirement, requirement.key === 'metadata.name' ? node.metadata.name : undefined);
    })
  );
}

function requirementHolds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      if (!isInteger(value) || !isInteger(values[0])) return false;
      return operator === 'Gt' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0]);
    }
    default:
      return false;
  }
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^[-+]?[0-9]+$/.test(text);
}
