import type { Rejection } from './framework.ts';

/** What the last attempt to schedule a Pod found, for people who ask why. */
export interface SchedulingAttempt {
  namespace: string;
  pod: string;
  /** Unix ms. */
  time: number;
  /** The node it was given, if any. */
  node?: string;
  /** Text of the failure, as in the Event. */
  message?: string;
  verdicts: NodeVerdict[];
}

export interface NodeVerdict {
  node: string;
  /** Why it was filtered out. */
  rejection?: Rejection;
  /** Weighted scores by plug-in, if it was scored. */
  scores?: Record<string, number>;
  total?: number;
}

interface Recorded {
  namespace: string;
  pod: string;
  time: number;
  node?: string;
  message?: string;
  rejections: ReadonlyMap<string, Rejection>;
  scored: ScoreTable | undefined;
}

/** Weighted scores: one row of plug-ins a node. */
export interface ScoreTable {
  nodes: readonly string[];
  plugins: readonly string[];
  /** `nodes.length * plugins.length` numbers. */
  values: Float32Array;
}

/** Attempts remembered; beyond that the oldest are forgotten. */
const limit = 2000;

/** The last attempt at each Pod. Purely informative: nothing is decided by it. */
export class AttemptLog {
  readonly #attempts = new Map<string, Recorded>();

  record(uid: string, attempt: Recorded): void {
    this.#attempts.delete(uid);
    this.#attempts.set(uid, attempt);
    if (this.#attempts.size > limit) this.#attempts.delete(this.#attempts.keys().next().value!);
  }

  get(uid: string): SchedulingAttempt | undefined {
    const recorded = this.#attempts.get(uid);
    if (!recorded) return undefined;
    const { rejections, scored, ...attempt } = recorded;
    const verdicts: NodeVerdict[] = [...rejections].map(([node, rejection]) => ({ node, rejection }));
    scored?.nodes.forEach((node, row) => {
      const width = scored.plugins.length;
      const values = [...scored.values.subarray(row * width, (row + 1) * width)];
      const scores = Object.fromEntries(scored.plugins.map((plugin, i) => [plugin, values[i]!]));
      verdicts.push({ node, scores, total: values.reduce((sum, value) => sum + value, 0) });
    });
    verdicts.sort((a, b) => (a.node < b.node ? -1 : 1));
    return { ...attempt, verdicts };
  }
}
