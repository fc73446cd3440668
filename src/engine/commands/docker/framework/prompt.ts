import { LineReader } from '../../../world/index.ts';
import type { Context } from './command.ts';

/** Asks `… [y/N] `; everything but y and yes is no. */
export async function confirmed({ process, out }: Context, question: string): Promise<boolean> {
  await out(`${question} [y/N] `);
  const line = await new LineReader(process.stdin).next(process.cancel);
  return ['y', 'yes'].includes((line ?? '').trim().toLowerCase());
}
