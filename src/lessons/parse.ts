import { Validator, type OutputUnit } from '@cfworker/json-schema';
import { isMap, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { parseCel } from './cel.ts';
import { kindOf } from './criteria/registry.ts';
import { LessonError, type Lesson, type LessonDefinition, type LessonText, type StepDefinition } from './definition.ts';
import lessonSchema from './lesson.schema.json' with { type: 'json' };
import { parseLessonText } from './text.ts';

/** Languages that every lesson has. */
export const lessonLocales = ['en', 'zh-CN'] as const;

/**
 * Reads a lesson's folder and checks it.
 * @param course the course's id
 * @param files path below the lesson's folder to text
 * @throws LessonError that names file, line and field
 */
export function parseLesson(course: string, folder: string, files: Readonly<Record<string, string>>): Lesson {
  const at = (name: string) => `${folder}/${name}`;
  const need = (name: string) => {
    const text = files[name];
    if (text === undefined) throw new LessonError(at(name), undefined, 'the file is missing');
    return text;
  };
  const { value, lineOf } = readYaml(need('lesson.yaml'), at('lesson.yaml'));
  const raw = value as Omit<LessonDefinition, 'course' | 'files'>;
  const solutions = parseSolution(need('solution.sh'), at('solution.sh'));
  const definition: LessonDefinition = {
    course,
    id: raw.id,
    preset: raw.preset,
    minutes: raw.minutes,
    files: Object.fromEntries(
      Object.entries(files)
        .filter(([name]) => name.startsWith('files/'))
        .map(([name, text]) => [name.slice('files/'.length), text]),
    ),
    steps: raw.steps.map((step) => ({ ...step, solution: solutions.get(step.id) ?? [] })),
    prerequisites: raw.prerequisites ?? [],
    commands: raw.commands ?? [],
    sources: raw.sources ?? [],
  };
  checkDefinition(definition, at('lesson.yaml'), lineOf);
  for (const step of solutions.keys())
    if (!definition.steps.some(({ id }) => id === step))
      throw new LessonError(at('solution.sh'), undefined, `there is no step ${step} in lesson.yaml`);
  const texts: Record<string, LessonText> = {};
  for (const locale of lessonLocales) {
    const text = parseLessonText(need(`${locale}.md`), at(`${locale}.md`));
    checkText(text, definition.steps, at(`${locale}.md`));
    texts[locale] = text;
  }
  return { definition, texts };
}

type LineOf = (path: readonly (string | number)[]) => number | undefined;

function readYaml(text: string, file: string): { value: unknown; lineOf: LineOf } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const error = document.errors[0];
  if (error) throw new LessonError(file, counter.linePos(error.pos[0]).line, error.message.split('\n')[0]!);
  const lineOf: LineOf = (path) => lineAt(document, counter, path);
  const value: unknown = document.toJS();
  const { valid, errors } = new Validator(lessonSchema as never, '2020-12', true).validate(value);
  if (!valid) {
    const deepest = [...errors].sort((a, b) => depth(b) - depth(a))[0]!;
    const path = deepest.instanceLocation.replace(/^#\/?/, '').split('/').filter(Boolean);
    const field = path.join('.') || 'the file';
    const steps = path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    throw new LessonError(file, lineOf(steps), `${field}: ${deepest.error}`);
  }
  return { value, lineOf };
}

function depth(error: OutputUnit): number {
  return error.instanceLocation.split('/').length;
}

function lineAt(document: Document, counter: LineCounter, path: readonly (string | number)[]): number | undefined {
  let line: number | undefined;
  let node: unknown = document.contents;
  for (const part of path) {
    if (!isMap(node) && !isSeq(node)) break;
    const next = node.get(part, true) as Node | undefined;
    if (!next) break;
    node = next;
    if (next.range) line = counter.linePos(next.range[0]).line;
  }
  return line ?? 1;
}

function checkDefinition(definition: LessonDefinition, file: string, lineOf: LineOf): void {
  const seen = new Set<string>();
  // Texts and answers are kept by criterion, not by step.
  const criteria = new Map<string, string>();
  definition.steps.forEach((step, s) => {
    const fail = (path: (string | number)[], problem: string) => {
      throw new LessonError(file, lineOf(['steps', s, ...path]), `steps.${[s, ...path].join('.')}: ${problem}`);
    };
    if (seen.has(step.id)) fail(['id'], `step ${step.id} exists already`);
    seen.add(step.id);
    step.criteria.forEach((criterion, c) => {
      const other = criteria.get(criterion.id);
      if (other) fail(['criteria', c, 'id'], `criterion ${criterion.id} exists already in step ${other}`);
      criteria.set(criterion.id, step.id);
      const kind = kindOf(criterion);
      const expressions = [
        ...kind.expressions(criterion),
        ...Object.values(criterion.show ?? {}),
        ...(criterion.unmet ?? []).map(({ when }) => when),
      ];
      for (const expression of expressions) {
        try {
          parseCel(expression);
        } catch (error) {
          fail(['criteria', c], `CEL ${JSON.stringify(expression)}: ${(error as Error).message.split('\n')[0]}`);
        }
      }
      try {
        kind.check?.(criterion);
      } catch (error) {
        fail(['criteria', c, kind.field], (error as Error).message);
      }
    });
  });
}

/** Every step, criterion and message that lesson.yaml names must have its text, and nothing else may have one. */
function checkText(text: LessonText, steps: readonly StepDefinition[], file: string): void {
  const fail = (problem: string) => {
    throw new LessonError(file, undefined, problem);
  };
  const expected = steps.map(({ id }) => id).join(', ');
  const actual = text.steps.map(({ id }) => id).join(', ');
  if (actual !== expected) fail(`the steps are ${actual}; lesson.yaml has ${expected}`);
  steps.forEach((step, i) => {
    const words = text.steps[i]!;
    const ids = words.criteria.map(({ id }) => id);
    for (const criterion of step.criteria) {
      if (!ids.includes(criterion.id))
        fail(`step ${step.id}: the text of criterion ${criterion.id} is missing in :::criteria`);
      const needed = new Set([
        ...(criterion.unmet ?? []).map(({ say }) => say),
        ...kindOf(criterion).messages(criterion),
      ]);
      for (const say of needed)
        if (text.messages[`${criterion.id}.${say}`] === undefined)
          fail(`step ${step.id}: the message ${criterion.id}.${say} is missing in :::criteria`);
      if ('quiz' in criterion && (words.choices[criterion.id]?.length ?? 0) < criterion.quiz.answer)
        fail(`step ${step.id}: :::choices ${criterion.id} has fewer choices than the answer's number`);
    }
    for (const id of ids)
      if (!step.criteria.some((c) => c.id === id)) fail(`step ${step.id}: there is no criterion ${id} in lesson.yaml`);
  });
}

/** solution.sh: ordinary commands in sections that begin with `# step: id`. Commands of several lines stay together. */
export function parseSolution(text: string, file: string): Map<string, string[]> {
  const solutions = new Map<string, string[]>();
  let current: string[] | undefined;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const section = /^# step: ([a-z0-9-]+)\s*$/.exec(line);
    if (section) {
      if (solutions.has(section[1]!)) throw new LessonError(file, i + 1, `step ${section[1]} has a section already`);
      solutions.set(section[1]!, (current = []));
      continue;
    }
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (!current) throw new LessonError(file, i + 1, 'a command stands before the first "# step: id"');
    let command = line;
    const heredoc = /<<-?\s*(['"]?)(\w+)\1/.exec(line)?.[2];
    if (heredoc)
      do {
        if (++i >= lines.length) throw new LessonError(file, i, `the here-document ${heredoc} never ends`);
        command += `\n${lines[i]}`;
      } while (lines[i] !== heredoc);
    else while (command.endsWith('\\') && i + 1 < lines.length) command += `\n${lines[++i]}`;
    current.push(command);
  }
  return solutions;
}
