import type { LessonState } from '../lesson/lesson.svelte.ts';
import type { SessionState } from '../state/session.svelte.ts';

/** Goes back to the moment at which the learner first opened the current step. */
export async function resetStep(session: SessionState, lesson: LessonState): Promise<void> {
  const saved = await session.save();
  const step = lesson.step.id;
  const opened = saved?.inputs.find(({ input }) => input.kind === 'step' && input.step === step);
  if (opened) session.travel(opened.t);
  else await session.startAfresh();
}
