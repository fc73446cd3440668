/** metav1.LabelSelector. */
export interface LabelSelector {
  matchLabels?: Readonly<Record<string, string>>;
  matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  key: string;
  operator: string;
  values?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;
export type LabelMatcher = (labels: Labels | undefined) => boolean;

const none: Labels = {};

/** What a LabelSelector selects: nothing if it is missing, everything if it is empty. */
export function labelMatcher(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  return (labels = none) =>
    equal.every(([key, value]) => labels[key] === value) &&
    expressions.every((requirement) => requirementMatches(requirement, labels));
}

/** What a plain map of labels selects (a Service's or ReplicationController's selector). */
export function mapMatcher(selector: Labels): LabelMatcher {
  const equal = Object.entries(selector);
  return (labels = none) => equal.every(([key, value]) => labels[key] === value);
}

/** One requirement of a label selector, or of a node selector (which has Gt and Lt as well). */
export function requirementMatches({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
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
      return isInteger(value) && isInteger(values[0]) && BigInt(value) > BigInt(values[0]);
    case 'Lt':
      return isInteger(value) && isInteger(values[0]) && BigInt(value) < BigInt(values[0]);
    default:
      return false;
  }
}

export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return (
    Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
  );
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^[+-]?\d+$/.test(text);
}
