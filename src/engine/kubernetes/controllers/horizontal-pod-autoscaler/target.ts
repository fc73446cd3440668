import {
  formatSelector,
  selectorFrom,
  selectorFromLabels,
  type LabelSelector,
  type Labels,
} from '../../apimachinery/label-selector.ts';
import type { HorizontalPodAutoscaler, KubeObject, ResourceRef } from '../../types.ts';
import type { ControllerContext } from '../runtime.ts';

type Scalable = KubeObject & {
  spec?: { replicas?: number; selector?: unknown };
  status?: { replicas?: number };
};

/** What is scaled, as its scale subresource shows it. */
export interface Target {
  ref: ResourceRef<Scalable>;
  object: Scalable;
  replicas: number;
  currentReplicas: number;
  /** Label selector in its text form. */
  selector: string;
}

/** Kinds of these groups that can be scaled, and how the server calls them when they are missing. */
const builtIn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  apps: {
    Deployment: 'deployments/scale.apps',
    ReplicaSet: 'replicasets/scale.apps',
    StatefulSet: 'statefulsets.apps',
  },
  '': { ReplicationController: 'replicationcontrollers/scale.autoscaling' },
};

const ownGroup = /^(|[a-z]+|[a-z.]+\.k8s\.io)$/;

/** @returns the target, or what the server says about it. */
export function findTarget(context: ControllerContext, hpa: HorizontalPodAutoscaler): Target | { problem: string } {
  const { apiVersion = '', kind, name } = hpa.spec.scaleTargetRef;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const ref = context.resources().find((resource) => resource.group === group && resource.kind === kind);
  if (!ref) {
    const where = group ? ` in group "${group}"` : '';
    return {
      problem: `unable to determine resource for scale target reference: no matches for kind "${kind}"${where}`,
    };
  }
  const shown = builtIn[group]?.[kind];
  if (shown === undefined && ownGroup.test(group))
    return { problem: 'the server could not find the requested resource' };
  const object = context.client.resource(ref as ResourceRef<Scalable>).get(hpa.metadata.namespace, name);
  if (!object) return { problem: `${shown ?? `${ref.resource}.${group}`} "${name}" not found` };
  return {
    ref: ref as ResourceRef<Scalable>,
    object,
    replicas: object.spec?.replicas ?? (shown === undefined ? 0 : 1),
    currentReplicas: object.status?.replicas ?? 0,
    selector: selectorText(object.spec?.selector),
  };
}

function selectorText(selector: unknown): string {
  if (typeof selector !== 'object' || selector === null) return '';
  const isMap = !('matchLabels' in selector) && !('matchExpressions' in selector);
  if (isMap) return formatSelector(selectorFromLabels(selector as Labels));
  return formatSelector(selectorFrom(selector as LabelSelector) ?? []);
}
