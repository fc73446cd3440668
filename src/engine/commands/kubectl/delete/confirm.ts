import type { Context } from '../framework/command.ts';
import { kindGroup } from '../client/types.ts';
import type { Info } from '../resource/builder.ts';

/** `--interactive`: shows what would go and asks. */
export async function confirm(context: Context, infos: readonly Info[]): Promise<boolean> {
  await context.out('You are about to delete the following ' + `${infos.length} resource(s):\n`);
  for (const info of infos) await context.out(`${kindGroup(info.mapping)}/${info.name}\n`);
  await context.out('Do you want to continue? (y/N): ');
  const chunk = await context.process.stdin.read(context.process.cancel);
  const answer = chunk ? new TextDecoder().decode(chunk).trim() : '';
  return answer === 'y' || answer === 'Y';
}
