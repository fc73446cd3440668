/** A lesson as its files say, without texts. docs/authoring.md explains the format. */
export interface LessonDefinition {
  course: string;
  id: string;
  preset: string;
  minutes: number;
  /** Path below the learner's `work` directory to text. */
  files: Record<string, string>;
  steps: StepDefinition[];
  /** `course/lesson` ids. */
  prerequisites: string[];
  /** Commands that this lesson teaches, e.g. `kubectl scale`. */
  commands: string[];
  /** Pages that back the facts. */
  sources: string[];
}

export interface StepDefinition {
  id: string;
  criteria: CriterionDefinition[];
  /** Command lines that reach the step's goal, from solution.sh. */
  solution: string[];
}

interface CriterionBase {
  id: string;
  /** Values for the texts' `{name}`: CEL over what the criterion looks at. */
  show?: Record<string, string>;
  /** Which text says what is missing, first match counts: CEL to message name. Without a match: `unmet`. */
  unmet?: { when: string; say: string }[];
}

export interface ObjectCriterion extends CriterionBase {
  /** One API object. In CEL it is `object`. */
  object: { resource: string; namespace?: string; name: string };
  /** CEL that must be true; without it, being there is enough. */
  matches?: string;
  /** The object must not be there. */
  absent?: boolean;
}

export interface ObjectsCriterion extends CriterionBase {
  /** All objects of a resource that the labels select. In CEL the list is `objects`. */
  objects: { resource: string; namespace?: string; labels?: Record<string, string> };
  matches: string;
}

export interface FileCriterion extends CriterionBase {
  /** A text file below the learner's `work` directory. In CEL: `text`, and `documents` for YAML. */
  file: string;
  matches: string;
}

export interface CommandCriterion extends CriterionBase {
  /** Regular expressions; a command line typed in this step that fits one, and succeeded, is enough. */
  command: string[];
  /** Exit status that counts; default 0, `any` for whichever. */
  exit?: number | 'any';
}

export interface QuizCriterion extends CriterionBase {
  /** Number of the right choice, from 1. The choices stand in the text. */
  quiz: { answer: number };
}

export type CriterionDefinition = ObjectCriterion | ObjectsCriterion | FileCriterion | CommandCriterion | QuizCriterion;

/** A lesson's words in one language. */
export interface LessonText {
  title: string;
  /** Markdown of the goal, one sentence. */
  summary: string;
  steps: StepText[];
  /** Message name (`<criterion>.unmet` …) to text with `{name}` places. */
  messages: Record<string, string>;
  /** Markdown shown at the end, and of the optional challenge. */
  finish?: string;
  challenge?: string;
}

export interface StepText {
  id: string;
  title: string;
  /** Markdown. */
  body: string;
  criteria: { id: string; text: string }[];
  /** Markdown each. */
  hints: string[];
  /** Choices of quiz questions by criterion id. */
  choices: Record<string, string[]>;
}

export interface Lesson {
  definition: LessonDefinition;
  texts: Record<string, LessonText>;
}

/** What is wrong with a lesson's files, where. */
export class LessonError extends Error {
  override name = 'LessonError';
  readonly file: string;
  readonly line: number | undefined;
  constructor(file: string, line: number | undefined, problem: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${problem}`);
    this.file = file;
    this.line = line;
  }
}
