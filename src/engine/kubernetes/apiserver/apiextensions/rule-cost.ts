import { additionalSchema, type JsonSchema } from './schema.ts';
import { unescapedName } from './rule-names.ts';

/**
 * How much a rule may cost at worst (cel-go's checker/cost.go with the sizes of k8s.io/apiserver/pkg/cel): definitions
 * with rules that could keep the server busy are refused.
 */

/** A node of the interpreter's syntax tree. */
export interface RuleNode {
  readonly op: string;
  readonly args: unknown;
}

/** Largest request that the server takes (bytes). */
const maxRequest = 3 * 1024 * 1024;
const traversal = 0.1;
const regexFactor = 0.25;
const listCost = 10;
const mapCost = 30;

interface Estimate {
  readonly cost: number;
  /** Most elements, characters or bytes of the value; 1 for scalars. */
  readonly size: number;
  /** Undefined where the type is not known. */
  readonly schema: JsonSchema | undefined;
}

type Scope = ReadonlyMap<string, JsonSchema | undefined>;

/** @param schema of `self` */
export function ruleCost(ast: RuleNode, schema: JsonSchema): number {
  return estimate(
    ast,
    new Map([
      ['self', schema],
      ['oldSelf', schema],
    ]),
  ).cost;
}

/** How often a value of this schema fits into a request. */
export function requestCardinality(schema: JsonSchema): number {
  return Math.floor(maxRequest / (minSize(schema) + 1));
}

/** The shortest JSON of a value. */
function minSize(schema: JsonSchema): number {
  if (schema['x-kubernetes-int-or-string']) return 1;
  switch (schema.type) {
    case 'boolean':
      return 4;
    case 'integer':
    case 'number':
      return 1;
    case 'object': {
      if (additionalSchema(schema)) return 2;
      let size = 2;
      for (const name of schema.required ?? []) {
        const property = schema.properties?.[name];
        if (property && property.default === undefined) size += name.length + minSize(property) + 4;
      }
      return size;
    }
    default:
      return schema.format === 'date' ? 12 : schema.format === 'date-time' ? 22 : 2;
  }
}

/** Most elements or characters of a value (DeclType.MaxElements). */
function maxSize(schema: JsonSchema | undefined): number {
  if (!schema) return Infinity;
  if (schema['x-kubernetes-int-or-string']) return maxRequest - 2;
  switch (schema.type) {
    case 'string':
      if (schema.maxLength !== undefined) return schema.maxLength * 4;
      if (schema.enum) return Math.max(0, ...schema.enum.map((value) => String(value).length));
      if (schema.format === 'date' || schema.format === 'date-time' || schema.format === 'duration') return 1;
      return maxRequest - 2;
    case 'array':
      return schema.maxItems ?? Math.floor((maxRequest - 2) / (minSize(schema.items ?? {}) + 1));
    case 'object': {
      const values = additionalSchema(schema);
      if (values) return schema.maxProperties ?? Math.floor((maxRequest - 2) / (minSize(values) + 7));
      return schema.properties ? 1 : Infinity;
    }
    case 'integer':
    case 'number':
    case 'boolean':
      return 1;
    default:
      return Infinity;
  }
}

const typed = (cost: number, schema: JsonSchema | undefined): Estimate => ({ cost, size: maxSize(schema), schema });
const scalar = (cost: number, type: JsonSchema['type'] = 'boolean'): Estimate => ({
  cost,
  size: 1,
  schema: { type: type! },
});
const text = (cost: number, size: number): Estimate => ({
  cost,
  size,
  schema: { type: 'string', maxLength: size / 4 },
});

