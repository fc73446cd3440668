import { CelEnvironment, CelError, type CelProgram } from './environment.ts';
import { registerJsonPatch } from './library/json-patch.ts';
import { withoutObjectLiterals } from './object-literals.ts';
import { registerAuthorizer } from './library/authorizer.ts';

/** Expressions of admission policies: what they may name, and what they must result in. */

const names = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables'];

const environment = new CelEnvironment(names).extend(registerAuthorizer);
const mutations = new CelEnvironment(names).extend(registerAuthorizer).extend(registerJsonPatch);

/** @throws CelError */
export function compilePolicyExpression(expression: string): CelProgram {
  return environment.compile(expression);
}

/**
 * Why the API refuses an expression; undefined if it does not.
 * @param types that it may result in; by default all
 */
export function policyExpressionError(expression: string, types?: readonly string[]): string | undefined {
  try {
    const { type } = compilePolicyExpression(expression);
    if (!types || type === 'dyn' || types.includes(type)) return undefined;
    return `must evaluate to ${types.length === 1 ? types[0] : `one of [${types.join(' ')}]`}`;
  } catch (error) {
    if (error instanceof CelError) return `compilation failed: ${error.message}`;
    throw error;
  }
}

/** An expression that says how an object is to be changed. @throws CelError */
export function compileMutation(expression: string): CelProgram {
  return mutations.compile(withoutObjectLiterals(expression));
}

/** Why the API refuses such an expression; undefined if it does not. */
export function mutationError(expression: string, patchType: 'ApplyConfiguration' | 'JSONPatch'): string | undefined {
  try {
    const { type } = compileMutation(expression);
    const fits = type === 'dyn' || type.startsWith(patchType === 'JSONPatch' ? 'list' : 'map');
    return fits ? undefined : `must evaluate to ${patchType === 'JSONPatch' ? 'list(JSONPatch)' : 'Object'}`;
  } catch (error) {
    if (error instanceof CelError) return `compilation failed: ${error.message}`;
    throw error;
  }
}
