import { recallJson, rememberJson } from '../ui/storage.ts';

/** Steps a learner has done, kept in this browser only. */
export function doneSteps(course: string, lesson: string): Set<string> {
  const value = recallJson(`progress:${course}/${lesson}`);
  return new Set(Array.isArray(value) ? value.filter((step): step is string => typeof step === 'string') : []);
}

export function rememberDone(course: string, lesson: string, steps: ReadonlySet<string>): void {
  rememberJson(`progress:${course}/${lesson}`, [...steps]);
}
