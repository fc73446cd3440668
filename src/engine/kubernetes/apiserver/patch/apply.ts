import type { HttpResponse } from '../../../network/http.ts';
import { required } from '../../apimachinery/field-error.ts';
import type { Draft, KubeObject, ManagedFieldsEntry } from '../../types.ts';
import { decodeObject, parseYaml } from '../body.ts';
import type { ServedResource } from '../core.ts';
import { wireObject } from '../encoding.ts';
import { applyConflict, badRequest, invalid, notFound, notSimulated, unfitToApply } from '../errors.ts';
import {
  compare,
  fieldSetOf,
  ignoredParts,
  isWriters,
  managedEntry,
  sortEntries,
  without,
  type Schema,
} from '../field-ownership.ts';
import {
  contains,
  difference,
  emptySet,
  equalSets,
  fromFieldsV1,
  intersection,
  isEmptySet,
  paths,
  pathText,
  union,
  type FieldSet,
} from '../field-set.ts';
import { GoJsonError } from '../go-json.ts';
import type { Writer } from '../managed-fields.ts';
import { isRecord } from '../objects.ts';
import type { Mutable } from '../resources/kind.ts';
import { respond } from '../responses.ts';
import { bodyKind, one, shown, type RestRequest } from '../rest.ts';
import type { SubresourceHandler } from '../subresources/registry.ts';
import { problemsText, typeProblems } from './typed.ts';
import { applyMerge, prune } from './apply-merge.ts';
import { checkName, fieldValidation, placeInNamespace, writeOptions } from '../write-options.ts';

/** Server-side apply (structured-merge-diff's Updater.Apply). @throws ApiError Conflict, Invalid, BadRequest */
export async function serverSideApply(
  request: RestRequest,
  text: string,
  handler?: SubresourceHandler,
): Promise<HttpResponse> {
  if (handler && !applicable.has(handler.name))
    throw notSimulated(`server-side apply of the ${handler.name} subresource`);
  const { core, served, target, query, negotiated, warnings } = request;
  const options = { ...writeOptions(request, 'PatchOptions'), operation: 'Apply' as const };
  if (!query.get('fieldManager')) {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      required('fieldManager', 'is required for apply patch'),
    ]);
  }
  const parsed = parseConfiguration(text);
  if (!handler) checkTyped(request, parsed);
  const decoded = decodeObject(
    () => ({ value: parsed, text, format: 'yaml' }),
    handler
      ? bodyKind(served, handler.name)
      : { apiVersion: served.apiVersion, kind: served.definition.kind, type: served.type, decode: served.decode },
    fieldValidation(query, 'PatchOptions'),
    options.warn!,
  ) as unknown as Mutable<Draft>;
  const config = handler?.name === 'scale' ? scaledPart(request, decoded) : decoded;
  placeInNamespace(config, target.namespace);
  config.metadata.name ??= target.name!;
  checkName(config, target);
  if (config.metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil');
  const writer: Writer = {
    manager: options.manager,
    operation: 'Apply',
    apiVersion: served.apiVersion,
    ...(target.subresource !== undefined && { subresource: target.subresource }),
  };
  const time = core.around.timestamp;
  const ignored = ignoredParts(target.subresource, served.type);
  const configured = fieldSetOf(config, served.type, ignored);

  const existing = served.storage.get(target.namespace, target.name!);
  if (!existing && target.subresource !== undefined) throw notFound(served.definition, target.name!);
  if (!existing) {
    if (config.metadata.uid) {
      throw badRequest(
        `uid mismatch: the provided object specified uid ${config.metadata.uid}, and no existing object was found`,
      );
    }
    const managers = [managedEntry(writer, configured, time)];
    const entry = served.storage.create(toStored(served, config) as Mutable<Draft>, { ...options, managers });
    await served.ready?.([entry.object]);
    return one(core, served, entry, query, negotiated, 201, warnings);
  }
  const live = wireObject(served, existing) as unknown as KubeObject;
  const before = served.storage.managedFields(existing);
  const plan = planApply(
    live,
    config as unknown as KubeObject,
    before,
    writer,
    served.type,
    configured,
    query.bool('force'),
    time,
    ignored,
  );
  const managed = { ...options, managers: plan.managers };
  if (handler && handler.name !== 'scale') {
    const result = handler.update!(core, served, existing.object, plan.object as never, managed);
    return respond(200, shown(request, result), negotiated, warnings);
  }
  const next = toStored(served, plan.object) as KubeObject;
  const entry = served.storage.update(target.namespace, target.name!, () => next, managed);
  await served.ready?.([entry.object]);
  if (handler) return respond(200, shown(request, handler.get!(served, entry.object)), negotiated, warnings);
  return one(core, served, entry, query, negotiated, 200, warnings);
}

/** @throws ApiError BadRequest */
function parseConfiguration(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof GoJsonError) throw badRequest(`error decoding YAML: ${error.message}`);
    throw error;
  }
}

