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

const commonChecks = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'autoregister-completion',
  'poststarthook/apiservice-openapiv3-controller',
];

const endpoints: Readonly<Record<string, readonly string[]>> = {
  healthz: commonChecks,
  livez: commonChecks,
  readyz: [...commonChecks.slice(0, 3), 'informer-sync', ...commonChecks.slice(3), 'shutdown'],
};

/** Answers /version, /healthz, /livez, /readyz and their single checks; undefined for other paths. */
export function health(path: string, query: Query): HttpResponse | undefined {
  const [root = '', ...rest] = path.split('/').filter((part) => part !== '');
  if (root === 'version' && rest.length === 0) return version();
  const checks = Object.hasOwn(endpoints, root) ? endpoints[root] : undefined;
  if (!checks) return undefined;
  if (rest.length > 0) return checks.includes(rest.join('/')) ? respondText(200, 'ok') : undefined;
  const excluded = query.all('exclude');
  if (!query.has('verbose')) return respondText(200, 'ok');
  const lines = checks.map((check) => `[+]${check} ${excluded.includes(check) ? 'excluded: ' : ''}ok`);
  return respondText(200, `${lines.join('\n')}\n${root} check passed\n`);
}

/** Always indented, and without a newline at its end. */
function version(): HttpResponse {
  const body = toBytes(JSON.stringify(versionInfo, undefined, 2));
  return { status: 200, headers: { 'content-type': 'application/json', 'content-length': String(body.length) }, body };
}
