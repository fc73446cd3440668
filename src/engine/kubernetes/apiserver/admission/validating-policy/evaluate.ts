import { CelError, type CelVariables } from '../../../cel/environment.ts';
import { CelAuthorizer } from '../../../cel/library/authorizer.ts';
import { compilePolicyExpression } from '../../../cel/policy-environment.ts';
import { toCel } from '../../../cel/values.ts';
import type { KubeObject } from '../../../types.ts';
import { serviceAccountUser } from '../../user.ts';
import type { AdmissionAttributes } from '../plugin.ts';
import type { MatchResources } from './match.ts';
import type { ParamKind } from './params.ts';

export interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}

export interface Policy extends KubeObject {
  readonly spec?: {
    readonly paramKind?: ParamKind;
    readonly matchConstraints?: MatchResources;
    readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
    readonly variables?: readonly { readonly name: string; readonly expression: string }[];
    readonly validations?: readonly Validation[];
    readonly auditAnnotations?: readonly { readonly key: string; readonly valueExpression: string }[];
    readonly failurePolicy?: string;
  };
}

/** Why a request is not accepted. */
export interface Denial {
  readonly message: string;
  readonly reason?: string;
}

/** Longest text that a messageExpression may make. */
const maxMessageLength = 5 * 1024;

/** What a policy has against a request (validating.validator, Validate); what cannot be evaluated counts as failurePolicy says. */
export function evaluatePolicy(policy: Policy, a: AdmissionAttributes, params: KubeObject | undefined): Denial[] {
  const { validations = [], matchConditions = [], variables = [], failurePolicy } = policy.spec ?? {};
  const failed = (text: string): Denial[] => (failurePolicy === 'Ignore' ? [] : [{ message: text }]);
  const scope = scopeOf(a, params);
  scope['variables'] = lazyVariables(variables, scope);
  const conditions = conditionsHold(matchConditions, scope);
  if (typeof conditions === 'string') return failed(conditions);
  if (!conditions) return [];
  return validations.flatMap((validation): Denial[] => {
    try {
      if (evaluate(validation.expression, scope) === true) return [];
      return [{ message: messageOf(validation, scope), reason: validation.reason ?? 'Invalid' }];
    } catch (error) {
      if (error instanceof CelError) return failed(error.message);
      throw error;
    }
  });
}

/** @throws CelError that names the expression */
export function evaluate(expression: string, scope: CelVariables, compile = compilePolicyExpression): unknown {
  const program = compile(expression);
  try {
    return program.evaluate(scope);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    throw new CelError(`expression '${expression}' resulted in error: ${error.message}`);
  }
}

/** One false condition decides, else an error does: its text. */
export function conditionsHold(conditions: readonly { expression: string }[], scope: CelVariables): boolean | string {
  const errors: string[] = [];
  for (const { expression } of conditions) {
    try {
      if (evaluate(expression, scope) !== true) return false;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      errors.push(error.message);
    }
  }
  if (errors.length === 0) return true;
  return errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;
}

/** Whether conditions hold for a request; the text of what cannot be evaluated. */
export function matchConditionsHold(
  conditions: readonly { expression: string }[],
  attributes: AdmissionAttributes,
): boolean | string {
  return conditionsHold(conditions, scopeOf(attributes, undefined));
}

function messageOf({ expression, message, messageExpression }: Validation, scope: CelVariables): string {
  if (messageExpression) {
    try {
      const value = evaluate(messageExpression, scope);
      const text = typeof value === 'string' ? value.trim() : '';
      if (text !== '' && !text.includes('\n') && text.length <= maxMessageLength) return text;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
    }
  }
  return message?.trim() || `failed expression: ${expression.trim()}`;
}

/** `variables.name`, each evaluated when it is first used. */
export function lazyVariables(variables: readonly { name: string; expression: string }[], scope: CelVariables): object {
  const result = {};
  for (const { name, expression } of variables) {
    let value: { ok: unknown } | undefined;
    const get = () => {
      try {
        value ??= { ok: evaluate(expression, scope) };
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        throw new Error(`composited variable "${name}" fails to evaluate: ${error.message}`, { cause: error });
      }
      return value.ok;
    };
    Object.defineProperty(result, name, { enumerable: true, get });
  }
  return result;
}

export function scopeOf(a: AdmissionAttributes, params: KubeObject | undefined): CelVariables {
  const { context, namespace, group, resource } = a;
  const isNamespace = group === '' && resource === 'namespaces';
  const around = namespace && !isNamespace ? context.get('', 'namespaces', undefined, namespace) : undefined;
  return {
    object: toCel(a.subresource === 'scale' ? scaleOf(a.object as KubeObject) : a.object),
    oldObject: toCel(a.subresource === 'scale' ? scaleOf(a.old!) : a.old),
    request: requestOf(a),
    params: toCel(params),
    namespaceObject: toCel(around),
    authorizer: authorizerOf(a),
  };
}

function authorizerOf({ context, user, group, resource, subresource, namespace, name }: AdmissionAttributes) {
  const requested = {
    group,
    resource,
    name,
    ...(subresource !== undefined && { subresource }),
    ...(namespace !== undefined && { namespace }),
  };
  return new CelAuthorizer(({ serviceAccount, ...question }) => {
    const who = serviceAccount ? serviceAccountUser(serviceAccount.namespace, serviceAccount.name) : user;
    return context.authorize({ user: who, ...question });
  }, requested);
}

/** The AdmissionRequest, without its objects. */
export function requestOf(a: AdmissionAttributes): Record<string, unknown> {
  const apiVersion = (a.object ?? a.old)?.apiVersion ?? '';
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const kind = { group: a.group, version, kind: a.kind };
  const resource = { group: a.group, version, resource: a.resource };
  const { name, uid, groups, extra } = a.user;
  return {
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    ...(a.subresource !== undefined && { subResource: a.subresource, requestSubResource: a.subresource }),
    name: a.name || (a.object?.metadata.name ?? ''),
    namespace: a.group === '' && a.resource === 'namespaces' ? a.name : (a.namespace ?? ''),
    operation: a.operation,
    userInfo: { username: name, ...(uid && { uid }), groups: [...groups], ...(extra && { extra }) },
    dryRun: a.dryRun,
    options: {},
  };
}

function scaleOf({ metadata, ...rest }: KubeObject): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const { replicas = 0 } = (rest as { spec?: { replicas?: number } }).spec ?? {};
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas },
  };
}
