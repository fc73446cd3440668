import type { ApiObject } from '../client/types.ts';
import { goJson } from '../printers/json.ts';

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The configuration that an object carries, as JSON text; undefined if it has none. */
export function lastApplied(object: ApiObject): string | undefined {
  return object.metadata?.annotations?.[lastAppliedAnnotation];
}

/** An object's configuration as JSON text: the object without the annotation itself. */
export function configurationOf(object: ApiObject, annotated: boolean): string {
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata?.annotations ?? {};
  const metadata = { ...object.metadata };
  // Once there were annotations, the field stays, if empty: upstream's accessor leaves an empty map behind.
  if (annotated || object.metadata?.annotations !== undefined) metadata.annotations = annotations;
  return `${goJson({ ...object, metadata })}\n`;
}

/** The object with its own configuration as an annotation. */
export function withLastApplied(object: ApiObject): ApiObject {
  const annotations = { ...object.metadata?.annotations, [lastAppliedAnnotation]: configurationOf(object, true) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** `--save-config`. */
export function saveConfig(object: ApiObject): ApiObject {
  return withLastApplied(object);
}

/** `--save-config` of a command that makes the object itself: in the order of the API's types, annotations left alone. */
export function saveTypedConfig(object: ApiObject): ApiObject {
  const annotations = {
    ...object.metadata.annotations,
    [lastAppliedAnnotation]: `${goJson(object, 0, true)}\n`,
  };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