function estimate(node: RuleNode, scope: Scope): Estimate {
  const of = (one: unknown) => estimate(one as RuleNode, scope);
  const list = node.args as readonly unknown[];
  switch (node.op) {
    case 'value':
      return typeof node.args === 'string'
        ? text(0, node.args.length)
        : scalar(0, typeof node.args === 'boolean' ? 'boolean' : 'integer');
    case 'id':
      return typed(1, scope.get(node.args as string));
    case '.':
    case '.?': {
      const target = of(list[0]);
      return typed(target.cost + 1, fieldOf(target.schema, list[1] as string));
    }
    case '[]':
    case '[?]': {
      const [target, index] = [of(list[0]), of(list[1])];
      const { schema } = target;
      const element = schema?.type === 'array' ? schema.items : schema && additionalSchema(schema);
      return typed(target.cost + index.cost + 1, element);
    }
    case '&&':
    case '||':
      return scalar(of(list[0]).cost + of(list[1]).cost);
    case '?:': {
      const [condition, yes, no] = [of(list[0]), of(list[1]), of(list[2])];
      const larger = yes.size >= no.size ? yes : no;
      return { ...larger, cost: condition.cost + Math.max(yes.cost, no.cost) };
    }
    case '!_':
    case '-_': {
      const operand = of(node.args);
      return { ...operand, cost: operand.cost + 1 };
    }
    case 'list': {
      const items = list.map(of);
      const schema: JsonSchema = {
        type: 'array',
        maxItems: items.length,
        ...(items[0]?.schema && { items: items[0].schema }),
      };
      return { cost: listCost + sum(items), size: items.length, schema };
    }
    case 'map': {
      const entries = (list as readonly (readonly unknown[])[]).flatMap((entry) => entry.slice(0, 2)).map(of);
      return { cost: mapCost + sum(entries), size: entries.length / 2, schema: undefined };
    }
    case 'call':
      return call(list[0] as string, undefined, list[1] as readonly RuleNode[], scope);
    case 'rcall':
      return call(list[0] as string, list[1] as RuleNode, list[2] as readonly RuleNode[], scope);
    default:
      return binary(node.op, of(list[0]), of(list[1]));
  }
}

const sum = (estimates: readonly Estimate[]): number => estimates.reduce((total, { cost }) => total + cost, 0);

function fieldOf(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  if (!schema) return undefined;
  const known = schema.properties?.[unescapedName(name)];
  if (known) return known;
  const values = additionalSchema(schema);
  if (values) return values;
  if (name === 'metadata')
    return { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } };
  if (name === 'apiVersion' || name === 'kind') return { type: 'string' };
  return undefined;
}

function binary(op: string, left: Estimate, right: Estimate): Estimate {
  const cost = left.cost + right.cost;
  switch (op) {
    case '==':
    case '!=':
      return scalar(cost + Math.ceil(Math.min(left.size, right.size) * traversal));
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const isText = left.schema?.type === 'string' && right.schema?.type === 'string';
      return scalar(cost + (isText ? Math.ceil(Math.min(left.size, right.size) * traversal) : 1));
    }
    case '+': {
      const type = left.schema?.type ?? right.schema?.type;
      if (type !== 'string' && type !== 'array')
        return type ? scalar(cost + 1, 'integer') : { cost: cost + 1, size: 1, schema: undefined };
      const size = left.size + right.size;
      return {
        cost: cost + Math.ceil(size * traversal),
        size,
        schema: { ...left.schema, ...(type === 'string' ? { maxLength: size / 4 } : { maxItems: size }) },
      };
    }
    case 'in':
      return scalar(cost + (right.schema?.type === 'array' ? right.size : 1));
    default:
      return scalar(cost + 1, 'integer');
  }
}

/** Macros that go through a list or the keys of a map: how many names they bind before what they evaluate. */
const macros = new Set(['all', 'exists', 'exists_one', 'existsOne', 'filter', 'map']);

