import type { LessonWorld } from '../lessons/criteria/criterion.ts';
import type { LessonDefinition } from '../lessons/definition.ts';
import type { LateCode } from './late.ts';
import type { CriterionResult } from './protocol.ts';
import type { Session } from './session.ts';

/** A session as criteria see it. */
export function lessonWorldOf(session: Session): LessonWorld {
  const { room } = session;
  return {
    objects: (resource, namespace) => room.objects(resource, namespace),
    readFile: (path) => {
      const { name, home } = room.workstation;
      const content = room.readFile(name, path.startsWith('/') ? path : `${home}/work/${path}`);
      return 'text' in content ? content.text : undefined;
    },
    commands: () => session.lesson.commands,
    answer: (criterion) => session.lesson.answers.get(criterion),
  };
}

/** Looks at the opened step's criteria after each slice, and tells when one changes. Never changes the world. */
export class LessonWatch {
  readonly #session: Session;
  readonly #world: LessonWorld;
  readonly #tell: (step: string, results: CriterionResult[]) => void;
  readonly #definition: LessonDefinition | undefined;
  readonly #evaluate: LateCode['evaluateStep'];
  #last = '';

  constructor(
    session: Session,
    definition: LessonDefinition | undefined,
    evaluate: LateCode['evaluateStep'],
    tell: (step: string, results: CriterionResult[]) => void,
  ) {
    this.#session = session;
    this.#definition = definition;
    this.#evaluate = evaluate;
    this.#world = lessonWorldOf(session);
    this.#tell = tell;
  }

  check(): void {
    const id = this.#session.lesson.step;
    const step = this.#definition?.steps.find((s) => s.id === id);
    if (!step) return;
    const results = this.#evaluate(step, this.#world);
    const text = JSON.stringify([id, results]);
    if (text === this.#last) return;
    this.#last = text;
    this.#tell(step.id, results);
  }
}
