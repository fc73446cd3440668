import { loadYamlDocuments } from '../../../engine/yaml/load.ts';
import { parseGroupVersion, resourceForKind } from '../../../engine/kubernetes/schema/resources.ts';
import type { Answers, Query } from '../../../session/protocol.ts';
import { rangeOf, rangeOfBarePath, yamlPositions, type DocumentPositions, type TextRange } from './positions.ts';

export interface Problem extends TextRange {
  message: string;
  severity: 'error' | 'warning';
}

/** A question to the API server that changes nothing. */
export type AskServer = (query: Omit<Extract<Query, { kind: 'api' }>, 'kind'>) => Promise<Answers['api']>;

interface Status {
  message?: string;
  reason?: string;
  details?: { causes?: { field?: string; message?: string }[] };
}

interface Manifest {
  apiVersion?: unknown;
  kind?: unknown;
  metadata?: { name?: unknown; namespace?: unknown };
}

/** More documents than this are not asked about while typing. */
const maxDocuments = 30;

/**
 * What the API server would say to a manifest: first whether it is YAML, then each document as a strict dry run.
 */
export async function checkManifest(text: string, ask: AskServer): Promise<Problem[]> {
  let positions: DocumentPositions[];
  let values: unknown[];
  try {
    positions = yamlPositions(text);
    values = loadYamlDocuments(text);
  } catch (error) {
    return [syntaxProblem(error, text)];
  }
  const problems: Problem[] = [];
  for (const [i, value] of values.slice(0, maxDocuments).entries()) {
    const place = positions[i];
    if (place && value !== null && value !== undefined) problems.push(...(await checkDocument(value, place, ask)));
  }
  return problems;
}

/** The documents of a manifest with their places; undefined while it is no YAML. */
export function parseManifest(
  text: string,
): { values: readonly unknown[]; positions: readonly DocumentPositions[] } | undefined {
  try {
    const positions = yamlPositions(text);
    return { positions, values: loadYamlDocuments(text).slice(0, Math.min(maxDocuments, positions.length)) };
  } catch {
    return undefined;
  }
}

interface YamlMark {
  mark?: { position?: number };
  reason?: string;
}

function syntaxProblem(error: unknown, text: string): Problem {
  const { mark, reason } = error as YamlMark;
  const start = Math.min(mark?.position ?? 0, Math.max(0, text.length - 1));
  const line = text.indexOf('\n', start);
  const message = reason ?? (error instanceof Error ? error.message : String(error));
  return { start, end: Math.max(start + 1, line < 0 ? text.length : line), message, severity: 'error' };
}

async function checkDocument(value: unknown, place: DocumentPositions, ask: AskServer): Promise<Problem[]> {
  const problem = (path: string, message: string): Problem => ({ ...rangeOf(place, path), message, severity: 'error' });
  if (typeof value !== 'object' || Array.isArray(value)) return [problem('', 'a manifest is a map of fields')];
  const manifest = value as Manifest;
  const { apiVersion, kind } = manifest;
  if (typeof apiVersion !== 'string' || apiVersion === '') return [problem('apiVersion', 'apiVersion not set')];
  if (typeof kind !== 'string' || kind === '') return [problem('kind', 'kind not set')];
  const resource = await findResource(apiVersion, kind, ask);
  if (!resource) return [problem('kind', `no matches for kind "${kind}" in version "${apiVersion}"`)];

  const { group, version } = parseGroupVersion(apiVersion);
  const { name, namespace } = manifest.metadata ?? {};
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = resource.namespaced ? `/namespaces/${encodeURIComponent(String(namespace ?? 'default'))}` : '';
  const collection = `${root}${scope}/${resource.name}`;
  const options = 'dryRun=All&fieldValidation=Strict&fieldManager=kubectl-client-side-apply';
  const body = JSON.stringify(value);
  const object = typeof name === 'string' && name !== '' ? `${collection}/${encodeURIComponent(name)}` : undefined;
  const exists = object !== undefined && (await ask({ method: 'GET', path: object })).status === 200;
  const answer = exists
    ? await ask({ method: 'PATCH', path: `${object}?${options}`, body, contentType: 'application/merge-patch+json' })
    : await ask({ method: 'POST', path: `${collection}?${options}`, body, contentType: 'application/json' });
  if (answer.status < 400) return [];
  return problemsOf(JSON.parse(answer.body) as Status, place);
}

async function findResource(
  apiVersion: string,
  kind: string,
  ask: AskServer,
): Promise<{ name: string; namespaced: boolean } | undefined> {
  const { group, version } = parseGroupVersion(apiVersion);
  const known = resourceForKind(group, version, kind);
  if (known) return { name: known.resource, namespaced: known.namespaced };
  // Custom resources: the server knows them.
  const answer = await ask({ method: 'GET', path: `/apis/${apiVersion}` });
  if (answer.status !== 200) return undefined;
  const { resources = [] } = JSON.parse(answer.body) as {
    resources?: { name: string; kind: string; namespaced: boolean }[];
  };
  return resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
}

/** The server's Status as problems at the fields that it names. */
export function problemsOf(status: Status, place: DocumentPositions): Problem[] {
  const at = (range: TextRange, message: string): Problem => ({ ...range, message, severity: 'error' });
  const causes = status.details?.causes?.filter(({ field }) => field) ?? [];
  if (causes.length > 0) {
    return causes.map(({ field = '', message = '' }) => at(rangeOf(place, field), `${field}: ${message}`));
  }
  const message = status.message ?? status.reason ?? 'refused';
  const strict = [...message.matchAll(/(?:unknown|duplicate) field "([^"]+)"/g)];
  if (strict.length > 0) return strict.map(([text, field = '']) => at(rangeOf(place, field), text));
  const goField = /Go struct field \w+\.([\w.]+) of type/.exec(message)?.[1];
  return [at(goField ? rangeOfBarePath(place, goField) : rangeOf(place, 'kind'), message)];
}
