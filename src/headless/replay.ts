import type { SavedSession } from '../session/protocol.ts';
import { ReplayError, Session } from '../session/session.ts';
import { nodeHop } from './hop.ts';

export interface ReplayResult {
  /** Whether the world is the one that was saved. */
  agrees: boolean;
  hash: string;
  expected: string | undefined;
  terminals: Record<string, string>;
  /** Where it went another way. */
  error?: string;
}

/** Replays a session that the page kept or put into a bug report, with what its terminals showed. */
export async function replaySession(saved: SavedSession): Promise<ReplayResult> {
  const output = new Map<string, string>();
  const decoder = new TextDecoder();
  const session = new Session(saved.spec, nodeHop, {
    output: (terminal, data) =>
      void output.set(terminal, (output.get(terminal) ?? '') + decoder.decode(data, { stream: true })),
  });
  let error: string | undefined;
  try {
    await session.replay(saved.inputs, saved.end);
  } catch (problem) {
    if (!(problem instanceof ReplayError)) throw problem;
    error = problem.message;
  }
  const hash = session.room.world.stateHash();
  const { hash: expected } = saved.end;
  const agrees = error === undefined && (expected === undefined || expected === hash);
  return { agrees, hash, expected, terminals: Object.fromEntries(output), ...(error === undefined ? {} : { error }) };
}
