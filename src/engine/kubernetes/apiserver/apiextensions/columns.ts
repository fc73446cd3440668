import { JsonPathError, JsonPathTemplate } from '../../apimachinery/jsonpath/index.ts';
import { ageSince } from '../../apimachinery/duration.ts';
import { sprint } from '../../../gotemplate/index.ts';
import { nameColumn } from '../resources/common/columns.ts';
import type { Column } from '../resources/kind.ts';
import type { PrinterColumn } from './types.ts';

/** Table columns of custom resources (apiextensions-apiserver/pkg/registry/customresource/tableconvertor). */

const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description: 'When the server stored the object, in RFC3339 form and UTC.',
  jsonPath: '.metadata.creationTimestamp',
};

export function printerColumns(columns: readonly PrinterColumn[] | undefined): readonly Column[] {
  const own = columns?.length ? columns : [ageColumn];
  return [nameColumn, ...own.map(printerColumn)];
}

function printerColumn({ name, type, format = '', description, priority = 0, jsonPath }: PrinterColumn): Column {
  const path = new JsonPathTemplate(`{${jsonPath}}`, { allowMissingKeys: true });
  return {
    name,
    type: type as Column['type'],
    format: format as Column['format'] & string,
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority as 0 | 1,
    // A cell without a value is null.
    value: (object, now) => cell(first(path, object), type, now) as string,
  };
}

function first(path: JsonPathTemplate, object: unknown): unknown {
  try {
    return path.find(object)[0]?.[0];
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

function cell(value: unknown, type: string, now: number): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : sprint(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageSince(value, now);
    default:
      return null;
  }
}