/** @throws ApiError for a configuration that does not fit its type */
function checkTyped({ served, target }: RestRequest, config: unknown): void {
  if (!isRecord(config)) return;
  const { definition, apiVersion, type, decode } = served;
  if (config['apiVersion'] !== apiVersion || config['kind'] !== definition.kind) return;
  let problems = type && !served.custom ? typeProblems(config, type) : [];
  if (served.custom && decode) {
    // What the schema has no place for, said as the reader of custom resources says it.
    const { strictErrors } = decode(config);
    problems = strictErrors.flatMap((text) => {
      const [, field] = /^unknown field "(.*)"$/.exec(text) ?? [];
      return field === undefined ? [] : [`.${field}: field not declared in schema`];
    });
  }
  if (problems.length === 0) return;
  const { name = target.name, namespace = target.namespace } = (
    isRecord(config['metadata']) ? config['metadata'] : {}
  ) as { name?: string; namespace?: string };
  const about = `${namespace ? `${namespace}/` : '/'}${name}; ${apiVersion}, Kind=${definition.kind}`;
  throw unfitToApply(`failed to create typed patch object (${about}): ${problemsText(problems)}`);
}

function toStored({ conversion }: ServedResource, object: Draft | KubeObject): Draft | KubeObject {
  return conversion ? conversion.toStored(object as KubeObject) : object;
}

/** Subresources whose bodies are parts of their object. */
const applicable = new Set(['scale', 'ephemeralcontainers', 'resize', 'approval']);

/** What an applied Scale says about the object behind it: its number of replicas, if it names one. */
function scaledPart({ served }: RestRequest, scale: Mutable<Draft>): Mutable<Draft> {
  const { replicas } = ((scale as { spec?: { replicas?: number } }).spec ?? {}) as { replicas?: number };
  const { definition, apiVersion } = served;
  const part = { apiVersion, kind: definition.kind, metadata: scale.metadata } as unknown as KubeObject;
  if (replicas === undefined) return part as unknown as Mutable<Draft>;
  return definition.subresources!.scale!.withReplicas(part, replicas) as unknown as Mutable<Draft>;
}

interface Plan {
  object: KubeObject;
  managers: readonly ManagedFieldsEntry[];
}

/** The merged object and its managers. @throws ApiError Conflict unless forced */
function planApply(
  live: KubeObject,
  config: KubeObject,
  before: readonly ManagedFieldsEntry[],
  writer: Writer,
  schema: Schema,
  configured: FieldSet,
  force: boolean,
  time: string,
  ignored: ReadonlySet<string>,
): Plan {
  const own = before.find((entry) => isWriters(entry, writer));
  const others = before.filter((entry) => entry !== own);
  const had = own ? fromFieldsV1(own.fieldsV1) : emptySet();
  const { metadata, ...rest } = live;
  const { managedFields: _managed, ...ownMetadata } = metadata;
  const current = { ...rest, metadata: ownMetadata };
  let merged = applyMerge(current, config, schema) as KubeObject;

  // Fields that this manager no longer mentions go, unless somebody else has them too.
  const dropped = difference(had, configured);
  const owned = others.reduce((set, entry) => union(set, fromFieldsV1(entry.fieldsV1)), configured);
  const gone = paths(dropped).filter((path) => !contains(owned, path));
  merged = prune(merged, gone, owned, schema) as KubeObject;

  const { changed, removed } = compare(current, merged, schema, ignored);
  const conflicts = others.flatMap((entry) =>
    paths(intersection(fromFieldsV1(entry.fieldsV1), intersection(changed, configured))).map((path) => ({
      entry,
      path,
    })),
  );
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);

  const left = others.map((entry) => without(entry, changed, removed)).filter((entry) => entry !== undefined);
  if (!isEmptySet(configured)) {
    left.push(own && equalSets(had, configured) ? own : managedEntry(writer, configured, time));
  }
  return { object: merged, managers: sortEntries(left) };
}

function conflictError(conflicts: { entry: ManagedFieldsEntry; path: readonly string[] }[]): Error {
  const causes = conflicts.map(({ entry, path }) => ({
    message: `conflict with ${managerText(entry)}`,
    field: pathText(path),
  }));
  if (conflicts.length === 1) {
    const { message, field } = causes[0]!;
    return applyConflict(causes, `Apply failed with 1 conflict: ${message}: ${field}`);
  }
  const managers = [...new Set(conflicts.map(({ entry }) => entry))].sort((a, b) =>
    managerText(a) < managerText(b) ? -1 : 1,
  );
  const lines = managers.flatMap((manager) => [
    `conflicts with ${managerText(manager)}:`,
    ...conflicts.filter(({ entry }) => entry === manager).map(({ path }) => `- ${pathText(path)}`),
  ]);
  return applyConflict(causes, `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`);
}

function managerText({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
