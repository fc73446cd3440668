import type { INode } from 'kubernetes-models/v1/Node';
import { live } from '../describe/describer.ts';
import type { Context } from '../framework/command.ts';
import { aggregate, CommandError, errorText, usageError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import { type DryRun, dryRunOf, operation } from '../framework/write-options.ts';
import type { Info, Result } from '../resource/result.ts';

/** The nodes that arguments or `-l` name. @throws CommandError */
export function findNodes(context: Context): Promise<Result> {
  const { args, flags, factory, command } = context;
  const selector = flags.string('selector');
  if (args.length === 0 && selector === '') throw usageError(context, `USAGE: ${command.use} [flags]`);
  if (args.length > 0 && selector !== '')
    throw usageError(context, 'error: cannot specify both a node name and a --selector option');
  const { namespace } = factory.namespace();
  const builder = factory.builder().namespaceParam(namespace).defaultNamespace().flatten();
  if (selector !== '') builder.labelSelectorParam(selector).resourceTypes('nodes');
  else builder.resourceNames('nodes', ...args);
  return builder.do();
}

/** Marks the nodes and says so. @throws aggregate of what failed */
export async function cordonNodes(context: Context, unschedulable: boolean): Promise<void> {
  const dryRun = await dryRunOf(context);
  const result = await findNodes(context);
  result.check();
  const { infos, error } = await result.infos();
  if (error !== undefined) throw error;
  await cordonAll(context, infos, unschedulable, dryRun);
}

export async function cordonAll(
  context: Context,
  infos: readonly Info[],
  unschedulable: boolean,
  dryRun: DryRun,
): Promise<void> {
  const verb = unschedulable ? 'cordon' : 'uncordon';
  const errors: unknown[] = [];
  for (const info of infos) {
    const { mapping, name, object } = info;
    if (mapping.kind !== 'Node') continue;
    const isMarked = live<INode>(object).spec.unschedulable ?? false;
    let done = `${verb}ed`;
    if (isMarked === unschedulable) done = `already ${done}`;
    else if (dryRun !== 'client') {
      const patch = { spec: { unschedulable: unschedulable || null } };
      try {
        info.object = await context.factory
          .client()
          .patch(mapping, '', name, 'strategic', patch, { dryRun: dryRun === 'server' });
      } catch (error) {
        if (!isCommandFailure(error)) throw error;
        await context.err(`error: unable to ${verb} node ${JSON.stringify(name)}: ${errorText(error)}\n`);
        errors.push(new CommandError(`unable to ${verb} node ${JSON.stringify(name)}: ${errorText(error)}`));
        continue;
      }
    }
    await context.out(`node/${name} ${operation(done, dryRun)}\n`);
  }
  const all = aggregate(errors);
  if (all) throw all;
}
