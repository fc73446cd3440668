import type { HttpResponse } from '../../network/http.ts';
import type { Query } from './request-info.ts';
import { toBytes } from '../../world/index.ts';
import { respondText } from './responses.ts';

/** Paths that are not about resources. */

/** What /version says of v1.35.3. */
export const versionInfo = {
  major: '1',
  minor: '35',
  emulationMajor: '1',
  emulationMinor: '35',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '34',
  gitVersion: 'v1.35.3',
  gitCommit: '872bd3722d0954b31459f715fbd4fb7612aaf338',
  gitTreeState: 'clean',
  buildDate: '2026-03-18T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((name) => `poststarthook/${name}`);
const lateChecks = [
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

const endpoints: Readonly<Record<string, readonly string[]>> = {
  healthz: ['ping', 'log', 'etcd', ...hooks, ...lateChecks],
  livez: ['ping', 'log', 'etcd', ...hooks, ...lateChecks],
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...hooks, ...lateChecks, 'shutdown'],
};

/** All paths that `health` answers. */
export const healthPaths: readonly string[] = Object.entries(endpoints).flatMap(([root, checks]) => [
  `/${root}`,
  ...checks.map((check) => `/${root}/${check}`),
]);

/**
 * Answers /version, /healthz, /livez, /readyz and their single checks; undefined for other paths.
 * @param etcd whether etcd answers
 */
export function health(path: string, query: Query, etcd: boolean): HttpResponse | undefined {
  const [root = '', ...rest] = path.split('/').filter((part) => part !== '');
  if (root === 'version' && rest.length === 0) return version();
  const checks = Object.hasOwn(endpoints, root) ? endpoints[root] : undefined;
  if (!checks) return undefined;
  const fails = (check: string) => !etcd && (check === 'etcd' || check === 'etcd-readiness');
  if (rest.length > 0) {
    const check = rest.join('/');
    if (!checks.includes(check)) return undefined;
    return fails(check)
      ? respondText(500, 'internal server error: etcd failed: reason withheld\n')
      : respondText(200, 'ok');
  }
  const excluded = query.all('exclude');
  const failed = checks.some((check) => fails(check) && !excluded.includes(check));
  if (!failed && !query.has('verbose')) return respondText(200, 'ok');
  const lines = checks.map((check) => {
    if (excluded.includes(check)) return `[+]${check} excluded: ok`;
    return fails(check) ? `[-]${check} failed: reason withheld` : `[+]${check} ok`;
  });
  const unknown = excluded.filter((check) => !checks.includes(check));
  if (unknown.length > 0) {
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((u) => JSON.stringify(u)).join(', ')}`,
    );
  }
  return failed
    ? respondText(500, `${lines.join('\n')}\n${root} check failed\n`)
    : respondText(200, `${lines.join('\n')}\n${root} check passed\n`);
}

/** Always indented, and without a newline at its end. */
function version(): HttpResponse {
  const body = toBytes(JSON.stringify(versionInfo, undefined, 2));
  return { status: 200, headers: { 'content-type': 'application/json', 'content-length': String(body.length) }, body };
}
