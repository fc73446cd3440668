import type { ILimitRange } from 'kubernetes-models/v1/LimitRange';
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota';
import { compareStrings } from '../../../gotemplate/index.ts';
import { canonicalQuantity, formatQuantity, parseQuantity } from '../../../kubernetes/apimachinery/quantity.ts';
import type { Live } from './describer.ts';
import { sortedEntries } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

/** Tables that quota, limits and their namespace share. */

const scopeHelp: Readonly<Record<string, string>> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

export function writeScopes(w: DescriptionWriter, level: number, bullet: string, quota: Live<IResourceQuota>): void {
  const scopes = [...(quota.spec.scopes ?? [])].sort(compareStrings);
  if (scopes.length === 0) return;
  w.field(level, 'Scopes', scopes.join(', '));
  for (const scope of scopes) if (scopeHelp[scope]) w.line(level, `${bullet}${scopeHelp[scope]}`);
}

/** Resource, used and hard; the used amount in the format of the hard one. */
export function quotaRows({ status }: Live<IResourceQuota>): string[][] {
  return sortedEntries(status.hard).map(([name, hardText]) => {
    const hard = parseQuantity(hardText);
    const used = parseQuantity(status.used?.[name] ?? '0');
    return [name, formatQuantity(used), formatQuantity(hard)];
  });
}

export const limitHeader = [
  'Type',
  'Resource',
  'Min',
  'Max',
  'Default Request',
  'Default Limit',
  'Max Limit/Request Ratio',
];

export function limitRows({ spec }: Live<ILimitRange>): string[][] {
  return spec.limits.flatMap((item) => {
    const columns = [item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio];
    const names = [...new Set(columns.flatMap((column) => Object.keys(column ?? {})))].sort(compareStrings);
    return names.map((name) => [
      item.type,
      name,
      ...columns.map((column) => (column?.[name] === undefined ? '-' : canonicalQuantity(column[name]))),
    ]);
  });
}
