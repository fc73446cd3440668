import type { HorizontalPodAutoscaler } from '../../types.ts';

/** How fast and how far the number may change: stabilization windows and policies (horizontal.go). Times in ms. */

type Behavior = NonNullable<HorizontalPodAutoscaler['spec']['behavior']>;
type Rules = NonNullable<Behavior['scaleUp']>;

/** What is remembered of one autoscaler. */
export interface History {
  recommendations: { replicas: number; time: number }[];
  ups: { change: number; time: number }[];
  downs: { change: number; time: number }[];
}

export interface Limited {
  replicas: number;
  stability: { reason: string; message: string };
  limit: { limited: boolean; reason: string; message: string };
}

export interface Bounds {
  current: number;
  min: number;
  max: number;
}

const downscaleWindow = 300_000;
const longestWindow = 3_600_000;

const ready = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const inRange = {
  limited: false,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const limitReasons = {
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
} as const;

function limitedBy(reason: keyof typeof limitReasons) {
  return { limited: true, reason, message: limitReasons[reason] };
}

/** Remembers the recommendation, and gives what of it may be done now. */
export function limit(
  history: History,
  behavior: Behavior | undefined,
  desired: number,
  bounds: Bounds,
  now: number,
): Limited {
  const stable = stabilize(history, behavior, desired, bounds.current, now);
  history.recommendations = history.recommendations.filter(({ time }) => time > now - longestWindow);
  history.recommendations.push({ replicas: desired, time: now });
  let stability = ready;
  if (stable > desired) {
    const message = 'recent recommendations were higher than current one, applying the highest recent recommendation';
    stability = { reason: 'ScaleDownStabilized', message };
  } else if (stable < desired) {
    const message = 'recent recommendations were lower than current one, applying the lowest recent recommendation';
    stability = { reason: 'ScaleUpStabilized', message };
  }
  const result = behavior ? byRules(history, behavior, stable, bounds, now) : byDefault(stable, bounds);
  return { ...result, stability };
}

function stabilize(
  { recommendations }: History,
  behavior: Behavior | undefined,
  desired: number,
  current: number,
  now: number,
): number {
  const within = (window: number) =>
    recommendations.filter(({ time }) => time > now - window).map(({ replicas }) => replicas);
  const downWindow = (behavior?.scaleDown?.stabilizationWindowSeconds ?? downscaleWindow / 1000) * 1000;
  const highest = Math.max(desired, ...within(downWindow));
  if (!behavior) return highest;
  const lowest = Math.min(desired, ...within((behavior.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000));
  return Math.min(Math.max(current, lowest), highest);
}

function byDefault(desired: number, { current, min, max }: Bounds): Pick<Limited, 'replicas' | 'limit'> {
  if (desired < min) return { replicas: min, limit: limitedBy('TooFewReplicas') };
  const fastest = Math.max(2 * current, 4);
  const most = Math.min(max, fastest);
  if (desired <= most) return { replicas: desired, limit: inRange };
  return { replicas: most, limit: limitedBy(max > fastest ? 'ScaleUpLimit' : 'TooManyReplicas') };
}

function byRules(
  history: History,
  { scaleUp, scaleDown }: Behavior,
  desired: number,
  { current, min, max }: Bounds,
  now: number,
): Pick<Limited, 'replicas' | 'limit'> {
  if (desired > current) {
    const fastest = Math.max(current, upLimit(history, scaleUp, current, now));
    const most = Math.min(max, fastest);
    if (desired > most) {
      return { replicas: most, limit: limitedBy(max > fastest ? 'ScaleUpLimit' : 'TooManyReplicas') };
    }
  } else if (desired < current) {
    const fastest = Math.min(current, downLimit(history, scaleDown, current, now));
    const fewest = Math.max(min, fastest);
    if (desired < fewest) {
      return { replicas: fewest, limit: limitedBy(min < fastest ? 'ScaleDownLimit' : 'TooFewReplicas') };
    }
  }
  return { replicas: desired, limit: inRange };
}

const defaultUp = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
];
const defaultDown = [{ type: 'Percent', value: 100, periodSeconds: 15 }];

/** Replicas at the beginning of a period. */
function before({ ups, downs }: History, current: number, seconds: number, now: number): number {
  const sum = (changes: History['ups']) =>
    changes.reduce((total, { change, time }) => total + (time > now - seconds * 1000 ? change : 0), 0);
  return current - sum(ups) + sum(downs);
}

function upLimit(history: History, rules: Rules | undefined, current: number, now: number): number {
  if (rules?.selectPolicy === 'Disabled') return current;
  const proposals = (rules?.policies ?? defaultUp).map(({ type, value, periodSeconds }) => {
    const start = before(history, current, periodSeconds, now);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return rules?.selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals);
}

function downLimit(history: History, rules: Rules | undefined, current: number, now: number): number {
  if (rules?.selectPolicy === 'Disabled') return current;
  const proposals = (rules?.policies ?? defaultDown).map(({ type, value, periodSeconds }) => {
    const start = before(history, current, periodSeconds, now);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  return rules?.selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals);
}
