import type { ILimitRange } from 'kubernetes-models/v1/LimitRange';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota';
import { compareStrings } from '../../../gotemplate/index.ts';
import { describer, listAll, type Live, wellKnown } from './describer.ts';
import { formatTime, writeMetadata } from './format.ts';
import { limitHeader, limitRows, quotaRows, writeScopes } from './quota-table.ts';
import type { DescriptionWriter } from './writer.ts';

export const namespace = describer<INamespace>({
  group: '',
  kind: 'Namespace',
  async describe(w, { metadata, status }, context) {
    w.field(0, 'Name', metadata.name);
    writeMetadata(w, metadata);
    w.field(0, 'Status', status.phase ?? '');
    if (status.conditions?.length) {
      w.line(0, 'Conditions:');
      w.table(
        1,
        ['Type', 'Status', 'LastTransitionTime', 'Reason', 'Message'],
        status.conditions.map((c) => [
          c.type,
          c.status,
          formatTime(c.lastTransitionTime),
          c.reason ?? '',
          c.message ?? '',
        ]),
      );
    }
    const quotas = await listAll<IResourceQuota>(context, wellKnown.resourceQuotas, metadata.name);
    w.line(0);
    writeQuotas(w, quotas);
    const limits = await listAll<ILimitRange>(context, wellKnown.limitRanges, metadata.name);
    w.line(0);
    writeLimits(w, limits);
  },
});

function writeQuotas(w: DescriptionWriter, quotas: readonly Live<IResourceQuota>[]): void {
  if (quotas.length === 0) return w.line(0, 'No resource quota.');
  w.line(0, 'Resource Quotas');
  for (const quota of [...quotas].sort((a, b) => compareStrings(a.metadata.name, b.metadata.name))) {
    w.field(1, 'Name', quota.metadata.name);
    writeScopes(w, 1, '* ', quota);
    w.row(1, 'Resource', 'Used', 'Hard');
    w.row(1, '--------', '---', '---');
    for (const cells of quotaRows(quota)) w.row(1, ...cells);
  }
}

function writeLimits(w: DescriptionWriter, limits: readonly Live<ILimitRange>[]): void {
  if (limits.length === 0) return w.line(0, 'No LimitRange resource.');
  w.line(0, 'Resource Limits');
  const [type = '', ...rest] = limitHeader;
  w.row(0, ` ${type}`, ...rest);
  w.row(0, ` ${'-'.repeat(type.length)}`, ...rest.map((title) => '-'.repeat(title.length)));
  for (const [first, ...cells] of limits.flatMap(limitRows)) w.row(0, ` ${first}`, ...cells);
}
