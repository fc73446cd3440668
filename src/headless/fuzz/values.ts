import type { FieldType, StructType } from '../../engine/kubernetes/schema/index.ts';
import type { RandomStream } from '../../engine/world/index.ts';

/** Values that fit their schema but make little sense, and some that do not even fit. */

const strings = [
  ...['', 'a', 'web', 'a/b', 'Upper', '10.0.0.1', '10.96.0.77', 'http', '50%', '*', 'a=b', '2020-01-01', '0 * * * *'],
  ...[
    'x'.repeat(300),
    'ünï\u0000cödé',
    '\ud800',
    '__proto__',
    'constructor',
    'Always',
    'ClusterIP',
    'TCP',
    '{{}}',
    ' ',
  ],
];
const numbers = [0, 1, -1, 3, 80, 30080, 65536, 2147483647, -2147483648, 9007199254740991];
const quantities = ['0', '1', '-1', '100m', '1Gi', '1e3', '0.5', '1.5Gi', '10E', '', 'x', '1Gi '];
const junk: readonly unknown[] = [null, true, 0, 1.5, -1, 1e30, '', 'x', [], {}, [null], { a: null }, [[1]], { '': 1 }];

export class Values {
  readonly random: RandomStream;

  constructor(random: RandomStream) {
    this.random = random;
  }

  chance(p: number): boolean {
    return this.random.float() < p;
  }

  /** @param wild how likely a value is of another type than its field */
  struct(type: StructType, depth: number, wild: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const density = depth > 6 ? 0.08 : 0.3;
    for (const field of type.fields.values()) {
      if (depth === 0 && ['metadata', 'apiVersion', 'kind'].includes(field.name)) continue;
      if (this.chance(density + (field.required ? 0.5 : 0)))
        result[field.name] = this.value(field.type, depth + 1, wild);
    }
    if (this.chance(wild)) result[this.random.pick(['spec', 'nope', '__proto__', '$patch', 'metadata'])] = this.junk();
    return result;
  }

  value(type: FieldType, depth: number, wild: number): unknown {
    if (this.chance(wild)) return this.junk();
    const { random } = this;
    switch (type.kind) {
      case 'struct':
        return depth > 9 ? {} : this.struct(type.struct, depth, wild);
      case 'list':
        return Array.from({ length: random.int(3) }, () => this.value(type.items, depth, wild));
      case 'map':
        return Object.fromEntries(
          Array.from({ length: random.int(3) }, () => [random.pick(strings), this.value(type.items, depth, wild)]),
        );
      case 'int32':
      case 'int64':
      case 'double':
        return random.pick(numbers);
      case 'boolean':
        return this.chance(0.5);
      case 'quantity':
        return random.pick(quantities.slice(0, this.chance(0.9) ? 9 : undefined));
      case 'intOrString':
        return random.pick<unknown>([0, 80, '50%', 'http', '', '150%', -1]);
      case 'time':
        return random.pick(['2020-01-01T00:00:00Z', '2030-06-01T00:00:00Z', '0001-01-01T00:00:00Z']);
      case 'microTime':
        return '2020-01-01T00:00:00.000000Z';
      case 'bytes':
        return random.pick(['', 'YQ==', '////']);
      case 'object':
        return random.pick<unknown>([{}, { a: 1 }, { 'f:metadata': {} }]);
      case 'any':
        return random.pick<unknown>(['x', {}, [], 1, { type: 'string' }]);
      case 'string':
        return random.pick(type.values && this.chance(0.7) ? type.values : strings);
    }
  }

  junk(): unknown {
    const { random } = this;
    if (this.chance(0.7)) return random.pick(junk);
    return { [random.pick(strings)]: random.pick(junk), [random.pick(strings)]: random.pick(strings) };
  }

  /** The same value with something in it changed, added or taken away. */
  mutated(value: unknown, depth = 0): unknown {
    if (Array.isArray(value)) {
      if (value.length === 0 || this.chance(0.2)) return [...(value as unknown[]), this.junk()];
      const at = this.random.int(value.length);
      if (this.chance(0.2)) return value.filter((_, i) => i !== at);
      return value.map((item: unknown, i) => (i === at ? this.mutated(item, depth + 1) : item));
    }
    if (typeof value === 'object' && value !== null) {
      const keys = Object.keys(value);
      if (keys.length === 0 || this.chance(0.1)) return { ...value, [this.random.pick(strings)]: this.junk() };
      const key = this.random.pick(keys);
      const { [key]: inner, ...rest } = value as Record<string, unknown>;
      return this.chance(0.1) && depth > 0 ? rest : { ...value, [key]: this.mutated(inner, depth + 1) };
    }
    return this.chance(0.5) ? this.junk() : this.random.pick<unknown>([...strings, ...numbers]);
  }

  string(): string {
    return this.random.pick(strings);
  }
}
