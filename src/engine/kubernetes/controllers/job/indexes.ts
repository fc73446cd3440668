import type { Pod } from '../../types.ts';

/** Completion indexes of Indexed Jobs, and their text form `1,3-5,7` (pkg/controller/job, indexed_job_utils.go). */

export const completionIndexAnnotation = 'batch.kubernetes.io/job-completion-index';

/** A set of indexes; grows only. */
export class IndexSet {
  readonly #members: Set<number>;

  constructor(members: Iterable<number> = []) {
    this.#members = new Set(members);
  }

  get size(): number {
    return this.#members.size;
  }

  has(index: number): boolean {
    return this.#members.has(index);
  }

  with(more: Iterable<number>): IndexSet {
    return new IndexSet([...this.#members, ...more]);
  }

  /** How many of these indexes the other set has, too. */
  common(other: IndexSet): number {
    let count = 0;
    for (const index of this.#members) if (other.has(index)) count++;
    return count;
  }

  /** `1,3-5,7`: three in a row make a range, two do so as well if written `3,4`. */
  toString(): string {
    const sorted = [...this.#members].sort((a, b) => a - b);
    const parts: string[] = [];
    for (let i = 0; i < sorted.length;) {
      let end = i;
      while (end + 1 < sorted.length && sorted[end + 1] === sorted[end]! + 1) end++;
      const first = sorted[i]!;
      const last = sorted[end]!;
      parts.push(end === i ? String(first) : end === i + 1 ? `${first},${last}` : `${first}-${last}`);
      i = end + 1;
    }
    return parts.join(',');
  }
}

/** Indexes of a text that the server validated, as far as they are below `completions`. */
export function parseIndexes(text: string | undefined, completions: number): IndexSet {
  const members: number[] = [];
  for (const part of (text ?? '').split(',').filter(Boolean)) {
    const [first, last = first] = part.split('-').map(Number) as [number, number?];
    for (let index = first; index <= Math.min(last, completions - 1); index++) members.push(index);
  }
  return new IndexSet(members);
}

/** The completion index of a Job's Pod; undefined if it has none. */
export function completionIndex(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[completionIndexAnnotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The same, if it is one that the Job (still) has. */
export function validIndex(pod: Pod, completions: number): number | undefined {
  const index = completionIndex(pod);
  return index !== undefined && index < completions ? index : undefined;
}
