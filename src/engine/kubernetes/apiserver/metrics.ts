import type { HttpResponse } from '../../network/http.ts';
import { toBytes } from '../../world/index.ts';
import type { ApiServerCore } from './core.ts';
import { versionInfo } from './health.ts';

/** What /metrics shows: what this server really counts, by upstream's names. */
export class ServerMetrics {
  readonly #core: ApiServerCore;
  readonly #requests = new Map<string, number>();

  constructor(core: ApiServerCore) {
    this.#core = core;
  }

  count(verb: string, code: number, resource = '', group = '', version = '', subresource = ''): void {
    const labels = `code="${code}",group="${group}",resource="${resource}",subresource="${subresource}",verb="${verb}",version="${version}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
  }

  /** In the text format of Prometheus. */
  respond(): HttpResponse {
    const requests = [...this.#requests].map(([labels, n]) => `apiserver_request_total{${labels}} ${n}`);
    const objects = [...this.#core.store.resources()]
      .filter((store) => store.size > 0)
      .map((store) => {
        const [group, resource] = store.id.split('/');
        return `apiserver_storage_objects{group="${group}",resource="${resource}"} ${store.size}`;
      });
    const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = versionInfo;
    const build = `kubernetes_build_info{build_date="${buildDate}",compiler="${compiler}",git_commit="${gitCommit}",git_tree_state="${gitTreeState}",git_version="${gitVersion}",go_version="${goVersion}",major="${major}",minor="${minor}",platform="${platform}"} 1`;
    const text = [
      ...family('apiserver_request_total', 'counter', 'Requests answered, by verb, resource and status.', requests),
      ...family('apiserver_storage_objects', 'gauge', 'Stored objects by resource.', objects),
      ...family('kubernetes_build_info', 'gauge', 'Always 1; the version is in the labels.', [build]),
    ].join('\n');
    const body = toBytes(`${text}\n`);
    const headers = {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': String(body.length),
    };
    return { status: 200, headers, body };
  }
}

function family(name: string, type: string, help: string, samples: readonly string[]): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...[...samples].sort()];
}
