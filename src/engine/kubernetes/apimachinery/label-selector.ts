import { own } from '../../world/index.ts';
import { errorText, invalid, type FieldError } from './field-error.ts';
import { isQualifiedName, isValidLabelValue } from './names.ts';

/** Label selectors (k8s.io/apimachinery/pkg/labels): text form, structured form, matching, showing. */

export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/** All requirements must hold, so an empty selector matches everything. */
export type Selector = readonly Requirement[];

export type Labels = Readonly<Record<string, string>>;

/** metav1.LabelSelector. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Thrown for text that is no selector; the message is upstream's. */
export class SelectorError extends Error {
  override name = 'SelectorError';
}

type Token = ')' | ',' | '!' | '==' | '=' | '>' | '<' | '!=' | '(' | 'in' | 'notin' | 'identifier' | 'end' | 'error';

interface Item {
  token: Token;
  literal: string;
}

const symbols: ReadonlySet<string> = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '(']);

function tokenize(text: string): Item[] {
  const items: Item[] = [];
  let i = 0;
  while (i < text.length) {
    const c = text[i]!;
    if (' \t\r\n'.includes(c)) {
      i++;
    } else if ('=!(),><'.includes(c)) {
      const symbol = symbols.has(text.slice(i, i + 2)) ? text.slice(i, i + 2) : c;
      items.push({ token: symbol as Token, literal: symbol });
      i += symbol.length;
    } else {
      const word = /^[^=!(),><\s]+/.exec(text.slice(i))![0];
      items.push({ token: word === 'in' || word === 'notin' ? word : 'identifier', literal: word });
      i += word.length;
    }
  }
  items.push({ token: 'end', literal: '' });
  return items;
}

/** Parses `app=web,env in (a,b),!old`; requirements come back sorted by key. Throws SelectorError. */
export function parseSelector(text: string): Selector {
  return new Parser(tokenize(text)).parse();
}

class Parser {
  #items: readonly Item[];
  #position = 0;

  constructor(items: readonly Item[]) {
    this.#items = items;
  }

  parse(): Selector {
    const requirements: Requirement[] = [];
    for (;;) {
      const next = this.#look();
      if (next.token === 'end') break;
      if (next.token !== 'identifier' && next.token !== '!') {
        throw new SelectorError(`found '${next.literal}', expected: !, identifier, or 'end of string'`);
      }
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        throw new SelectorError(`unable to parse requirement: ${(error as Error).message}`);
      }
      const after = this.#take();
      if (after.token === 'end') break;
      if (after.token !== ',') throw new SelectorError(`found '${after.literal}', expected: ',' or 'end of string'`);
      const following = this.#look();
      if (following.token !== 'identifier' && following.token !== '!') {
        throw new SelectorError(`found '${following.literal}', expected: identifier after ','`);
      }
    }
    return byKey(requirements);
  }

  /** The next item; where a value may stand, `in` and `notin` are identifiers. */
  #look(asOperator = false): Item {
    const item = this.#items[Math.min(this.#position, this.#items.length - 1)]!;
    const isWord = item.token === 'in' || item.token === 'notin';
    return isWord && !asOperator ? { ...item, token: 'identifier' } : item;
  }

  #take(asOperator = false): Item {
    const item = this.#look(asOperator);
    this.#position++;
    return item;
  }

  #requirement(): Requirement {
    let item = this.#take();
    const absent = item.token === '!';
    if (absent) item = this.#take();
    if (item.token !== 'identifier') throw new SelectorError(`found '${item.literal}', expected: identifier`);
    const key = item.literal;
    checkKey(key);
    if (absent) return newRequirement(key, '!', []);
    const next = this.#look();
    if (next.token === 'end' || next.token === ',') return newRequirement(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()];
    return newRequirement(key, operator, [...new Set(values)].sort());
  }

  #operator(): SelectorOperator {
    const { token, literal } = this.#take(true);
    if (token === '>') return 'gt';
    if (token === '<') return 'lt';
    if (token === '=' || token === '==' || token === '!=' || token === 'in' || token === 'notin') return token;
    throw new SelectorError(`found '${literal}', expected: in, notin, =, ==, !=, gt, lt`);
  }

  #values(): string[] {
    const open = this.#take();
    if (open.token !== '(') throw new SelectorError(`found '${open.literal}' expected: '('`);
    const first = this.#look();
    if (first.token === ')') {
      this.#take();
      return [];
    }
    if (first.token !== 'identifier' && first.token !== ',') {
      throw new SelectorError(`found '${first.literal}', expected: ',', ')' or identifier`);
    }
    const values = this.#identifiers();
    if (this.#take().token !== ')') throw new SelectorError(`found '${first.literal}', expected: ')'`);
    return values;
  }

  #identifiers(): string[] {
    const values: string[] = [];
    for (;;) {
      const { token, literal } = this.#take();
      if (token === 'identifier') {
        values.push(literal);
        const next = this.#look();
        if (next.token === ')') return values;
        if (next.token !== ',') throw new SelectorError(`found '${next.literal}', expected: ',' or ')'`);
      } else if (token === ',') {
        if (values.length === 0) values.push('');
        const next = this.#look();
        if (next.token === ')') return [...values, ''];
        if (next.token === ',') {
          this.#take();
          values.push('');
        }
      } else {
        throw new SelectorError(`found '${literal}', expected: ',', or identifier`);
      }
    }
  }

  #exactValue(): string {
    const next = this.#look();
    if (next.token === 'end' || next.token === ',') return '';
    this.#position++;
    if (next.token !== 'identifier') throw new SelectorError(`found '${next.literal}', expected: identifier`);
    return next.literal;
  }
}

