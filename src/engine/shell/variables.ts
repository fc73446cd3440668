import { own } from '../world/index.ts';
import { ShellError } from './errors.ts';

/** A shell variable. `items` holds the elements of an array, by number (indexed) or by text (associative). */
export interface Variable {
  kind: 'scalar' | 'indexed' | 'associative';
  value: string | undefined;
  items: Map<string, string> | undefined;
  exported: boolean;
  readonly: boolean;
  integer: boolean;
  letterCase: 'lower' | 'upper' | undefined;
  nameref: boolean;
}

/** Longest value, in UTF-16 units: runaway growth ends in an allocation error, as it would on a small machine. */
const sizeLimit = 16 << 20;

export function newVariable(value?: string): Variable {
  return {
    kind: 'scalar',
    value,
    items: undefined,
    exported: false,
    readonly: false,
    integer: false,
    letterCase: undefined,
    nameref: false,
  };
}

export function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

/** Values the shell computes when asked: RANDOM, SECONDS, … */
export type DynamicVariables = Record<string, (() => string | undefined) | undefined>;

/** The variables of one shell: globals, and a scope for each running function (bash's dynamic scoping). */
export class Variables {
  #scopes: Map<string, Variable>[] = [new Map()];
  dynamic: DynamicVariables = {};

  clone(): Variables {
    const copy = new Variables();
    copy.#scopes = this.#scopes.map((scope) => {
      const entries = new Map<string, Variable>();
      for (const [name, v] of scope) entries.set(name, { ...v, items: v.items && new Map(v.items) });
      return entries;
    });
    return copy;
  }

  pushScope(): void {
    this.#scopes.push(new Map());
  }

  popScope(): void {
    if (this.#scopes.length > 1) this.#scopes.pop();
  }

  get inFunction(): boolean {
    return this.#scopes.length > 1;
  }

  lookup(name: string): Variable | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const found = this.#scopes[i]!.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** Follows `declare -n`. */
  resolve(name: string): string {
    for (let i = 0; i < 8; i++) {
      const v = this.lookup(name);
      if (!v?.nameref || !v.value) return name;
      name = v.value;
    }
    return name;
  }

  /** The scalar value: an array gives its element 0. */
  get(name: string): string | undefined {
    const dynamic = own(this.dynamic, name);
    if (dynamic) {
      const value = dynamic();
      if (value !== undefined) return value;
    }
    const v = this.lookup(this.resolve(name));
    if (!v) return undefined;
    return v.kind === 'scalar' ? v.value : v.items!.get('0');
  }

  getElement(name: string, key: string): string | undefined {
    const v = this.lookup(this.resolve(name));
    if (!v) return key === '0' ? this.get(name) : undefined;
    if (v.kind === 'scalar') return key === '0' ? v.value : undefined;
    return v.items!.get(key);
  }

  /** Keys of an array in order (`0` for a scalar that is set). */
  keys(name: string): string[] {
    const v = this.lookup(this.resolve(name));
    if (!v) return this.get(name) === undefined ? [] : ['0'];
    if (v.kind === 'scalar') return v.value === undefined ? [] : ['0'];
    return orderedKeys(v);
  }

  elements(name: string): string[] {
    const v = this.lookup(this.resolve(name));
    if (!v || v.kind === 'scalar') {
      const value = this.get(name);
      return value === undefined ? [] : [value];
    }
    return orderedKeys(v).map((key) => v.items!.get(key)!);
  }

  /** The variable to assign to: the innermost one of that name, else a new global. */
  target(name: string): Variable {
    const resolved = this.resolve(name);
    let v = this.lookup(resolved);
    if (!v) this.#scopes[0]!.set(resolved, (v = newVariable()));
    return v;
  }

  /** @throws ShellError if the variable is read-only or the value too long. */
  set(name: string, value: string): Variable {
    const v = this.target(name);
    if (v.readonly) throw new ShellError(`${name}: readonly variable`);
    if (value.length > sizeLimit)
      throw new ShellError(`xrealloc: cannot allocate ${value.length} bytes`, { status: 2, fatal: true });
    const text = v.letterCase ? (v.letterCase === 'lower' ? value.toLowerCase() : value.toUpperCase()) : value;
    if (v.kind === 'scalar') v.value = text;
    else v.items!.set('0', text);
    return v;
  }

  setElement(name: string, key: string, value: string): void {
    const v = this.target(name);
    if (v.readonly) throw new ShellError(`${name}: readonly variable`);
    this.makeArray(v, 'indexed');
    v.items!.set(key, value);
  }

  makeArray(v: Variable, kind: 'indexed' | 'associative'): void {
    if (v.kind !== 'scalar') return;
    v.kind = kind;
    v.items = new Map(v.value === undefined ? [] : [['0', v.value]]);
    v.value = undefined;
  }

  setArray(name: string, entries: Iterable<readonly [string, string]>): void {
    const v = this.target(name);
    if (v.readonly) throw new ShellError(`${name}: readonly variable`);
    if (v.kind === 'scalar') v.kind = 'indexed';
    v.value = undefined;
    v.items = new Map(entries);
  }

  /** Makes a variable of the current function's scope, unset. */
  declareLocal(name: string): Variable {
    const scope = this.#scopes.at(-1)!;
    let v = scope.get(name);
    if (!v) {
      const outer = this.lookup(name);
      if (outer?.readonly) throw new ShellError(`${name}: readonly variable`);
      scope.set(name, (v = { ...newVariable(), exported: outer?.exported ?? false }));
    }
    return v;
  }

  /** The innermost variable of that name, made global if there is none. */
  declare(name: string): Variable {
    return this.target(name);
  }

  declareGlobal(name: string): Variable {
    let v = this.#scopes[0]!.get(name);
    if (!v) this.#scopes[0]!.set(name, (v = newVariable()));
    return v;
  }

  /** @throws ShellError if read-only */
  unset(name: string, key?: string): void {
    const resolved = this.resolve(name);
    const v = this.lookup(resolved);
    if (!v) return;
    if (v.readonly) throw new ShellError(`${name}: cannot unset: readonly variable`);
    if (key !== undefined && v.kind !== 'scalar') {
      v.items!.delete(key);
      return;
    }
    for (let i = this.#scopes.length - 1; i >= 0; i--) if (this.#scopes[i]!.delete(resolved)) return;
  }

  /** All names, sorted. */
  names(): string[] {
    return [...new Set(this.#scopes.flatMap((scope) => [...scope.keys()]))].sort();
  }

  /** What children get. */
  environment(): Map<string, string> {
    const env = new Map<string, string>();
    for (const scope of this.#scopes)
      for (const [name, v] of scope) {
        if (v.exported && v.kind === 'scalar' && v.value !== undefined) env.set(name, v.value);
        else env.delete(name);
      }
    return env;
  }
}

function orderedKeys(v: Variable): string[] {
  const keys = [...v.items!.keys()];
  return v.kind === 'indexed' ? keys.sort((a, b) => Number(a) - Number(b)) : keys;
}
