import { own } from '../../world/index.ts';
import { matchesSelector, selectorFrom, SelectorError, type Labels, type LabelSelector } from './label-selector.ts';

export type LabelMatcher = (labels: Labels | undefined) => boolean;

const matchers = new WeakMap<LabelSelector, LabelMatcher>();
const nothing: LabelMatcher = () => false;

/** What a LabelSelector chooses, parsed once for each (frozen) selector object; a missing or wrong one chooses nothing. */
export function labelMatcher(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return nothing;
  let matcher = matchers.get(selector);
  if (!matcher) matchers.set(selector, (matcher = newMatcher(selector)));
  return matcher;
}

function newMatcher(selector: LabelSelector): LabelMatcher {
  try {
    const requirements = selectorFrom(selector);
    return (labels) => matchesSelector(requirements, labels);
  } catch (error) {
    if (error instanceof SelectorError) return nothing;
    throw error;
  }
}

/** An empty selector would choose everything. */
export function isEmptySelector(selector: LabelSelector | undefined | null): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;
}

/** What a plain map of labels chooses (a Service's or ReplicationController's selector). */
export function labelsMatcher(wanted: Labels): LabelMatcher {
  const pairs = Object.entries(wanted);
  return (labels) => pairs.every(([key, value]) => own(labels, key) === value);
}
