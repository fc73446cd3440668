import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pump } from '../engine/world/index.ts';
import { LessonError, type Lesson, type StepDefinition } from '../lessons/definition.ts';
import { evaluateStep } from '../lessons/evaluate.ts';
import { parseLesson } from '../lessons/parse.ts';
import { lessonWorldOf } from '../session/lesson-watch.ts';
import { Session } from '../session/session.ts';
import { headlessEpoch } from './runner.ts';
import { nodeHop } from './hop.ts';

/** Virtual ms that the world may take after a step's last command until the criteria are met. */
const patience = 120_000;
/** Virtual ms a command may take before the next one is typed. */
const commandLimit = 600_000;

/** Replays the lessons in or below the given folders, in both languages' texts. @returns the exit status */
export async function testLessons(paths: readonly string[]): Promise<number> {
  const folders = paths.flatMap((p) => [...lessonFolders(p)]);
  if (folders.length === 0) {
    process.stderr.write('no lesson.yaml found: name a lesson folder, or one above it\n');
    return 2;
  }
  let passed = 0;
  let failed = 0;
  for (const folder of folders) {
    const problems = await testLesson(folder);
    if (problems.length === 0) passed++;
    else failed++;
    process.stdout.write(
      `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${folder}\n${problems.map((p) => `     ${p}\n`).join('')}`,
    );
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function* lessonFolders(folder: string): Generator<string> {
  if (existsSync(path.join(folder, 'lesson.yaml'))) return yield folder;
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).sort()) {
    const inner = path.join(folder, name);
    if (statSync(inner).isDirectory()) yield* lessonFolders(inner);
  }
}

function readFolder(folder: string, prefix = ''): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(path.join(folder, prefix), { withFileTypes: true })) {
    const name = prefix ? `${prefix}/${entry.name}` : entry.name;
    if (entry.isDirectory()) Object.assign(files, readFolder(folder, name));
    else files[name] = readFileSync(path.join(folder, name), 'utf8');
  }
  return files;
}

/** @returns what is wrong, in words; empty if the lesson is fine. */
export async function testLesson(folder: string): Promise<string[]> {
  let lesson: Lesson;
  try {
    lesson = parseLesson(path.basename(path.dirname(path.resolve(folder))), folder, readFolder(folder));
  } catch (error) {
    if (error instanceof LessonError) return [error.message];
    throw error;
  }
  const { definition } = lesson;
  const spec = { preset: definition.preset, seed: 1, epoch: headlessEpoch, files: definition.files };
  const replay = new LessonReplay(new Session(spec, nodeHop));
  const problems: string[] = [];
  for (const step of definition.steps) problems.push(...(await replay.step(step)));
  return problems;
}

/** Types a lesson's solution into a terminal, as a learner would. */
class LessonReplay {
  readonly #session: Session;
  #opened = false;

  constructor(session: Session) {
    this.#session = session;
  }

  async step(step: StepDefinition): Promise<string[]> {
    const session = this.#session;
    if (!this.#opened) {
      session.apply({ kind: 'terminal', terminal: 't1', host: session.room.workstation.name, rows: 24, columns: 80 });
      this.#opened = true;
      await this.#wait(5_000, () => false);
    }
    session.apply({ kind: 'step', step: step.id });
    const world = lessonWorldOf(session);
    const problems: string[] = [];
    const unmet = () => evaluateStep(step, world).filter(({ met }) => !met);
    if (step.criteria.length > 0 && unmet().length === 0)
      problems.push(`step ${step.id}: all criteria are met before anything is done`);
    for (const criterion of step.criteria)
      if ('quiz' in criterion)
        session.apply({ kind: 'answer', step: step.id, question: criterion.id, choice: criterion.quiz.answer });
    for (const command of step.solution) {
      const done = session.lesson.commands.length;
      session.apply({ kind: 'keys', terminal: 't1', data: `${command}\r` });
      await this.#wait(commandLimit, () => session.lesson.commands.length > done);
      if (session.lesson.commands.length === done)
        problems.push(`step ${step.id}: this command doesn't come to an end: ${command}`);
    }
    await this.#wait(patience, () => unmet().length === 0);
    for (const { id, message } of unmet())
      problems.push(
        `step ${step.id}: ${id} is not met by the solution (${message?.key} ${JSON.stringify(message?.params)})`,
      );
    return problems;
  }

  async #wait(ms: number, done: () => boolean): Promise<void> {
    const { queue } = this.#session;
    await pump(queue, nodeHop, { until: queue.now + ms, maxSteps: 3_000_000, stop: done });
  }
}
