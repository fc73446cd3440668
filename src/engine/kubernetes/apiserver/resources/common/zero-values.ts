import type { Field, FieldType, StructType } from '../../../schema/index.ts';

/**
 * Required fields that are absent get Go's zero value, as they do when the real server reads an object into its structs:
 * validation then finds an empty name, not a missing one. Lists and pointers stay absent.
 */
export function fillZeroValues(object: object, type: StructType): void {
  const plan = planOf(type);
  if (plan) fill(object as Record<string, unknown>, plan);
}

interface Plan {
  zeros: readonly (readonly [name: string, zero: string | number | boolean])[];
  structs: readonly string[];
  inside: readonly (readonly [name: string, shape: 'struct' | 'list' | 'map', plan: Plan])[];
}

const plans = new WeakMap<StructType, Plan | null>();

/** Required structs that are pointers in Go. */
const pointers: ReadonlySet<string> = new Set(['selector', 'metadata']);

function planOf(type: StructType): Plan | null {
  const known = plans.get(type);
  if (known !== undefined) return known;
  // Types that refer to themselves find no plan on the way down; none of them has required fields.
  plans.set(type, null);
  const fields = [...type.fields.values()];
  const plan: Plan = {
    zeros: fields.filter((f) => f.required).flatMap((f) => zeroOf(f)),
    structs: fields.filter((f) => f.required && f.type.kind === 'struct' && !pointers.has(f.name)).map((f) => f.name),
    inside: fields.flatMap((f) => insideOf(f)),
  };
  const isEmpty = plan.zeros.length === 0 && plan.inside.length === 0 && plan.structs.length === 0;
  const result = isEmpty ? null : plan;
  plans.set(type, result);
  return result;
}

function zeroOf({ name, type }: Field): (readonly [string, string | number | boolean])[] {
  const zeros: Partial<Record<FieldType['kind'], string | number | boolean>> = {
    string: '',
    bytes: '',
    int32: 0,
    int64: 0,
    double: 0,
    boolean: false,
    quantity: '0',
    intOrString: 0,
  };
  const zero = zeros[type.kind];
  return zero === undefined ? [] : [[name, zero]];
}

function insideOf({ name, type }: Field): (readonly [string, 'struct' | 'list' | 'map', Plan])[] {
  if (name === 'metadata' || name === 'status') return [];
  const shape = type.kind === 'list' || type.kind === 'map' ? type.kind : 'struct';
  const held = type.kind === 'list' || type.kind === 'map' ? type.items : type;
  const plan = held.kind === 'struct' ? planOf(held.struct) : null;
  return plan ? [[name, shape, plan]] : [];
}

function fill(object: Record<string, unknown>, { zeros, structs, inside }: Plan): void {
  for (const [name, zero] of zeros) object[name] ??= zero;
  for (const name of structs) object[name] ??= {};
  for (const [name, shape, plan] of inside) {
    const value = object[name];
    if (value === undefined || value === null) continue;
    if (shape === 'struct') fill(value as Record<string, unknown>, plan);
    else for (const item of Object.values(value)) if (item) fill(item as Record<string, unknown>, plan);
  }
}
