/**
 * Every kind the server knows. A kind with behaviour of its own is a file in this folder and one line in `own`; all other
 * resources of the schema are served generically.
 */
import { apiResources, type ApiResource } from '../../schema/index.ts';
import { defineKind } from './common/define.ts';
import { configMap } from './configmap.ts';
import { deployment } from './deployment.ts';
import { endpoints } from './endpoints.ts';
import { endpointSlice } from './endpointslice.ts';
import { coreEvent, event } from './events.ts';
import type { KindDefinition } from './kind.ts';
import { lease } from './lease.ts';
import { namespace } from './namespace.ts';
import { node } from './node.ts';
import { pod } from './pod/pod.ts';
import { replicaSet } from './replicaset.ts';
import { secret } from './secret.ts';
import { service } from './service/service.ts';
import { serviceAccount } from './serviceaccount.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each file is typed by its own kind
const own: readonly KindDefinition<any>[] = [
  configMap,
  coreEvent,
  deployment,
  endpoints,
  endpointSlice,
  event,
  lease,
  namespace,
  node,
  pod,
  replicaSet,
  secret,
  service,
  serviceAccount,
];

/** All built-in kinds in discovery order. */
export const kinds: readonly KindDefinition[] = apiResources.map(
  (resource) =>
    own.find((k) => matches(k, resource)) ?? defineKind(resource.group, resource.version, resource.resource),
);

const byName = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.resource}`, k]));

/** @param resource plural, lower case */
export function kindOf(group: string, version: string, resource: string): KindDefinition | undefined {
  return byName.get(`${group}/${version}/${resource}`);
}

function matches(kind: KindDefinition, resource: ApiResource): boolean {
  return kind.group === resource.group && kind.version === resource.version && kind.resource === resource.resource;
}
