import { CelError } from '../../../cel/environment.ts';
import { compileMutation } from '../../../cel/policy-environment.ts';
import { fromCel } from '../../../cel/values.ts';
import { ApiError } from '../../../client.ts';
import { decode } from '../../../schema/decode.ts';
import { structType, typeForKind, type FieldType, type StructType } from '../../../schema/index.ts';
import type { KubeObject } from '../../../types.ts';
import { shapeOf } from '../../field-ownership.ts';
import { pathText } from '../../field-set.ts';
import { deepCopy, deepEqual, isRecord } from '../../objects.ts';
import { applyMerge } from '../../patch/apply-merge.ts';
import { jsonPatch } from '../../patch/json-patch.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { conditionsHold, evaluate, lazyVariables, scopeOf } from '../validating-policy/evaluate.ts';
import { matches, type MatchResources } from '../validating-policy/match.ts';
import { collectParams, ConfigurationError, type ParamKind, type ParamRef } from '../validating-policy/params.ts';
import { policyError } from '../validating-policy/plugin.ts';

/** Requests are changed by the MutatingAdmissionPolicies that are bound (apiserver/pkg/admission/plugin/policy/mutating). */

interface Mutation {
  readonly patchType: string;
  readonly applyConfiguration?: { readonly expression?: string };
  readonly jsonPatch?: { readonly expression?: string };
}

interface Policy extends KubeObject {
  readonly spec?: {
    readonly paramKind?: ParamKind;
    readonly matchConstraints?: MatchResources;
    readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
    readonly variables?: readonly { readonly name: string; readonly expression: string }[];
    readonly mutations?: readonly Mutation[];
    readonly failurePolicy?: string;
    readonly reinvocationPolicy?: string;
  };
}

interface Binding extends KubeObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
  };
}

const group = 'admissionregistration.k8s.io';
export const mutatingPolicyBindings = `${group}/mutatingadmissionpolicybindings`;

export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  operations: ['CREATE', 'UPDATE'],
  dormant: true,
  admit(attributes) {
    const { context } = attributes;
    const bindings = context.list(group, 'mutatingadmissionpolicybindings') as readonly Binding[];
    if (bindings.length === 0 || attributes.group === group) return;
    for (const policy of context.list(group, 'mutatingadmissionpolicies') as readonly Policy[]) {
      if (!matches(policy.spec?.matchConstraints, attributes, false)) continue;
      for (const binding of bindings) {
        if (binding.spec?.policyName !== policy.metadata.name) continue;
        if (matches(binding.spec.matchResources, attributes, true)) invoke(attributes, policy, binding);
      }
    }
  },
};

function invoke(attributes: AdmissionAttributes, policy: Policy, binding: Binding): void {
  const { reinvocation } = attributes;
  const id = `${policy.metadata.uid}/${binding.metadata.uid}`;
  const again = (reinvocation?.round ?? 0) > 0;
  if (again && (policy.spec?.reinvocationPolicy !== 'IfNeeded' || !reinvocation!.isDue(id))) return;
  const before = deepCopy(attributes.object!);
  try {
    for (const params of collectParams(policy.spec?.paramKind, binding.spec?.paramRef, attributes))
      mutate(attributes, policy, params);
  } catch (error) {
    const text = failureText(error);
    if (policy.spec?.failurePolicy !== 'Ignore') {
      const names = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
      throw policyError(attributes, `${names} denied request: ${text}`, { message: text });
    }
    replace(attributes, before as unknown as Record<string, unknown>);
  }
  reinvocation?.called(id);
  if (!deepEqual(before, attributes.object)) reinvocation?.changed(id);
}

/** @throws what is no failure of the policy */
function failureText(error: unknown): string {
  if (error instanceof ConfigurationError) return `failed to configure binding: ${error.message}`;
  if (error instanceof CelError || error instanceof MutationError) return error.message;
  if (error instanceof ApiError) return error.message;
  throw error;
}

class MutationError extends Error {
  override name = 'MutationError';
}

function mutate(attributes: AdmissionAttributes, policy: Policy, params: KubeObject | undefined): void {
  const { matchConditions = [], variables = [], mutations = [] } = policy.spec ?? {};
  const scopeNow = () => {
    const scope = scopeOf(attributes, params);
    scope['variables'] = lazyVariables(variables, scope);
    return scope;
  };
  const conditions = conditionsHold(matchConditions, scopeNow());
  if (typeof conditions === 'string') throw new MutationError(conditions);
  if (!conditions) return;
  for (const { patchType, applyConfiguration, jsonPatch: patch } of mutations) {
    const expression = (patchType === 'JSONPatch' ? patch : applyConfiguration)?.expression ?? '';
    const value = fromCel(evaluate(expression, scopeNow(), compileMutation));
    const object = attributes.object as unknown as Record<string, unknown>;
    const type = typeForKind(attributes.object!.apiVersion ?? '', attributes.object!.kind ?? '');
    let next = deepCopy(object);
    if (patchType === 'JSONPatch') jsonPatch(next, value);
    else {
      if (!isRecord(value))
        throw new MutationError('unexpected evaluation result of ApplyConfiguration: not an object');
      checkNotAtomic(value, type);
      next = applyMerge(next, value, type ?? customType()) as Record<string, unknown>;
    }
    replace(attributes, type ? decode(next, type).value : next);
    attributes.context.applyDefaults?.(attributes.object as never);
  }
}

/** Custom resources merge as their values look, but for their metadata. */
const customType = (): StructType | undefined => {
  const metadata = structType('meta/v1/ObjectMeta')!;
  const type: FieldType = { kind: 'struct', struct: metadata };
  const field = { name: 'metadata', type, required: false, merge: 'granular', retainKeys: false } as const;
  return { name: 'custom', fields: new Map([['metadata', field]]), atomic: false, preserveUnknown: true };
};

/** What has only one owner cannot be changed in part (patch/smd.go, validatePatch). @throws MutationError */
function checkNotAtomic(
  value: Record<string, unknown>,
  type: StructType | undefined,
  at: readonly string[] = [],
): void {
  for (const [name, member] of Object.entries(value)) {
    const path = [...at, `f:${name}`];
    const field = type?.fields.get(name);
    if (!field) {
      if (type && !type.preserveUnknown)
        throw new MutationError(`error applying patch: ${pathText(path)}: field not declared in schema`);
      continue;
    }
    if (typeof member !== 'object' || member === null) continue;
    const shape = shapeOf(member, field.type, field);
    if (shape.kind === 'leaf' && field.type.kind !== 'any' && field.type.kind !== 'object')
      throw new MutationError(
        `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${pathText(path)}`,
      );
    if (shape.kind === 'struct') checkNotAtomic(member as Record<string, unknown>, shape.type, path);
    if (shape.kind === 'keyed' && shape.items.kind === 'struct')
      for (const item of member as Record<string, unknown>[]) {
        const keys = Object.fromEntries(shape.keys.map((key) => [key, item[key]]));
        checkNotAtomic(item, shape.items.struct, [...path, `k:${JSON.stringify(keys)}`]);
      }
  }
}

function replace({ object }: AdmissionAttributes, next: Record<string, unknown>): void {
  const target = object as unknown as Record<string, unknown>;
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, next);
}
