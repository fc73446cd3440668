import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { CriterionResult } from '../../session/protocol.ts';
import { messageText } from './message.ts';
import { doneSteps, rememberDone } from './progress.ts';
import type { LessonCriterion, LessonPage, LessonStep } from './types.ts';

export interface CriterionView extends LessonCriterion {
  met: boolean;
  /** What is still missing. */
  missing?: string;
}

/** Where a learner is in a lesson, which steps are done, and what the current criteria say. */
export class LessonState {
  readonly page: LessonPage;
  index = $state(0);
  readonly done = new SvelteSet<string>();
  readonly #results = new SvelteMap<string, readonly CriterionResult[]>();

  constructor(page: LessonPage) {
    this.page = page;
    for (const step of doneSteps(page.course, page.id)) this.done.add(step);
  }

  get step(): LessonStep {
    return this.page.steps[this.index] ?? noStep;
  }

  get last(): boolean {
    return this.index >= this.page.steps.length - 1;
  }

  get criteria(): CriterionView[] {
    const results = new Map(this.#results.get(this.step.id)?.map((result) => [result.id, result]));
    return this.step.criteria.map((criterion) => {
      const result = results.get(criterion.id);
      const missing = result && !result.met ? messageText(this.page.messages, result.message) : undefined;
      return { ...criterion, met: result?.met ?? false, ...(missing ? { missing } : {}) };
    });
  }

  get complete(): boolean {
    return this.criteria.every(({ met }) => met);
  }

  /** Goes to a step by its id; an unknown id leaves it where it is. */
  go(id: string): void {
    const index = this.page.steps.findIndex((step) => step.id === id);
    if (index >= 0) this.index = index;
  }

  tell(step: string, results: readonly CriterionResult[]): void {
    this.#results.set(step, results);
    const criteria = this.page.steps.find(({ id }) => id === step)?.criteria ?? [];
    const met = new Set(results.filter((result) => result.met).map(({ id }) => id));
    if (criteria.length > 0 && criteria.every(({ id }) => met.has(id))) this.#finish(step);
  }

  /** Leaves the current step forwards; one without criteria counts as done. */
  leave(): void {
    if (this.step.criteria.length === 0) this.#finish(this.step.id);
  }

  #finish(step: string): void {
    if (this.done.has(step)) return;
    this.done.add(step);
    rememberDone(this.page.course, this.page.id, this.done);
  }
}

const noStep: LessonStep = { id: '', title: '', html: '', criteria: [], hints: [], solution: [] };
