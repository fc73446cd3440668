import { statusText } from '../../network/http1.ts';
import type { HttpRequest, HttpResponse, Server } from '../../network/index.ts';
import { openOutput, type Process, type Program } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import { meterText, writeOutText, type Transfer } from './curl-report.ts';
import { certificateLines, isIssuedBy, verifyProblem } from './tls.ts';
import { CurlUsage, parseCurl, type CurlOptions } from './curl-options.ts';
import {
  addressOf,
  base64,
  bodyOf,
  exchange,
  fileOf,
  headerName,
  openTcp,
  splitUrl,
  versionOf,
  type UrlText,
} from './lib.ts';

/** curl 8. */

/** A transfer that has failed: `curl: (CODE) MESSAGE`. */
class CurlError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const curl: Program = async (process) => {
  const version = versionOf(process, 'curl', '8.5.0');
  let options: CurlOptions;
  try {
    options = parseCurl(process.argv.slice(1));
  } catch (error) {
    if (!(error instanceof CurlUsage)) throw error;
    const ours = error.message.startsWith('slipway:');
    await process.printError(ours ? `${error.message}\n` : `curl: ${error.message}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`); // prettier-ignore
    return error.code;
  }
  if (options.version) {
    await process.print(`curl ${version} (x86_64-pc-linux-gnu) libcurl/${version} OpenSSL/3.0.13 zlib/1.3\nRelease-Date: 2023-12-06\nProtocols: http https\nFeatures: alt-svc HSTS HTTPS-proxy IPv6 Largefile libz SSL threadsafe UnixSockets\n`); // prettier-ignore
    return 0;
  }
  if (options.help) {
    await process.print('Usage: curl [options...] <url>\n -d, --data <data>           HTTP POST data\n -f, --fail                  Fail fast with no output on HTTP errors\n -h, --help <category>       Get help for commands\n -o, --output <file>         Write to file instead of stdout\n -O, --remote-name           Write output to file named as remote file\n -i, --show-headers          Show response headers in output\n -s, --silent                Silent mode\n -T, --upload-file <file>    Transfer local FILE to destination\n -u, --user <user:password>  Server user and password\n -A, --user-agent <name>     Send User-Agent <name> to server\n -v, --verbose               Make the operation more talkative\n -V, --version               Show version number and quit\n'); // prettier-ignore
    return 0;
  }
  if (options.urls.length === 0) {
    await process.printError(
      "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    );
    return 2;
  }
  let status = 0;
  for (const [i, url] of options.urls.entries()) status = await withRetries(process, options, url, i, version);
  return status;
};

async function withRetries(
  process: Process,
  options: CurlOptions,
  url: string,
  index: number,
  version: string,
): Promise<number> {
  let wait = options.retryDelay ?? 1000;
  for (let attempt = 0; ; attempt++) {
    const run = new Curl(process, options, index, version);
    let code = 0;
    let message = '';
    let transient = false;
    try {
      await run.transfer(url, attempt);
      transient = [408, 429, 500, 502, 503, 504, 522, 524].includes(run.last?.status ?? 200);
    } catch (error) {
      if (!(error instanceof CurlError)) throw error;
      ({ code, message } = error);
      transient =
        code === 28 ||
        (code === 6 && options.retry > 0) ||
        (code === 7 && options.retryConnRefused) ||
        options.retryAllErrors;
      if (code === 22) transient ||= [408, 429, 500, 502, 503, 504].includes(run.last?.status ?? 0);
    }
    if (transient && attempt < options.retry) {
      const left = options.retry - attempt;
      const what = code === 28 ? 'timeout' : code === 0 || code === 22 ? 'HTTP error' : code === 7 ? 'connection refused' : '(retrying all errors)'; // prettier-ignore
      if (!options.silent || options.showError)
        await process.printError(`Warning: Problem: ${what}. Will retry in ${wait / 1000} second${wait === 1000 ? '' : 's'}. ${left} retr${left === 1 ? 'y' : 'ies'} left.\n`); // prettier-ignore
      await process.sleep(wait);
      if (options.retryDelay === undefined) wait = Math.min(wait * 2, 600_000);
      continue;
    }
    await run.report(code);
    if (code !== 0 && (!options.silent || options.showError)) await process.printError(`curl: (${code}) ${message}\n`);
    return code;
  }
}

class Curl {
  readonly #process: Process;
  readonly #options: CurlOptions;
  readonly #index: number;
  readonly #version: string;
  last: Transfer | undefined;
  #headers: Record<string, string> = {};

