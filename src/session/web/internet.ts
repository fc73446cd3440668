import { dnsServer, publicDns, type HttpHandler, type Network } from '../../engine/network/index.ts';
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
    const certificate = { names: [host], issuer: "CN=E7,O=Let's Encrypt,C=US", trusted: true };
    namespace.listen(443, { protocol: 'https', http: serve(files), certificate });
    namespace.listen(80, { protocol: 'http', http: serve(files) });
  }
  for (const host of ['example.com', 'example.org'])
    site(network, host, [...firstAddress.slice(0, 3), last++].join('.'));
  for (const [name, address] of resolvers) {
    const namespace = network.addNamespace(`internet/${name}`, [`${address}/32`]);
    network.addName(name, address);
    namespace.listen(53, dnsServer(publicDns(network)));
  }
}

/** Name servers for everybody. */
const resolvers = [
  ['dns.google', '8.8.8.8'],
  ['one.one.one.one', '1.1.1.1'],
] as const;

/** A web site with one page, for trying whether the outside can be reached. */
function site(network: Network, host: string, address: string): void {
  const page = new TextEncoder().encode(
    `<!doctype html>\n<html lang="en">\n<head><title>Example Domain</title></head>\n<body>\n<h1>Example Domain</h1>\n<p>This is ${host}, as far away as anything can be here.</p>\n</body>\n</html>\n`,
  );
  const http: HttpHandler = ({ method }) => ({
    status: 200,
    headers: { 'content-type': 'text/html', 'content-length': String(page.length) },
    body: method === 'HEAD' ? new Uint8Array() : page,
  });
  const namespace = network.addNamespace(`internet/${host}`, [`${address}/32`]);
  for (const name of [host, `www.${host}`]) network.addName(name, address);
  const certificate = { names: [host, `www.${host}`], issuer: 'CN=DigiCert Global G3', trusted: true };
  namespace.listen(80, { protocol: 'http', http });
  namespace.listen(443, { protocol: 'https', http, certificate });
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
