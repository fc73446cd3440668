import type { ApiObject } from '../../client/types.ts';
import { CommandError } from '../../framework/errors.ts';

/** An object of a kind that runs no Pods. */
export class NoPodTemplate extends CommandError {}

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: Record<string, unknown>;
}

export interface Container {
  name: string;
  image?: string;
  env?: EnvVar[];
  resources?: Record<string, Record<string, string>>;
  [field: string]: unknown;
}

export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  serviceAccountName?: string;
  [field: string]: unknown;
}

/** Where the Pod spec stands in an object of a kind; undefined if it has none (polymorphichelpers.UpdatePodSpecForObject). */
function podSpecPath(kind: string): readonly string[] | undefined {
  switch (kind) {
    case 'Pod':
      return ['spec'];
    case 'CronJob':
      return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
    case 'ReplicationController':
      return ['spec', 'template', 'spec'];
    default:
      return undefined;
  }
}

/** The Pod spec of an object. @throws CommandError if its kind has none */
export function podSpecOf(object: ApiObject): PodSpec {
  const path = requirePath(object);
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object) as PodSpec;
}

/** A copy of the object with another Pod spec. @throws CommandError if its kind has none */
export function withPodSpec(object: ApiObject, change: (spec: PodSpec) => PodSpec): ApiObject {
  const replace = (value: Record<string, unknown>, path: readonly string[]): Record<string, unknown> => {
    const [key, ...rest] = path;
    if (key === undefined) return change(value as PodSpec);
    return { ...value, [key]: replace((value[key] ?? {}) as Record<string, unknown>, rest) };
  };
  return replace(object, requirePath(object)) as ApiObject;
}

function requirePath(object: ApiObject): readonly string[] {
  const path = podSpecPath(object.kind);
  if (!path)
    throw new NoPodTemplate(
      `the object is not a pod or does not have a pod template: *${object.apiVersion.split('/').at(-1)}.${object.kind}`,
    );
  return path;
}

/** Containers whose name fits `*` patterns; kept apart from those that don't. */
export function matches(name: string, pattern: string): boolean {
  if (pattern === '*' || pattern === '') return true;
  const regex = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return regex.test(name);
}