  constructor(process: Process, options: CurlOptions, index: number, version: string) {
    this.#process = process;
    this.#options = options;
    this.#index = index;
    this.#version = version;
  }

  get #now(): number {
    return this.#process.world.queue.now;
  }

  async #say(text: string): Promise<void> {
    if (this.#options.verbose) await this.#process.printError(`${text}\n`);
  }

  /** @throws CurlError */
  async transfer(first: string, retries: number): Promise<void> {
    const options = this.#options;
    const started = this.#now;
    let text = first;
    let method: string | undefined;
    for (let redirects = 0; ; redirects++) {
      const url = splitUrl(text);
      if (!url) throw new CurlError(3, 'URL rejected: Malformed input to a URL function');
      const response = await this.#one(url, text, started, redirects, method, retries);
      const { location } = response.headers;
      const redirect = location !== undefined && [301, 302, 303, 307, 308].includes(response.status);
      if (!redirect) return;
      const next = absoluteUrl(text, url, location);
      this.last!.redirectUrl = next;
      if (!options.location) return;
      if (redirects >= options.maxRedirects)
        throw new CurlError(47, `Maximum (${options.maxRedirects}) redirects followed`);
      if (response.status === 303 || ((response.status === 301 || response.status === 302) && options.data.length > 0))
        method = 'GET';
      await this.#say(`* Issue another request to this URL: '${next}'`);
      text = next;
    }
  }