function checkKey(key: string): void {
  const errors = isQualifiedName(key);
  if (errors.length > 0) throw new SelectorError(errorText(invalid('<nil>', key, errors.join('; '))));
}

/** Checks as `labels.NewRequirement`. Throws SelectorError. */
function newRequirement(key: string, operator: SelectorOperator, values: readonly string[]): Requirement {
  const errors: FieldError[] = [];
  if ((operator === 'in' || operator === 'notin') && values.length === 0) {
    errors.push(invalid('values', values, "for 'in', 'notin' operators, values set can't be empty"));
  }
  if ((operator === 'gt' || operator === 'lt') && !/^[-+]?[0-9]+$/.test(values[0] ?? '')) {
    errors.push(invalid('values[0]', values[0], "for 'Gt', 'Lt' operators, the value must be an integer"));
  }
  values.forEach((value, i) => {
    const complaints = isValidLabelValue(value);
    if (complaints.length > 0) errors.push(invalid(`values[${i}][${key}]`, value, complaints.join('; ')));
  });
  if (errors.length === 1) throw new SelectorError(errorText(errors[0]!));
  if (errors.length > 1) throw new SelectorError(`[${errors.map(errorText).join(', ')}]`);
  return { key, operator, values };
}

function byKey(requirements: readonly Requirement[]): Requirement[] {
  return [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

const structuredOperators: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/**
 * `LabelSelectorAsSelector`: undefined (matches nothing) without a selector; an empty one matches everything.
 * Throws SelectorError for an operator that doesn't exist.
 */
export function selectorFrom(selector: LabelSelector | undefined | null): Selector | undefined {
  if (!selector) return undefined;
  const requirements: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = structuredOperators[operator];
    if (!known || known === 'gt' || known === 'lt')
      throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    requirements.push({ key, operator: known, values: [...(values ?? [])].sort() });
  }
  return byKey(requirements);
}

/** A selector of plain pairs (Service and ReplicationController selectors). */
export function selectorFromLabels(labels: Labels | undefined): Selector {
  return byKey(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=' as const, values: [value] })));
}

/** Does the selector choose an object with these labels? Undefined selectors choose nothing. */
export function matchesSelector(selector: Selector | undefined, labels: Labels | undefined): boolean {
  return selector !== undefined && selector.every((requirement) => matchesRequirement(requirement, labels ?? {}));
}

/** The same for a structured selector. */
export function matchesLabelSelector(selector: LabelSelector | undefined | null, labels: Labels | undefined): boolean {
  return matchesSelector(selectorFrom(selector), labels);
}

function matchesRequirement({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = own(labels, key);
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      if (value === undefined || !/^[-+]?[0-9]+$/.test(value)) return false;
      return operator === 'gt' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0]);
    }
  }
}

/** `app=web,env in (a,b),!old`. */
export function formatSelector(selector: Selector): string {
  return selector.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** As tables and `describe` show a structured selector; `<none>` if it is empty (`FormatLabelSelector`). */
export function formatLabelSelector(selector: LabelSelector | undefined | null): string {
  try {
    return formatSelector(selectorFrom(selector) ?? []) || '<none>';
  } catch {
    return '<error>';
  }
}

/** `a=1,b=2` with keys sorted, `<none>` if there are none (`FormatLabels`). */
export function formatLabels(labels: Labels | undefined | null): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.sort().join(',') || '<none>';
}
