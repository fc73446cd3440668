import type { SavedSession } from './protocol.ts';
import type { Session } from './session.ts';

/**
 * Carries the files and objects of a session that can't be replayed (another build of the engine) into a fresh one.
 * @returns what could not be carried over, in words; empty if all was.
 */
export async function carryOver(session: Session, fallback: NonNullable<SavedSession['fallback']>): Promise<string[]> {
  const problems: string[] = [];
  for (const { host, path, text } of fallback.files) {
    try {
      session.apply({ kind: 'save', host, path, text });
      await session.settle();
    } catch (error) {
      problems.push(`${host}:${path}: ${(error as Error).message}`);
    }
  }
  // A cluster has to be there before its objects are asked about; the inputs that follow would bring it anyway.
  if (fallback.objects.length > 0) session.room.furnish();
  for (const object of fallback.objects) {
    const { name, path, body } = session.room.creation(object);
    const { status } = await session.room.queryApi({ method: 'POST', path: `${path}?dryRun=All`, body });
    if (status >= 300 && status !== 409) problems.push(`${name}: status ${status}`);
    else {
      session.apply({ kind: 'api', method: 'POST', path, body, contentType: 'application/json' });
      await session.settle();
    }
  }
  return problems;
}