  async #one(
    url: UrlText,
    text: string,
    started: number,
    redirects: number,
    method: string | undefined,
    retries: number,
  ): Promise<HttpResponse> {
    const process = this.#process;
    const options = this.#options;
    const { scheme } = url;
    if (scheme !== 'http' && scheme !== 'https') throw new CurlError(1, `Protocol "${scheme}" not supported`);
    if (options.proxy) throw new CurlError(2, 'slipway: curl --proxy is not simulated');
    const port = url.port ?? (scheme === 'https' ? 443 : 80);
    const timeLeft = () => options.maxTime - (this.#now - started);
    const transfer: Transfer = {
      status: 0, url: text.includes('://') ? text : `http://${text}${text.includes('/') ? '' : '/'}`, started, connected: 0, looked: 0, firstByte: 0, size: 0, headerSize: 0, uploaded: 0,
      redirects, redirectUrl: '', contentType: '', localIP: '', localPort: 0, remoteIP: '', remotePort: 0, method: '', scheme, retries,
    }; // prettier-ignore
    this.last = transfer;
    const [host, connectPort, address] = await this.#resolve(url.host, port);
    transfer.looked = this.#now - started;
    await this.#say(`*   Trying ${address}:${connectPort}...`);
    const begun = this.#now;
    const limit = Math.min(options.connectTimeout, timeLeft());
    const opened = await openTcp(process, address, connectPort, limit);
    if ('failure' in opened) {
      const took = Math.round(this.#now - begun);
      const could = atLeast(this.#version, 8, 11) ? 'Could not connect to server' : "Couldn't connect to server";
      if (opened.limited) {
        await this.#say(`* Connection timed out after ${Math.round(limit) + 1} milliseconds\n* Closing connection`);
        throw new CurlError(28, `Connection timed out after ${Math.round(limit) + 1} milliseconds`);
      }
      const why = { refused: 'Connection refused', timeout: 'Connection timed out', 'no-route': 'No route to host' }[
        opened.failure
      ];
      await this.#say(`* connect to ${address} port ${connectPort} failed: ${why}\n* Failed to connect to ${host} port ${connectPort} after ${took} ms: ${could}\n* Closing connection`); // prettier-ignore
      throw new CurlError(
        opened.failure === 'timeout' ? 28 : 7,
        `Failed to connect to ${host} port ${connectPort} after ${took} ms: ${could}`,
      );
    }
    const { flow } = opened;
    transfer.connected = this.#now - started;
    Object.assign(transfer, {
      localIP: flow.source,
      localPort: flow.sourcePort,
      remoteIP: address,
      remotePort: connectPort,
    });
    await this.#say(`* Connected to ${host} (${address}) port ${connectPort}`);
    if (scheme === 'https') await this.#handshake(opened.result.listener.server, url.host);
    const request = this.#request(url, port, method);
    transfer.method = request.method;
    transfer.uploaded = request.body instanceof Uint8Array ? request.body.length : 0;
    const lines = [`${request.method} ${request.path} HTTP/1.${options.http10 ? 0 : 1}`, ...Object.entries(this.#headers).map(([n, v]) => `${n}: ${v}`)]; // prettier-ignore
    await this.#say([...lines.map((l) => `> ${l}`), '> ', ...(atLeast(this.#version, 8, 8) ? ['* Request completely sent off'] : [])].join('\n')); // prettier-ignore
    const exchanged = await this.#timed(exchange(process, opened, scheme, request), timeLeft());
    if (exchanged === undefined) {
      const text = `Operation timed out after ${Math.round(options.maxTime) + 1} milliseconds with 0 bytes received`;
      await this.#say(`* ${text}\n* Closing connection`);
      throw new CurlError(28, text);
    }
    flow.close();
    if ('failure' in exchanged) {
      const [code, message] = {
        empty: [52, 'Empty reply from server'],
        plain: [52, 'Empty reply from server'],
        garbage: [1, 'Received HTTP/0.9 when not allowed'],
        tls: [35, 'OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number'],
      }[exchanged.failure] as [number, string];
      await this.#say(`* ${message}\n* Closing connection`);
      throw new CurlError(code, message);
    }
    await process.sleep(flow.plan.latency * 2);
    transfer.firstByte = this.#now - started;
    const location =
      options.location &&
      exchanged.headers['location'] !== undefined &&
      exchanged.status >= 300 &&
      exchanged.status < 400;
    await this.#receive(exchanged, transfer, host, location);
    return exchanged;
  }

  /** Undefined when `limit` passes first. */
  async #timed<T>(work: Promise<T>, limit: number): Promise<T | undefined> {
    if (limit === Infinity) return work;
    const process = this.#process;
    const late = process.sleep(Math.max(0, limit)).then(() => undefined);
    return Promise.race([work, late]);
  }

  async #resolve(host: string, port: number): Promise<[host: string, port: number, address: string]> {
    for (const entry of this.#options.resolve) {
      const [name, number, ...rest] = entry.replace(/^[+-]/, '').split(':');
      if ((name === host || name === '*') && (number === String(port) || number === '*')) return [host, port, rest.join(':').split(',')[0]!.replace(/^\[|\]$/g, '')]; // prettier-ignore
    }
    for (const entry of this.#options.connectTo) {
      const [from = '', fromPort = '', to = '', toPort = ''] = entry.split(':');
      if ((from !== '' && from !== host) || (fromPort !== '' && fromPort !== String(port))) continue;
      const target = await addressOf(this.#process, to || host);
      if ('address' in target) return [to || host, Number(toPort) || port, target.address];
    }
    const found = await addressOf(this.#process, host);
    if ('failure' in found) {
      await this.#say(`* Could not resolve host: ${host}\n* Closing connection`);
      if (found.failure === 'timeout' && this.#options.connectTimeout < 300_000)
        throw new CurlError(28, `Resolving timed out after ${this.#options.connectTimeout} milliseconds`);
      throw new CurlError(6, `Could not resolve host: ${host}`);
    }
    if (!/^[\d.]+$/.test(host))
      await this.#say(`* Host ${host}:${port} was resolved.\n* IPv6: (none)\n* IPv4: ${found.address}`);
    return [host, port, found.address];
  }

  async #handshake(server: Pick<Server, 'protocol' | 'certificate' | 'certificateFor'>, host: string): Promise<void> {
    const { insecure, cacert } = this.#options;
    const certificate = server.certificateFor?.(host) ?? server.certificate;
    await this.#say('* ALPN: curl offers h2,http/1.1\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):');
    if (server.protocol !== 'https') {
      await this.#say('* OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number\n* Closing connection');
      throw new CurlError(35, 'OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number');
    }
    await this.#process.sleep(1);
    if (cacert !== undefined && !fileOf(this.#process, cacert))
      throw new CurlError(77, `error setting certificate verify locations:  CAfile: ${cacert} CApath: none`);
    if (
      !insecure &&
      !(cacert === undefined ? certificate?.trusted : isIssuedBy(certificate, fileOf(this.#process, cacert)!))
    ) {
      const problem = verifyProblem(certificate).text;
      const more = `\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.`;
      await this.#say('* TLSv1.3 (OUT), TLS alert, unknown CA (560):\n* SSL certificate problem: ' + problem + '\n* Closing connection'); // prettier-ignore
      throw new CurlError(60, `SSL certificate problem: ${problem}${more}`);
    }
    const names = certificate?.names;
    const fits =
      !names ||
      names.some(
        (n) =>
          n === host ||
          (n.startsWith('*.') && host.endsWith(n.slice(1)) && host.split('.').length === n.split('.').length),
      );
    if (!insecure && !fits)
      throw new CurlError(60, `SSL: no alternative certificate subject name matches target host name '${host}'`);
    await this.#say('* TLSv1.3 (IN), TLS handshake, Server hello (2):\n* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256 / X25519 / RSASSA-PSS\n* ALPN: server accepted http/1.1'); // prettier-ignore
    const lines = certificateLines(certificate, this.#process.world.clock.now(), insecure);
    if (lines.length > 0) await this.#say(lines.join('\n'));
  }

  #request(url: UrlText, port: number, method: string | undefined): HttpRequest {
    const options = this.#options;
    const standard = port === (url.scheme === 'https' ? 443 : 80);
    const headers: Record<string, string> = { Host: `${url.host}${standard ? '' : `:${port}`}` };
    const user = options.user ?? url.user;
    if (user !== undefined) headers['Authorization'] = `Basic ${base64(user.includes(':') ? user : `${user}:`)}`;
    headers['User-Agent'] = options.userAgent ?? `curl/${this.#version}`;
    headers['Accept'] = '*/*';
    if (options.referer) headers['Referer'] = options.referer;
    if (options.cookie) headers['Cookie'] = options.cookie;
    let body = this.#body();
    let path = url.path;
    if (body && options.get) {
      path += (path.includes('?') ? '&' : '?') + new TextDecoder().decode(body);
      body = undefined;
    }
    if (body) {
      const json = options.data.some((d) => d.kind === 'json');
      if (json) Object.assign(headers, { 'Content-Type': 'application/json', Accept: 'application/json' });
      headers['Content-Length'] = String(body.length);
      if (!json && options.data.length > 0) headers['Content-Type'] = 'application/x-www-form-urlencoded';
      if (options.forms.length > 0) headers['Content-Type'] = `multipart/form-data; boundary=${boundary}`;
    }
    for (const header of options.headers) {
      const [, name = '', value = ''] = /^([^:;]+)[:;]\s*(.*)$/s.exec(header) ?? [];
      const key = Object.keys(headers).find((k) => k.toLowerCase() === name.toLowerCase());
      if (value === '' && header.endsWith(':')) {
        if (key) delete headers[key];
      } else if (name !== '') headers[key ?? name] = value;
    }
    this.#headers = headers;
    const implied = options.head ? 'HEAD' : options.uploads.length > 0 ? 'PUT' : body ? 'POST' : 'GET';
    return {
      method: method ?? options.method ?? implied,
      path,
      headers: Object.fromEntries(Object.entries(headers).map(([n, v]) => [n.toLowerCase(), v])),
      ...(body && method !== 'GET' ? { body } : undefined),
    };
  }

  #body(): Uint8Array | undefined {
    const { data, uploads, forms } = this.#options;
    const process = this.#process;
    const file = (name: string, code = 26): Uint8Array => {
      const bytes = fileOf(process, name);
      if (!bytes) throw new CurlError(code, `Failed to open/read local data from file/application`);
      return bytes;
    };
    if (uploads[this.#index] !== undefined) return file(uploads[this.#index]!);
    const encoder = new TextEncoder();
    if (forms.length > 0)
      return encoder.encode(
        forms.map((f) => {
          const [name = '', value = ''] = f.split(/=(.*)/s);
          const text = value.startsWith('@') || value.startsWith('<') ? new TextDecoder().decode(file(value.slice(1))) : value;
          const from = value.startsWith('@') ? `; filename="${value.slice(1).split('/').at(-1)}"\r\nContent-Type: application/octet-stream` : '';
          return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${from}\r\n\r\n${text}\r\n`;
        }).join('') + `--${boundary}--\r\n`,
      ); // prettier-ignore
    if (data.length === 0) return undefined;
    const parts = data.map(({ text, kind }) => {
      if (kind === 'urlencode') {
        const [name, value] = text.includes('=') ? text.split(/=(.*)/s) : ['', text];
        return `${name ? `${name}=` : ''}${encodeURIComponent(value ?? '')}`;
      }
      if (kind === 'raw' || !text.startsWith('@')) return text;
      const content = new TextDecoder().decode(file(text.slice(1)));
      return kind === 'form' ? content.replace(/[\r\n]/g, '') : content;
    });
    return encoder.encode(parts.join(data.some((d) => d.kind === 'json') ? '' : '&'));
  }

  async #receive(response: HttpResponse, transfer: Transfer, host: string, skipsBody: boolean): Promise<void> {
    const process = this.#process;
    const options = this.#options;
    const head = [`HTTP/1.1 ${response.status} ${statusText(response.status)}`, ...Object.entries(response.headers).map(([n, v]) => `${headerName(n)}: ${v}`)]; // prettier-ignore
    const headText = `${head.join('\r\n')}\r\n\r\n`;
    transfer.status = response.status;
    transfer.headerSize += headText.length;
    transfer.contentType = response.headers['content-type'] ?? '';
    await this.#say([...head.map((line) => `< ${line}`), '< '].join('\n'));
    const body = options.head ? new Uint8Array() : await bodyOf(process, response);
    if (skipsBody) {
      if (options.include || options.head) await process.print(headText);
      if (body.length > 0) await this.#say(`* Ignoring the response-body\n* Connection #0 to host ${host} left intact`);
      return;
    }
    transfer.size = body.length;
    const failed = options.fail && response.status >= 400;
    if (failed && !options.failWithBody) {
      await this.#say(`* The requested URL returned error: ${response.status}\n* Closing connection`);
      if (options.include || options.head) await process.print(headText);
      throw new CurlError(22, `The requested URL returned error: ${response.status}`);
    }
    const target = options.outputs[this.#index];
    if (options.dumpHeader !== undefined) await this.#write(options.dumpHeader, new TextEncoder().encode(headText));
    const show = options.include || options.head ? new TextEncoder().encode(headText) : new Uint8Array();
    if (!options.silent && !options.noProgress && (target !== undefined || !process.isatty.stdout))
      await process.printError(meterText(transfer, this.#now));
    if (body.length > 0 && !process.isatty.stdout) await this.#say(`{ [${body.length} bytes data]`);
    const name = target === true ? splitUrl(transfer.url)?.path.split('?')[0]!.split('/').at(-1) : target;
    if (name === '') throw new CurlError(23, 'Remote file name has no length');
    if (name !== undefined && name !== '-') await this.#write(name, joined(show, body));
    else if (show.length + body.length > 0) await process.stdout.write(joined(show, body), process.cancel);
    await this.#say(`* Connection #0 to host ${host} left intact`);
    if (failed) throw new CurlError(22, `The requested URL returned error: ${response.status}`);
  }

  async #write(name: string, data: Uint8Array): Promise<void> {
    try {
      if (this.#options.createDirs && name.includes('/')) this.#process.machine.fs.mkdir(this.#process.path(name.replace(/\/[^/]*$/, '')), { recursive: true }); // prettier-ignore
      const out = openOutput(this.#process, name);
      await out.write(data);
      out.close();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await this.#process.printError(`Warning: Failed to open the file ${name}: ${error.message}\n`);
      throw new CurlError(23, 'Failure writing output to destination');
    }
  }

  /** Writes what `-w` asks for. */
  async report(code: number): Promise<void> {
    const { writeOut } = this.#options;
    const text = writeOut === undefined ? '' : writeOutText(writeOut, this.last, this.#now, code);
    if (text !== '') await this.#process.print(text);
  }
}

const boundary = '------------------------d74496d66958873e';

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

function absoluteUrl(base: string, url: UrlText, location: string): string {
  if (/^[a-z][\w+.-]*:\/\//i.test(location)) return location;
  const origin = /^(?:[a-z][\w+.-]*:\/\/)?[^/?#]+/i.exec(base)?.[0] ?? base;
  const front = origin.includes('://') ? origin : `${url.scheme}://${origin}`;
  if (location.startsWith('//')) return `${url.scheme}:${location}`;
  if (location.startsWith('/')) return front + location;
  return front + url.path.replace(/[^/]*$/, '') + location;
}
