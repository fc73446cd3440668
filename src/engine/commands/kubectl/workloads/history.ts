import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import type { LabelSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import type { RestClient } from '../client/rest.ts';
import type { ApiMetadata, ApiObject, RestMapping } from '../client/types.ts';
import { controllerOf, listAll, live, wellKnown } from '../describe/describer.ts';
import { selectorText } from '../describe/format.ts';
import { replicaSetsOf } from '../describe/replica-sets.ts';

export const changeCause = 'kubernetes.io/change-cause';
const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** One state that a workload was in. */
export interface Revision {
  number: number;
  cause: string;
  template: IPodTemplateSpec;
  /** The ReplicaSet or ControllerRevision that keeps it. */
  holder: ApiObject;
  /** ControllerRevisions hold the patch that brings the state back. */
  patch?: object;
}

/** Kinds with revisions. */
export function hasHistory({ group, kind }: Pick<RestMapping, 'group' | 'kind'>): boolean {
  return group === 'apps' && ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind);
}

/** Revisions of a workload, oldest first. @throws StatusError */
export async function revisionsOf(client: RestClient, object: ApiObject): Promise<Revision[]> {
  const revisions =
    object.kind === 'Deployment' ? await ofReplicaSets(client, object) : await ofRevisions(client, object);
  return revisions.sort((a, b) => a.number - b.number);
}

async function ofReplicaSets(client: RestClient, object: ApiObject): Promise<Revision[]> {
  const { old, current } = await replicaSetsOf({ client, chunkSize: 0 }, live<IDeployment>(object));
  return [...old, ...(current ? [current] : [])].flatMap((set) => {
    const number = Number.parseInt(set.metadata.annotations?.[revisionAnnotation] ?? '', 10);
    if (Number.isNaN(number)) return [];
    const cause = set.metadata.annotations?.[changeCause] ?? '';
    return [
      { number, cause, template: withCause(set.spec.template ?? {}, cause), holder: set as unknown as ApiObject },
    ];
  });
}

function withCause(template: IPodTemplateSpec, cause: string): IPodTemplateSpec {
  if (cause === '') return template;
  const { metadata = {} } = template;
  return { ...template, metadata: { ...metadata, annotations: { ...metadata.annotations, [changeCause]: cause } } };
}

interface ControllerRevision {
  apiVersion: string;
  kind: string;
  metadata: ApiMetadata;
  revision: number;
  data?: { spec?: { template?: IPodTemplateSpec & { $patch?: string } } };
}

async function ofRevisions(client: RestClient, object: ApiObject): Promise<Revision[]> {
  const { selector } = object.spec as { selector?: LabelSelector };
  const list = await listAll<ControllerRevision>(
    { client, chunkSize: 0 },
    wellKnown.controllerRevisions,
    object.metadata.namespace ?? '',
    { labelSelector: selectorText(selector) },
  );
  return list
    .filter((revision) => controllerOf(revision.metadata)?.uid === object.metadata.uid)
    .map((revision) => {
      const { $patch: _, ...template } = revision.data?.spec?.template ?? {};
      return {
        number: revision.revision,
        cause: revision.metadata.annotations?.[changeCause] ?? '',
        template,
        holder: revision as unknown as ApiObject,
        patch: revision.data,
      };
    });
}
