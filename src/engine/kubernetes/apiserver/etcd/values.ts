import type { ApiServerCore } from '../core.ts';
import { wireObject } from '../encoding.ts';
import { encodeMessage, sealEnvelope } from '../protobuf-writer.ts';
import type { ProtobufFields } from '../protobuf.ts';
import type { ServedResource } from '../core.ts';
import type { Entry, ResourceStore } from '../store.ts';

/** Groups whose servers keep JSON. */
const jsonGroups = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** An object as etcd holds it: protobuf for built-in kinds, JSON for custom resources and where the numbers are not known. */
export function encodeValue(served: ServedResource, entry: Entry, numbers: ProtobufFields | undefined): Uint8Array {
  const stored: ServedResource = { ...served, conversion: undefined };
  const object = wireObject(stored, entry);
  const { apiVersion, kind } = entry.object;
  // The revision is etcd's own: it is not part of the value.
  const { resourceVersion: _revision, ...metadata } = object['metadata'] as Record<string, unknown>;
  const { kind: _kind, apiVersion: _version, metadata: _metadata, ...rest } = object;
  const { type } = served.storage;
  const binary = !served.custom && !jsonGroups.has(served.definition.group) && type && numbers;
  const raw = binary && encodeMessage({ metadata, ...rest }, type, numbers);
  if (raw) return sealEnvelope({ apiVersion, kind }, raw);
  return new TextEncoder().encode(`${JSON.stringify({ apiVersion, kind, metadata, ...rest })}\n`);
}

/** The resource that a store belongs to. */
export function servedOf(core: ApiServerCore, store: ResourceStore): ServedResource | undefined {
  for (const served of core.served()) if (served.storage.store === store) return served;
  return undefined;
}