function call(name: string, receiver: RuleNode | undefined, args: readonly RuleNode[], scope: Scope): Estimate {
  if (receiver && macros.has(name) && args.length >= 2 && args[0]!.op === 'id')
    return loop(name, estimate(receiver, scope), args, scope);
  const target = receiver && estimate(receiver, scope);
  const given = args.map((arg) => estimate(arg, scope));
  const all = target ? [target, ...given] : given;
  const cost = sum(all);
  const [first, second] = all;
  const size = first?.size ?? 1;
  switch (name) {
    case 'has':
    case 'size':
    case 'type':
      return scalar(cost + 1, name === 'size' ? 'integer' : 'boolean');
    case 'string': {
      const known = first?.schema?.type === 'string';
      return {
        cost: cost + (known ? Math.ceil(size * traversal) : 1),
        size: known ? size : Infinity,
        schema: { type: 'string' },
      };
    }
    case 'contains':
      return scalar(cost + Math.ceil(size * traversal) * Math.max(1, Math.ceil((second?.size ?? 1) * traversal)));
    case 'startsWith':
    case 'endsWith':
      return scalar(cost + Math.ceil((second?.size ?? 1) * traversal));
    case 'matches':
    case 'find':
    case 'findAll': {
      const regex = Math.max(1, (second?.size ?? 1) * regexFactor);
      const total = cost + Math.ceil((size + 1) * traversal) * regex;
      return name === 'matches' ? scalar(total) : text(total, size);
    }
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
    case 'replace':
    case 'reverse':
      return text(
        cost + Math.ceil(size * traversal),
        name === 'replace' ? size * Math.max(1, all[2]?.size ?? 1) : size,
      );
    case 'split':
      return {
        cost: cost + Math.ceil(size * traversal),
        size,
        schema: { type: 'array', maxItems: size, items: { type: 'string', maxLength: size / 4 } },
      };
    case 'join':
      return text(cost + Math.ceil(size * traversal), size * maxSize(first?.schema?.items));
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf': {
      const element = first?.schema?.type === 'array' ? maxSize(first.schema.items) : 1;
      const each = first?.schema?.items?.type === 'string' ? Math.ceil(element * traversal) : 1;
      return typed(cost + size * each, first?.schema?.items ?? { type: 'integer' });
    }
    case 'isURL':
    case 'url':
    case 'isIP':
    case 'ip':
    case 'isCIDR':
    case 'cidr':
    case 'quantity':
    case 'isQuantity':
    case 'isSemver':
    case 'semver':
    case 'timestamp':
    case 'duration':
      return {
        cost: cost + Math.ceil(size * traversal),
        size: 1,
        schema: name.startsWith('is') ? { type: 'boolean' } : undefined,
      };
    default:
      return { cost: cost + 1, size: 1, schema: undefined };
  }
}

function loop(name: string, range: Estimate, args: readonly RuleNode[], scope: Scope): Estimate {
  const inner = new Map(scope);
  const element = elementOf(range.schema);
  const names = args.slice(0, args.length - 1).filter(({ op }, i) => op === 'id' && (i === 0 || name !== 'map'));
  names.forEach((bound, i) =>
    inner.set(bound.args as string, names.length > 1 && i === 0 ? { type: 'integer' } : element),
  );
  const steps = args.slice(names.length).map((arg) => estimate(arg, inner));
  const body = sum(steps);
  // Each step looks at the condition of the loop and at what was gathered so far.
  const each = body + (name === 'map' || name === 'filter' ? listCost + 4 : 4);
  const cost = range.cost + range.size * each + 1;
  if (name === 'filter') return { cost: cost + listCost, size: range.size, schema: range.schema };
  if (name === 'map') {
    const items = steps.at(-1)!.schema;
    return {
      cost: cost + listCost,
      size: range.size,
      schema: { type: 'array', maxItems: range.size, ...(items && { items }) },
    };
  }
  return scalar(cost);
}

/** What macros bind: items of lists, keys of maps. */
function elementOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  if (schema?.type === 'array') return schema.items;
  return schema?.type === 'object' ? { type: 'string' } : undefined;
}
