import type { HttpHandler, Network } from '../../engine/network/index.ts';
import { webFiles } from './registry.ts';

/** The simulated internet, as far as it is files: what `kubectl apply -f URL` and `curl` get. */

/** A file that a web server of the world serves. */
export interface WebFile {
  /** `https://…`; several, where people know it by several. */
  urls: readonly string[];
  content(): string;
}

/** Where the hosts are; 198.51.100.0/24 is for documentation. */
const firstAddress = [198, 51, 100, 10] as const;

/** Puts the hosts of all known files on the network. */
export function createInternet(network: Network): void {
  const hosts = new Map<string, Map<string, WebFile>>();
  for (const file of webFiles)
    for (const url of file.urls) {
      const [, host = '', path = ''] = /^https:\/\/([^/]+)(\/.*)$/.exec(url)!;
      let paths = hosts.get(host);
      if (!paths) hosts.set(host, (paths = new Map()));
      paths.set(path, file);
    }
  let last = firstAddress[3];
  for (const [host, files] of hosts) {
    const address = [...firstAddress.slice(0, 3), last++].join('.');
    const namespace = network.addNamespace(`internet/${host}`, [`${address}/32`]);
    network.addName(host, address);
    namespace.listen(443, { protocol: 'https', http: serve(files) });
    namespace.listen(80, { protocol: 'http', http: serve(files) });
  }
}

function serve(files: ReadonlyMap<string, WebFile>): HttpHandler {
  return ({ path, method }) => {
    const file = files.get(path.split('?')[0]!);
    const body = new TextEncoder().encode(file ? file.content() : 'Not Found');
    const headers = {
      'content-type': file ? 'application/octet-stream' : 'text/plain',
      'content-length': String(body.length),
    };
    return { status: file ? 200 : 404, headers, body: method === 'HEAD' ? new Uint8Array() : body };
  };
}
