import { isReader } from '../../network/index.ts';
import { ConnectionError } from '../../process/index.ts';
import { readAll, type Cancellation, type FileNode } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';

/** ADD's download: redirects followed; the file has the URL's last name. */
export async function downloadFile(
  engine: DockerEngine,
  url: string,
  cancel?: Cancellation,
): Promise<{ path: string; node: FileNode } | string> {
  let at = url;
  for (let hops = 0; hops < 10; hops++) {
    let response;
    try {
      response = await engine.host.fetch(at, {
        method: 'GET',
        headers: { 'user-agent': 'buildkit/v0.25' },
        ...(cancel ? { cancel } : {}),
      } as Parameters<typeof engine.host.fetch>[1]);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return `Get ${JSON.stringify(at)}: ${error.message}`;
    }
    const location = response.headers.location;
    if (response.status >= 300 && response.status < 400 && location) {
      at = location.startsWith('/') ? at.replace(/^(\w+:\/\/[^/]+).*$/, `$1${location}`) : location;
      continue;
    }
    if (response.status >= 400) return `invalid response status ${response.status}`;
    const data = isReader(response.body) ? await readAll(response.body, cancel) : response.body;
    const name = /^\w+:\/\/[^/]+\/(?:[^?#]*\/)?([^/?#]+)/.exec(url)?.[1] ?? 'download';
    const modified = Date.parse(response.headers['last-modified'] ?? '');
    const mtime = Number.isNaN(modified) ? 0 : modified;
    return { path: `/${name}`, node: { type: 'file', data, mode: 0o600, uid: 0, gid: 0, mtime } };
  }
  return `Get ${JSON.stringify(at)}: stopped after 10 redirects`;
}
