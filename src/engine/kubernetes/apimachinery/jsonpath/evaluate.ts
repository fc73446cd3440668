import { sprint } from '../../../gotemplate/index.ts';
import { JsonPathError, type Node } from './ast.ts';

export interface EvaluateOptions {
  /** A missing field gives nothing instead of an error. */
  allowMissingKeys: boolean;
}

/** Evaluates a parsed template on one object. */
export class Evaluator {
  readonly #nodes: readonly Node[];
  readonly #options: EvaluateOptions;
  /** A `range` was met and its loop has to begin. */
  #beginRange = 0;
  #inRange = 0;
  #endRange = 0;
  /** Where the last `end` was. */
  #lastEnd = -1;

  constructor(nodes: readonly Node[], options: EvaluateOptions) {
    this.#nodes = nodes;
    this.#options = options;
  }

  /** The values that each top-level part of the template finds. @throws JsonPathError */
  find(data: unknown): unknown[][] {
    return this.#results(0, data);
  }

  /** Evaluates the parts from `start` up to the `end` of the range they are in. */
  #results(start: number, data: unknown): unknown[][] {
    const out: unknown[][] = [];
    for (let i = start; i < this.#nodes.length; i++) {
      const results = this.#walk([data], this.#nodes[i]!);
      if (this.#endRange > 0 && this.#endRange <= this.#inRange) {
        this.#endRange--;
        this.#lastEnd = i;
        break;
      }
      if (this.#beginRange > 0) {
        this.#beginRange--;
        this.#inRange++;
        for (const item of results) out.push(...this.#results(i + 1, item));
        // Without items the body is still gone through, to find its end.
        if (results.length === 0) this.#results(i + 1, undefined);
        this.#inRange--;
        if (this.#lastEnd > i) i = this.#lastEnd;
        continue;
      }
      out.push(results);
    }
    return out;
  }

  #walk(values: readonly unknown[], node: Node): unknown[] {
    switch (node.type) {
      case 'list': {
        let current = [...values];
        for (const child of node.nodes) current = this.#walk(current, child);
        return current;
      }
      case 'text':
        return [node.text];
      case 'int':
      case 'bool':
        return [node.value];
      case 'float':
        return [node.value];
      case 'field':
        return this.#field(values, node.name);
      case 'array':
        return this.#array(values, node.params);
      case 'filter':
        return this.#filter(values, node);
      case 'wildcard':
        return values.flatMap(children);
      case 'recursive':
        return values.flatMap((v) => descendants(v));
      case 'union':
        return node.nodes.flatMap((n) => this.#walk(values, n));
      case 'identifier':
        return this.#identifier(values, node.name);
    }
  }

  #identifier(values: readonly unknown[], name: string): unknown[] {
    if (name === 'range') this.#beginRange++;
    else if (name !== 'end') throw new JsonPathError(`unrecognized identifier ${name}`);
    else if (this.#endRange < this.#inRange) this.#endRange++;
    else throw new JsonPathError('not in range, nothing to end');
    return [...values];
  }

  #field(values: readonly unknown[], name: string): unknown[] {
    const found: unknown[] = [];
    for (const value of values) {
      if (value === null || typeof value !== 'object' || Array.isArray(value)) continue;
      const map = value as Record<string, unknown>;
      if (Object.hasOwn(map, name) && map[name] !== undefined) found.push(map[name]);
    }
    if (found.length === 0 && !this.#options.allowMissingKeys) throw new JsonPathError(`${name} is not found`);
    return found;
  }

  #array(values: readonly unknown[], params: (Node & { type: 'array' })['params']): unknown[] {
    const out: unknown[] = [];
    for (const value of values) {
      if (value === null || value === undefined) continue;
      if (!Array.isArray(value)) throw new JsonPathError(`${goType(value)} is not array or slice`);
      const [from, to, step] = params;
      const length = value.length;
      let start = from.known ? from.value : 0;
      if (start < 0) start += length;
      let end = to.known ? to.value : length;
      if (end < 0 || (end === 0 && to.derived)) end += length;
      if (to.derived && (start >= length || start < 0))
        throw new JsonPathError(`array index out of bounds: index ${start}, length ${length}`);
      if (!to.derived) {
        start = Math.max(0, Math.min(start, from.known && start >= length ? length : start));
        end = Math.min(end, length);
      }
      if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`);
      const by = step.known ? step.value : 1;
      if (step.known && by <= 0) throw new JsonPathError('step must be > 0');
      for (let i = start; i < end; i += by) out.push(value[i]);
    }
    return out;
  }

  #filter(values: readonly unknown[], node: Node & { type: 'filter' }): unknown[] {
    const out: unknown[] = [];
    for (const value of values) {
      if (value === null || value === undefined) continue;
      if (!Array.isArray(value))
        throw new JsonPathError(`${sprint(value)} is not array or slice and cannot be filtered`);
      for (const item of value) if (this.#passes(item, node)) out.push(item);
    }
    return out;
  }

  #passes(item: unknown, node: Node & { type: 'filter' }): boolean {
    // A filter's operand may be missing whatever the options say.
    const lenient = new Evaluator(this.#nodes, { ...this.#options, allowMissingKeys: true });
    const side = (n: Node): unknown[] => lenient.#walk([item], n);
    const left = side(node.left);
    if (node.operator === 'exists') return left.length > 0;
    if (left.length === 0) return false;
    if (left.length > 1) throw new JsonPathError('can only compare one element at a time');
    const right = side(node.right!);
    if (right.length === 0) return false;
    if (right.length > 1) throw new JsonPathError('can only compare one element at a time');
    return compare(left[0], node.operator, right[0]);
  }
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string') ||
    (typeof left === 'boolean' && typeof right === 'boolean' && (operator === '==' || operator === '!='));
  if (!comparable) throw new JsonPathError(invalidComparison(left, right));
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return (left as number) < (right as number);
    case '>':
      return (left as number) > (right as number);
    case '<=':
      return (left as number) <= (right as number);
    case '>=':
      return (left as number) >= (right as number);
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
}

function invalidComparison(left: unknown, right: unknown): string {
  const kinds = [left, right].map((v) => (v === null || typeof v === 'object' ? 'other' : typeof v));
  return kinds.includes('other') ? 'invalid type for comparison' : 'incompatible types for comparison';
}

/** The members of an object (by sorted key) or the items of an array. */
function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  if (value === null || typeof value !== 'object') return [];
  const map = value as Record<string, unknown>;
  return Object.keys(map)
    .sort()
    .map((key) => map[key]);
}

function descendants(value: unknown): unknown[] {
  if (value === null || value === undefined || value === '') return [];
  const below = children(value).filter((v) => v !== null && (typeof v === 'object' || typeof v === 'string'));
  return [value, ...below.flatMap((v) => (typeof v === 'string' ? [v] : descendants(v)))];
}

function goType(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return 'map[string]interface {}';
}
