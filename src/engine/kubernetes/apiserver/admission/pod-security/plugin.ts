import type { KubeObject, Namespace, Pod } from '../../../types.ts';
import { invalid } from '../../errors.ts';
import { deepEqual } from '../../objects.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';
import { allContainers, type PodView } from './check.ts';
import { violationDetails, violationReasons, violations } from './evaluate.ts';
import {
  compareLevels,
  isUnrestricted,
  levelVersionText,
  policyOf,
  sameLevelVersion,
  type LevelVersion,
  type Policy,
} from './policy.ts';

/** Pods looked at when a namespace's level becomes stricter. */
const maxPodsChecked = 3000;

interface Workload {
  readonly template?: PodView;
  readonly spec?: {
    readonly template?: PodView;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodView } };
  };
}

/** Resources whose objects make Pods, and where the Pod is described in them. */
const templates: Readonly<Record<string, (object: Workload) => PodView | undefined>> = {
  '/podtemplates': ({ template }) => template,
  '/replicationcontrollers': ({ spec }) => spec?.template,
  'apps/daemonsets': ({ spec }) => spec?.template,
  'apps/deployments': ({ spec }) => spec?.template,
  'apps/replicasets': ({ spec }) => spec?.template,
  'apps/statefulsets': ({ spec }) => spec?.template,
  'batch/cronjobs': ({ spec }) => spec?.jobTemplate?.spec?.template,
  'batch/jobs': ({ spec }) => spec?.template,
};

/**
 * Pods keep to the Pod Security level of their namespace: they are refused, or their makers are warned
 * (k8s.io/pod-security-admission).
 */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/pods', '/namespaces', ...Object.keys(templates)],
  subresources: ['ephemeralcontainers'],
  validate(attributes) {
    if (attributes.group === '' && attributes.resource === 'namespaces') return checkNamespace(attributes);
    const { context, namespace, object } = attributes;
    const policy = policyOf(context.get('', 'namespaces', undefined, namespace ?? '')?.metadata.labels);
    if (isUnrestricted(policy)) return;
    const template = templates[`${attributes.group}/${attributes.resource}`];
    if (template) return warn(attributes, policy, template(object as unknown as Workload));
    const pod = object as unknown as Pod;
    if (attributes.old && !isSignificantChange(pod, attributes.old as Pod)) return;
    const found = violations(policy.enforce, pod);
    if (found.length > 0) {
      const level = levelVersionText(policy.enforce);
      throw refuse(attributes, `violates PodSecurity "${level}": ${violationDetails(found)}`);
    }
    warn(attributes, policy, pod);
  },
};

function warn(attributes: AdmissionAttributes, { warn: level }: Policy, pod: PodView | undefined): void {
  if (!pod?.spec?.containers) return;
  const found = violations(level, { metadata: pod.metadata ?? {}, spec: pod.spec });
  if (found.length === 0) return;
  attributes.warn(`would violate PodSecurity "${levelVersionText(level)}": ${violationDetails(found)}`);
}

/** Of a Pod that runs only images and debug containers change what it may do. */
function isSignificantChange(pod: Pod, old: Pod): boolean {
  const [after, before] = [allContainers(pod.spec), allContainers(old.spec)];
  return (
    after.length !== before.length ||
    after.some((container, i) => container.name !== before[i]!.name || container.image !== before[i]!.image)
  );
}

/** @throws ApiError Invalid for labels that name no level */
function checkNamespace(attributes: AdmissionAttributes): void {
  const { object, old, name, kind, context, group } = attributes;
  const policy = policyOf((object as unknown as Namespace).metadata.labels);
  const before = old && policyOf(old.metadata.labels);
  if (policy.errors.length > 0 && !(before && deepEqual(policy.errors, before.errors))) {
    throw invalid({ group, kind }, name, policy.errors);
  }
  if (!before || sameLevelVersion(policy.enforce, before.enforce) || policy.enforce.level === 'privileged') return;
  const sameVersion = policy.enforce.minor === before.enforce.minor;
  if (sameVersion && compareLevels(policy.enforce.level, before.enforce.level) < 1) return;
  const pods = context.list('', 'pods', name) as readonly Pod[];
  for (const text of existingViolations(name, policy.enforce, pods)) attributes.warn(text);
}

function existingViolations(namespace: string, enforce: LevelVersion, pods: readonly Pod[]): string[] {
  const found = new Map<string, { name: string; count: number }>();
  for (const pod of oneOfEachOwnerFirst(pods).slice(0, maxPodsChecked)) {
    const reasons = violationReasons(violations(enforce, pod));
    if (reasons === '') continue;
    const group = found.get(reasons);
    if (group) group.count++;
    else found.set(reasons, { name: pod.metadata.name, count: 1 });
  }
  const texts: string[] = [];
  if (pods.length > maxPodsChecked) {
    const scope = `the first ${maxPodsChecked} of ${pods.length} existing pods`;
    texts.push(`new PodSecurity enforce level only checked against ${scope}`);
  }
  if (found.size > 0) {
    const level = levelVersionText(enforce);
    texts.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${level}"`);
  }
  const groups = [...found].map(([reasons, { name, count }]) => {
    const others = count > 1 ? ` (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'})` : '';
    return `${name}${others}: ${reasons}`;
  });
  return [...texts, ...groups.sort()];
}

function oneOfEachOwnerFirst(pods: readonly Pod[]): Pod[] {
  const owners = new Set<string>();
  const [first, others]: [Pod[], Pod[]] = [[], []];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    (owner !== undefined && owners.has(owner) ? others : first).push(pod);
    if (owner !== undefined) owners.add(owner);
  }
  return [...first, ...others];
}

function controllerOf({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
}
