import numbers from '../../engine/kubernetes/schema/generated/protobuf-fields.json' with { type: 'json' };
import { TestApi } from '../../engine/kubernetes/apiserver/harness.test-support.ts';
import { Etcd } from '../../engine/kubernetes/apiserver/etcd/etcd.ts';
import { World } from '../../engine/world/index.ts';
import { Generator, type FuzzRequest } from './generator.ts';
import { Followers, storeProblems } from './invariants.ts';
import { widgetDefinition } from './plausible.ts';

export interface FuzzReport {
  requests: number;
  /** How often each status was answered. */
  statuses: ReadonlyMap<number, number>;
  /** What must not happen, each text once. */
  problems: readonly string[];
}

const followed = [
  '/api/v1/pods',
  '/api/v1/configmaps',
  '/api/v1/services',
  '/apis/apps/v1/deployments',
  '/apis/example.com/v1/widgets',
];

/**
 * Sends random requests to an API server.
 * @param checkEvery how many requests pass between two looks at the whole store
 */
export async function fuzz(seed: number, requests: number, checkEvery: number): Promise<FuzzReport> {
  const api = new TestApi();
  api.server.serveRealClients({ protobuf: numbers });
  await api.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition);
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'a' } });
  await api.settle(5_000);
  const random = new World({ seed, epoch: 0 }).random.stream('fuzz');
  const generator = new Generator(random, (path) => current(api, path));
  const followers = new Followers(api, followed);
  const statuses = new Map<number, number>();
  const problems = new Set<string>();
  for (let i = 1; i <= requests; i++) {
    const request = random.float() < 0.02 ? generator.review() : generator.next();
    const before = api.server.core.store.revision;
    const { status, problem } = await send(api, request);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (problem) problems.add(`${problem}\n    request ${i}: ${describe(request)}`);
    if (api.server.core.store.revision < before)
      problems.add(`revisions go back\n    request ${i}: ${describe(request)}`);
    if (i % checkEvery !== 0 && i !== requests) continue;
    for (const found of [...(await followers.check()), ...(await storeProblems(api, 7)), ...etcdProblems(api)]) {
      problems.add(`${found} (up to request ${i})`);
    }
  }
  return { requests, statuses, problems: [...problems] };
}

async function send(api: TestApi, request: FuzzRequest): Promise<{ status: number; problem?: string }> {
  const { method, path, body, headers } = request;
  try {
    const response = await api.request(method, path, body, headers);
    if (response.stream) response.stream.close();
    const { status, json } = response;
    const type = response.headers['content-type'] ?? '';
    if (status === 500) return { status, problem: `500 ${json?.message ?? response.text}` };
    if (status >= 400 && type.startsWith('application/json') && json?.kind !== 'Status') {
      return { status, problem: `${status} without a Status` };
    }
    return { status };
  } catch (error) {
    return { status: 0, problem: `thrown: ${(error as Error).stack}` };
  }
}

/** The object at a path, without taking part in what is tested. */
function current(api: TestApi, path: string): Record<string, unknown> | undefined {
  const parts = path.split('/');
  const [group, rest] = parts[1] === 'api' ? ['', parts.slice(3)] : [parts[2]!, parts.slice(4)];
  const namespace = rest[0] === 'namespaces' && rest.length > 2 ? rest[1] : undefined;
  const [resource = '', name = ''] = namespace === undefined ? rest : rest.slice(2);
  const version = parts[1] === 'api' ? parts[2]! : parts[3]!;
  const found = api.server.core.find(group!, version, resource)?.storage.get(namespace, name);
  return found && (JSON.parse(JSON.stringify(found.object)) as Record<string, unknown>);
}

/** All raw values can be made. */
function etcdProblems(api: TestApi): string[] {
  try {
    const { count, kvs } = new Etcd(api.server.core, numbers).get('/registry/', '/registry0');
    return kvs.length === count && kvs.every(({ value }) => value.length > 0) ? [] : ['etcd: empty values'];
  } catch (error) {
    return [`etcd: ${(error as Error).stack}`];
  }
}

function describe({ method, path, headers, body }: FuzzRequest): string {
  const text = body instanceof Uint8Array ? `<${body.length} bytes>` : (body ?? '');
  return `${method} ${path} ${JSON.stringify(headers)} ${text}`;
}
