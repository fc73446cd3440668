import type { NameReference } from './config.ts';
import { KustomizeError, withPrefix } from './error.ts';
import { visitField, type FieldSpec } from './field-spec.ts';
import { effectiveNamespace, idText, isClusterScoped, selectsKind } from './id.ts';
import { isMap, scalarText, type Json } from './json.ts';
import { renderResource } from './render.ts';
import type { Resource } from './resource.ts';
import { inNamespace, type ResourceSet } from './resource-set.ts';

/** After names have changed, makes every field that names a resource follow it. @throws KustomizeError */
export function fixNameReferences(set: ResourceSet, references: readonly NameReference[]): void {
  for (const referrer of set.all) {
    const original = referrer.originalId;
    const candidates = set.referable(referrer);
    for (const reference of references)
      for (const spec of reference.fieldSpecs)
        if (selectsKind(spec, original)) new Update(referrer, candidates, reference, spec).run();
  }
}

/** One field of one resource. */
class Update {
  readonly #referrer: Resource;
  readonly #candidates: readonly Resource[];
  readonly #target: NameReference;
  readonly #spec: FieldSpec;

  constructor(referrer: Resource, candidates: readonly Resource[], target: NameReference, spec: FieldSpec) {
    this.#referrer = referrer;
    this.#candidates = candidates;
    this.#target = target;
    this.#spec = { path: spec.path, ...(spec.create ? { create: true } : {}) };
  }

  run(): void {
    const { path } = this.#spec;
    withPrefix(`updating name reference in '${path}' field of '${idText(this.#referrer.id)}'`, () =>
      visitField(this.#referrer, this.#spec, undefined, (value) => this.#follow(value)),
    );
  }

  #follow(value: unknown): unknown {
    if (value === null || value === undefined) return value;
    if (Array.isArray(value)) {
      const items: unknown[] = value;
      return items.map((item) => (isMap(item) ? this.#followMap(item) : this.#followName(item)));
    }
    return isMap(value) ? this.#followMap(value) : this.#followName(value);
  }

  #followName(value: unknown): unknown {
    const referral = this.#referral(scalarText(value), this.#candidates, (r) => r.name);
    if (!referral) return value;
    referral.addReferrer(idText(this.#referrer.id));
    return referral.name;
  }

  /** A map that says the namespace too. */
  #followMap(map: Json): Json {
    if (map['name'] === undefined) throw new KustomizeError("path config error; no 'name' field in node");
    const { namespace } = map;
    let candidates = this.#candidates;
    if (namespace !== undefined) {
      const original = inNamespace(candidates, scalarText(namespace), 'original');
      candidates = original.length > 0 ? original : inNamespace(candidates, scalarText(namespace), 'current');
    }
    const referral = this.#referral(scalarText(map['name']), candidates, (r) => `${r.name} ${r.namespace}`);
    if (!referral) return map;
    referral.addReferrer(idText(this.#referrer.id));
    if (referral.name === map['name'] && referral.namespace === '') return map;
    return { ...map, name: referral.name, ...(referral.namespace === '' ? {} : { namespace: referral.namespace }) };
  }

  /** Which resource a name means, if any. */
  #referral(
    name: string,
    candidates: readonly Resource[],
    identity: (resource: Resource) => string,
  ): Resource | undefined {
    let found = candidates
      .filter((r) => r.previousIds.some((id) => id.name === name))
      .filter((r) => r.previousIds.some((id) => selectsKind(this.#target, id)))
      .filter((r) => this.#fitsRole(r))
      .filter((r) => this.#isNear(r));
    if (found.length === 1) return found[0];
    found = found.filter((r) => sameAffixes(r, this.#referrer, true));
    if (found.length > 1) found = found.filter((r) => sameAffixes(r, this.#referrer, false));
    const [first] = found;
    if (!first || found.every((r) => identity(r) === identity(first))) return first;
    throw new KustomizeError(
      ` found multiple possible referrals: ${found.map((r) => idText(r.id)).join(', ')}\n${this.#details(found)}`,
    );
  }

  /** A roleRef says whether it means a Role or a ClusterRole. */
  #fitsRole(resource: Resource): boolean {
    const { roleRef } = this.#referrer.object;
    if (!this.#spec.path.endsWith('roleRef/name') || !isMap(roleRef)) return true;
    const { apiGroup, kind } = roleRef;
    if (apiGroup === undefined || kind === undefined) return true;
    const gvk = { group: scalarText(apiGroup), kind: scalarText(kind) };
    return resource.previousIds.some((id) => selectsKind(gvk, id));
  }

  #isNear(resource: Resource): boolean {
    const { id } = this.#referrer;
    return (
      isClusterScoped(id) ||
      isClusterScoped(resource.id) ||
      resource.kind === 'ServiceAccount' ||
      effectiveNamespace(id) === effectiveNamespace(resource.id)
    );
  }

  #details(found: readonly Resource[]): string {
    const many = found.map((r, i) => `--- possible referral ${i}:\n${renderResource(r)}\n`).join('');
    return `\n**** Too many possible referral targets to referrer:\n${renderResource(this.#referrer)}\n${many}`;
  }
}

/** Were both given names in the same kustomizations? */
function sameAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  const same = (x: readonly string[], y: readonly string[]) =>
    (allowEmpty && (x.length === 0 || y.length === 0)) || sameEnding(x, y);
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes);
}

function sameEnding(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length === 0) return long.length === 0;
  return short.every((part, i) => part === long[long.length - short.length + i]);
}
