import { KustomizeError } from './error.ts';
import { visitField, type FieldSpec } from './field-spec.ts';
import { effectiveNamespace, gvkOf, gvkText, isClusterScoped, type Id } from './id.ts';
import { isMap, scalarText } from './json.ts';
import type { Var } from './kustomization.ts';
import type { ResourceSet } from './resource-set.ts';

/** Vars of all kustomizations of a build; a name may be used once. */
export class Vars {
  #vars: Var[] = [];

  get all(): readonly Var[] {
    return this.#vars;
  }

  /** Adds vars and notes with the resources which of them take their values there. @throws KustomizeError */
  add(vars: readonly Var[], set: ResourceSet): void {
    for (const v of vars) {
      const { objref = {} } = v;
      const gvk = objref.apiVersion
        ? gvkOf(objref.apiVersion, objref.kind ?? '')
        : { group: objref.group ?? '', version: objref.version ?? '', kind: objref.kind ?? '' };
      const wanted: Id = { ...gvk, name: objref.name ?? '', namespace: objref.namespace ?? '' };
      const anyNamespace = wanted.namespace === '' && !isClusterScoped(wanted);
      const matches = set.all.filter((r) => {
        const id = r.originalId;
        return (
          id.name === wanted.name &&
          id.group === wanted.group &&
          id.version === wanted.version &&
          id.kind === wanted.kind &&
          (anyNamespace || effectiveNamespace(id) === effectiveNamespace(wanted))
        );
      });
      if (matches.length > 1)
        throw new KustomizeError(`found ${matches.length} resId matches for var ${goVar(v)} (unable to disambiguate)`);
      matches[0]?.varNames.push(v.name ?? '');
    }
    this.merge(vars);
  }

  merge(vars: readonly Var[]): void {
    for (const v of vars) {
      if (this.#vars.some((other) => other.name === v.name))
        throw new KustomizeError(`var '${v.name ?? ''}' already encountered`);
      this.#vars.push(v);
    }
  }

  /**
   * Writes the values in the place of `$(NAME)`.
   * @returns the names that stood nowhere, sorted
   * @throws KustomizeError
   */
  resolve(set: ResourceSet, specs: readonly FieldSpec[]): string[] {
    if (this.#vars.length === 0) return [];
    const used = new Set<string>();
    const values = new Map<string, unknown>();
    for (const v of [...this.#vars].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)))
      values.set(v.name ?? '', valueOf(v, set));
    const substitute = (value: unknown): unknown => {
      if (Array.isArray(value))
        return value.map((item) => (typeof item === 'string' ? expand(item, values, used) : (item as unknown)));
      if (isMap(value))
        return Object.fromEntries(
          Object.entries(value).map(([k, item]) => [k, typeof item === 'string' ? expand(item, values, used) : item]),
        );
      return typeof value === 'string' ? expand(value, values, used) : value;
    };
    for (const resource of set.all) for (const spec of specs) visitField(resource, spec, undefined, substitute);
    return [...values.keys()].filter((name) => !used.has(name));
  }
}

function valueOf(v: Var, set: ResourceSet): unknown {
  const owner = set.all.find((r) => r.varNames.includes(v.name ?? ''));
  if (!owner) throw new KustomizeError(`var '${goVar(v)}' cannot be mapped to a field in the set of known resources`);
  const path = v.fieldref?.fieldpath || 'metadata.name';
  let value: unknown = owner.object;
  for (const part of path.split(/\.|\[(\d+)\]/).filter((p) => p)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else value = isMap(value) ? value[part] : undefined;
  }
  if (value === undefined)
    throw new KustomizeError(`field specified in var '${goVar(v)}' not found in corresponding resource`);
  return value;
}

/** A var as Go prints the struct, before or after what it leaves out is filled in. */
export function goVar({ name = '', objref = {}, fieldref }: Var, complete = true): string {
  const { apiVersion, ...gvk } = objref;
  const kind = complete && apiVersion ? gvkOf(apiVersion, gvk.kind ?? '') : gvk;
  return `{${name} ${gvkText(kind)} {${fieldref?.fieldpath || (complete ? 'metadata.name' : '')}}}`;
}

/** Kubernetes' expansion: `$(NAME)`, and `$$` for a dollar. A value alone keeps its type. */
function expand(text: string, values: ReadonlyMap<string, unknown>, used: Set<string>): unknown {
  const whole = /^\$\(([^)]*)\)$/.exec(text);
  if (whole && values.has(whole[1]!)) {
    const value = values.get(whole[1]!);
    used.add(whole[1]!);
    return typeof value === 'object' ? scalarText(value) : value;
  }
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (all, name: string | undefined) => {
    if (all === '$$') return '$';
    if (values.has(name!)) used.add(name!);
    return values.has(name!) ? scalarText(values.get(name!)) : all;
  });
}
