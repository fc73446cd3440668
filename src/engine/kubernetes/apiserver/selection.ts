import { matchesFields, parseFieldSelector } from '../apimachinery/field-selector.ts';
import { matchesSelector, parseSelector } from '../apimachinery/label-selector.ts';
import type { KubeObject } from '../types.ts';
import type { ServedResource } from './core.ts';
import { badRequest } from './errors.ts';
import type { Query } from './request-info.ts';

export type Predicate = (object: KubeObject) => boolean;

/**
 * What labelSelector and fieldSelector choose; undefined: everything.
 * @throws ApiError BadRequest for a selector that cannot be read or a field the kind doesn't select by
 */
export function selection(served: ServedResource, query: Query, name?: string): Predicate | undefined {
  const predicates: Predicate[] = [];
  const labels = query.get('labelSelector');
  if (labels) {
    const selector = parsed(() => parseSelector(labels));
    predicates.push(({ metadata }) => matchesSelector(selector, metadata.labels ?? {}));
  }
  const fields = query.get('fieldSelector');
  if (fields) {
    const terms = parsed(() => parseFieldSelector(fields));
    for (const { field } of terms) checkField(served, field);
    predicates.push((object) => matchesFields(terms, (field) => fieldValue(served, object, field)));
  }
  if (name !== undefined) predicates.push(({ metadata }) => metadata.name === name);
  if (predicates.length === 0) return undefined;
  return predicates.length === 1 ? predicates[0] : (object) => predicates.every((matches) => matches(object));
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function isMetadataField(served: ServedResource, field: string): boolean {
  return field === 'metadata.name' || (field === 'metadata.namespace' && served.definition.namespaced);
}

function checkField(served: ServedResource, field: string): void {
  const selectable = served.definition.selectableFields ?? served.storage.definition.selectableFields;
  if (isMetadataField(served, field) || selectable?.[field]) return;
  throw badRequest(
    selectable
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

function fieldValue(served: ServedResource, object: KubeObject, field: string): string {
  if (field === 'metadata.name') return object.metadata.name;
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  const { definition, storage, conversion } = served;
  const own = definition.selectableFields?.[field];
  if (own) return own(conversion ? conversion.fromStored(object) : object);
  return storage.definition.selectableFields?.[field]?.(object) ?? '';
}
