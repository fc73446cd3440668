import type { Field, FieldType, StructType } from '../../schema/index.ts';
import { byKeys, shapeOf } from '../field-ownership.ts';
import { pathText } from '../field-set.ts';
import { isRecord } from '../objects.ts';

/**
 * What keeps a configuration from being applied: fields that its type lacks and values that don't fit
 * (structured-merge-diff's typed.AsTyped). Each text starts with the field's path.
 */
export function typeProblems(config: Readonly<Record<string, unknown>>, type: StructType): string[] {
  const problems: string[] = [];
  checkStruct(config, type, [], problems);
  return problems;
}

/** One problem as it is, several as a list (typed.ValidationErrors). */
export function problemsText(problems: readonly string[]): string {
  return problems.length === 1 ? problems[0]! : `errors:\n  ${problems.join('\n  ')}`;
}

type Path = readonly string[];

function checkStruct(value: Readonly<Record<string, unknown>>, type: StructType, path: Path, problems: string[]): void {
  for (const [name, member] of Object.entries(value)) {
    const at = [...path, `f:${name}`];
    const field = type.fields.get(name);
    if (field) check(member, field.type, field, at, problems);
    else if (!type.preserveUnknown) problems.push(`${pathText(at)}: field not declared in schema`);
  }
}

function check(value: unknown, type: FieldType, field: Field | undefined, path: Path, problems: string[]): void {
  if (value === null || value === undefined) return;
  const complain = (what: string) => void problems.push(`${pathText(path)}: ${what}`);
  switch (type.kind) {
    case 'struct':
      if (!isRecord(value)) return complain(`expected map, got ${shown(value)}`);
      return checkStruct(value, type.struct, path, problems);
    case 'map':
      if (!isRecord(value)) return complain(`expected map, got ${shown(value)}`);
      for (const [name, member] of Object.entries(value))
        check(member, type.items, undefined, [...path, `f:${name}`], problems);
      return;
    case 'list':
      if (!Array.isArray(value)) return complain(`expected list, got ${shown(value)}`);
      return checkList(value, type.items, type, field, path, problems);
    case 'string':
      return typeof value === 'string' ? undefined : complain(`expected string, got ${shown(value)}`);
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number' ? undefined : complain(`expected numeric (int or float), got ${goType(value)}`);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : complain(`expected boolean, got ${shown(value)}`);
  }
}

function checkList(
  value: readonly unknown[],
  items: FieldType,
  type: FieldType,
  field: Field | undefined,
  path: Path,
  problems: string[],
): void {
  const shape = shapeOf(value, type, field);
  const seen = new Set<string>();
  value.forEach((item, i) => {
    let element = `i:${i}`;
    if (shape.kind === 'keyed') {
      const [missing] = shape.keys.filter((key) => isRecord(item) && item[key] === undefined && !hasDefault(key));
      if (missing !== undefined) {
        const what = `associative list with keys has an element that omits key field ${JSON.stringify(missing)}`;
        problems.push(`${pathText(path)}: element ${i}: ${what} (and doesn't have default value)`);
        return;
      }
      element = [...byKeys([item], shape.keys).keys()][0] ?? element;
    } else if (shape.kind === 'set') element = `v:${JSON.stringify(item)}`;
    if (seen.has(element)) problems.push(`${pathText(path)}: duplicate entries for key ${pathText([element])}`);
    seen.add(element);
    check(item, items, undefined, [...path, element], problems);
  });
}

/** Keys of lists that an item may leave out (`+default` beside `+listMapKey`). */
function hasDefault(key: string): boolean {
  return key === 'protocol' || key === 'ip';
}

/** A value as Go's `%#v` shows it. */
function shown(value: unknown): string {
  return `&value.valueUnstructured{Value:${goSyntax(value)}}`;
}

function goSyntax(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isRecord(value)) return value === null ? 'interface {}(nil)' : String(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${goSyntax(value[key])}`);
  return `map[string]interface {}{${members.join(', ')}}`;
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  return { string: 'string', boolean: 'bool' }[typeof value as string] ?? 'map[string]interface {}';
}
