import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { filenameFlags, selectorFlag } from '../../framework/file-flags.ts';
import { completeTypes } from '../../framework/completion.ts';
import { writePodTemplate } from '../../describe/pod-template.ts';
import { DescriptionWriter } from '../../describe/writer.ts';
import { printFlags, printerFor } from '../../printers/options.ts';
import { alignColumns } from '../../printers/tabwriter.ts';
import { printWith } from '../../printers/write.ts';
import { hasHistory, type Revision, revisionsOf } from '../../workloads/history.ts';
import { findWorkloads, report, unsupported } from './shared.ts';

export const history: Command = {
  use: 'history (TYPE NAME | TYPE/NAME) [flags]',
  short: 'View rollout history',
  long: 'Shows the revisions that are kept of a workload, with why they were made.',
  examples: `# The revisions of a deployment
kubectl rollout history deployment/abc

# Revision 3 of a daemon set in detail
kubectl rollout history daemonset/abc --revision=3`,
  flags: [
    ...printFlags,
    ...filenameFlags('whose revisions to show'),
    { name: 'revision', type: 'int64', usage: 'Show this revision in detail, with its pod template.' },
    selectorFlag,
  ],
  complete: completeTypes(['deployment', 'daemonset', 'statefulset']),
  async run(context) {
    const { factory, flags, process } = context;
    const wanted = flags.int('revision');
    if (wanted < 0) throw new CommandError(`revision must be a positive integer: ${wanted}`);
    const result = await findWorkloads(context);
    await result.visit(async ({ mapping, object }) => {
      if (!hasHistory(mapping)) throw unsupported(mapping, 'history viewer', 'history');
      const revisions = await revisionsOf(factory.client(), object);
      if (flags.string('output') !== '') {
        const holders = (wanted > 0 ? [find(revisions, wanted)] : revisions).map(({ holder }) => holder);
        return printWith(context, printerFor(process, flags)!, holders);
      }
      const heading = wanted > 0 ? `with revision #${wanted}` : '';
      await report(
        context,
        object,
        `${heading}\n${wanted > 0 && revisions.length > 0 ? details(find(revisions, wanted)) : overview(revisions)}`,
      );
    });
  },
};

function find(revisions: readonly Revision[], number: number): Revision {
  const found = revisions.find((revision) => revision.number === number);
  if (!found) throw new CommandError('unable to find the specified revision');
  return found;
}

/** With tabs as they are: this text is not aligned. */
export function details({ template }: Pick<Revision, 'template'>): string {
  const w = new DescriptionWriter();
  writePodTemplate(w, template);
  return w.raw();
}

function overview(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return 'No rollout history found.';
  const rows = revisions.map(({ number, cause }) => `${number}\t${cause || '<none>'}\n`);
  return alignColumns(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`);
}
