import { labelMatcher } from '../../../apimachinery/label-matcher.ts';
import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import type { KubeObject } from '../../../types.ts';
import type { AdmissionAttributes } from '../plugin.ts';

export interface ParamKind {
  readonly apiVersion?: string;
  readonly kind?: string;
}

export interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelector;
  readonly parameterNotFoundAction?: string;
}

/** A policy or binding that cannot be used as it is. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/**
 * The objects that a binding hands to its policy, one evaluation each (generic.CollectParams).
 * @throws ConfigurationError
 */
export function collectParams(
  kind: ParamKind | undefined,
  ref: ParamRef | undefined,
  { context, namespace }: AdmissionAttributes,
): readonly (KubeObject | undefined)[] {
  if (!kind || !ref) return [undefined];
  const { apiVersion = '', kind: name = '' } = kind;
  const served = context.served(apiVersion, name);
  if (!served) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw new ConfigurationError(`paramKind kind \`${group}/${version}, Kind=${name}\` not known`);
  }
  if (!served.namespaced && ref.namespace) {
    throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const place = served.namespaced ? ref.namespace || namespace : undefined;
  if (served.namespaced && !place) {
    throw new ConfigurationError(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  }
  let found: readonly KubeObject[];
  if (ref.name) {
    const object = context.get(served.group, served.resource, place, ref.name);
    found = object ? [object] : [];
  } else {
    const isChosen = labelMatcher(ref.selector ?? {});
    found = context.list(served.group, served.resource, place).filter(({ metadata }) => isChosen(metadata.labels));
  }
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}
