import { readAll } from '../../../world/index.ts';
import type { Context } from '../framework/command.ts';

/** Begins to wait for a container's end before it is started. `status` gives its exit status. */
export async function waitForExit(
  context: Context,
  id: string,
  condition: 'next-exit' | 'removed' | 'not-running',
): Promise<{ status(): Promise<number>; cancel(): void }> {
  const body = await context.client.stream('POST', `/containers/${id}/wait`, { query: { condition } });
  return {
    status: async () => {
      const answer = JSON.parse(new TextDecoder().decode(await readAll(body, context.process.cancel))) as {
        StatusCode: number;
      };
      return answer.StatusCode;
    },
    cancel: () => body.close(),
  };
}
