import type { LessonDefinition } from '../../lessons/definition.ts';

/**
 * A lesson as the page draws it, in one language. The lesson loader makes it at build time from a lesson's folder; the
 * page knows nothing of Markdown or of how criteria are evaluated.
 */
export interface LessonPage {
  course: string;
  /** Stable, in the address. */
  id: string;
  title: string;
  /** One or two sentences for the catalogue. */
  summary: string;
  minutes: number;
  preset: string;
  /** Files laid into the first host before anything runs; paths as in `SessionSpec.files`. */
  files: Record<string, string>;
  steps: LessonStep[];
  /** What the worker needs to watch the criteria. */
  definition: LessonDefinition;
  /** What is missing, by message key; `{name}` is replaced by the parameter of that name. */
  messages: Record<string, string>;
  /** Shown when every step is done. */
  finish?: { html: string; challenge?: string | undefined } | undefined;
  previous?: LessonLink | undefined;
  next?: LessonLink | undefined;
}

export interface LessonLink {
  course: string;
  id: string;
  title: string;
}

export interface LessonStep {
  /** Stable, in the address after `#`. */
  id: string;
  title: string;
  /**
   * Sanitised HTML. The page adds buttons to two kinds of blocks:
   * `<figure data-block="command"><pre>…</pre></figure>` gets *run* and *copy* (the text of `pre` is typed), and
   * `<figure data-block="file" data-path="web.yaml"><pre>…</pre></figure>` gets *put into editor*.
   * Highlighted code carries shiki's two-theme variables `--shiki-light` and `--shiki-dark`.
   */
  html: string;
  criteria: LessonCriterion[];
  /** HTML, opened one by one. */
  hints: string[];
  solution: SolutionAction[];
}

export interface LessonCriterion {
  id: string;
  /** HTML of one line. */
  text: string;
  /** HTML of the answers to choose from, for a question. */
  choices?: string[] | undefined;
}

/** One move of *show me*. */
export type SolutionAction = { kind: 'run'; command: string } | { kind: 'write'; path: string; text: string };

export interface CatalogueCourse {
  id: string;
  title: string;
  summary: string;
  lessons: CatalogueLesson[];
}

export interface CatalogueLesson {
  course: string;
  id: string;
  title: string;
  summary: string;
  minutes: number;
  /** Ids, so that the catalogue can show progress. */
  steps: string[];
}

/** What the page asks of the lesson loader, at build time only. */
export interface LessonSource {
  catalogue(locale: string): Promise<CatalogueCourse[]>;
  lesson(locale: string, course: string, id: string): Promise<LessonPage | undefined>;
}
