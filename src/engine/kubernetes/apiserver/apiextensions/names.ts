import { deepEqual } from '../objects.ts';
import {
  conditionOf,
  isTrue,
  withCondition,
  type CrdStatus,
  type CustomNames,
  type CustomResourceDefinition,
} from './types.ts';

/**
 * The status after a definition's names were compared with those that others of its group hold: the same object if
 * nothing changes (apiextensions-apiserver/pkg/controller/status, the naming controller).
 */
export function acceptNames(
  crd: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
  now: string,
): CrdStatus | undefined {
  const { spec, status = {} } = crd;
  const held = all
    .filter((other) => other.metadata.name !== crd.metadata.name && other.spec.group === spec.group)
    .map((other) => other.status?.acceptedNames)
    .filter((names) => names !== undefined);
  const resources = new Set(held.flatMap((names) => [names.plural, names.singular ?? '', ...(names.shortNames ?? [])]));
  const kinds = new Set(held.flatMap((names) => [names.kind, names.listKind ?? '']));
  const before: CustomNames = status.acceptedNames ?? { plural: '', kind: '' };
  const accepted: Record<string, unknown> = { ...before };
  let conflict: { reason: string; message: string } | undefined;
  const accept = (field: keyof CustomNames, taken: ReadonlySet<string>, reason: string) => {
    const wanted = spec.names[field];
    const used = (Array.isArray(wanted) ? wanted : [wanted]).filter((name) => name && taken.has(name as string));
    if (used.length > 0) {
      const message = used.map((name) => `${JSON.stringify(name)} is already in use`).join(', ');
      conflict = { reason, message: used.length > 1 ? `[${message}]` : message };
    } else if (wanted === undefined) delete accepted[field];
    else accepted[field] = wanted;
  };
  accept('plural', resources, 'PluralConflict');
  accept('singular', resources, 'SingularConflict');
  accept('shortNames', resources, 'ShortNamesConflict');
  accept('kind', kinds, 'KindConflict');
  accept('listKind', kinds, 'ListKindConflict');
  if (spec.names.categories) accepted['categories'] = spec.names.categories;
  else delete accepted['categories'];

  let conditions = withCondition(
    status.conditions ?? [],
    conflict
      ? { type: 'NamesAccepted', status: 'False', ...conflict }
      : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    now,
  );
  if (!isTrue(crd, 'Established')) {
    const established = conflict
      ? { reason: 'NotAccepted', message: 'not all names are accepted' }
      : { reason: 'Installing', message: 'the initial names have been accepted' };
    const known = conditionOf(crd, 'Established');
    if (known?.reason !== established.reason) {
      conditions = withCondition(conditions, { type: 'Established', status: 'False', ...established }, now);
    }
  }
  const next = { ...status, acceptedNames: ordered(accepted), conditions };
  return deepEqual(next, status) ? crd.status : next;
}

/** In the order the API writes them. */
function ordered(names: Record<string, unknown>): CustomNames {
  const { plural = '', singular, shortNames, kind = '', listKind, categories } = names as Partial<CustomNames>;
  return {
    plural,
    ...(singular && { singular }),
    ...(shortNames && { shortNames }),
    kind,
    ...(listKind && { listKind }),
    ...(categories && { categories }),
  };
}
