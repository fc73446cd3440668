import { statusText } from '../../network/http1.ts';
import { openOutput, type Process, type Program } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import {
  addressOf,
  base64,
  bodyOf,
  exchange,
  fileOf,
  headerName,
  isBusybox,
  openTcp,
  splitUrl,
  tcpGivesUp,
  type UrlText,
} from './lib.ts';

/** wget, as BusyBox and as GNU have it. */

interface WgetOptions {
  urls: string[];
  output: string | undefined;
  quiet: boolean;
  noVerbose: boolean;
  serverResponse: boolean;
  spider: boolean;
  timeout: number;
  tries: number;
  headers: string[];
  post: Uint8Array | undefined;
  method: string | undefined;
  userAgent: string | undefined;
  noCheck: boolean;
  directory: string | undefined;
}

class Usage extends Error {}

function parse(process: Process, busybox: boolean): WgetOptions {
  const o: WgetOptions = {
    urls: [], output: undefined, quiet: false, noVerbose: false, serverResponse: false, spider: false, timeout: busybox ? Infinity : 900_000, tries: busybox ? 1 : 20,
    headers: [], post: undefined, method: undefined, userAgent: undefined, noCheck: false, directory: undefined,
  }; // prettier-ignore
  const args = process.argv.slice(1);
  const encoder = new TextEncoder();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith('-') || arg === '-') {
      o.urls.push(arg);
      continue;
    }
    const long = /^--([\w-]+)(?:=(.*))?$/s.exec(arg);
    if (long) {
      const [, name = '', attached] = long;
      const value = () => attached ?? args[++i] ?? '';
      switch (name) {
        case 'output-document': o.output = value(); break;
        case 'quiet': o.quiet = true; break;
        case 'no-verbose': o.noVerbose = true; break;
        case 'server-response': o.serverResponse = true; break;
        case 'spider': o.spider = true; break;
        case 'timeout': case 'connect-timeout': case 'read-timeout': o.timeout = Number(value()) * 1000; break;
        case 'tries': o.tries = Number(value()) || Infinity; break;
        case 'header': o.headers.push(value()); break;
        case 'post-data': case 'body-data': o.post = encoder.encode(value()); break;
        case 'post-file': o.post = fileOf(process, value()) ?? new Uint8Array(); break;
        case 'method': o.method = value(); break;
        case 'user-agent': o.userAgent = value(); break;
        case 'no-check-certificate': o.noCheck = true; break;
        case 'directory-prefix': o.directory = value(); break;
        default: throw new Usage(busybox ? `unrecognized option: ${name}` : `unrecognized option '--${name}'`);
      } // prettier-ignore
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j]!;
      const rest = arg.slice(j + 1);
      const value = () => (rest !== '' ? rest : (args[++i] ?? ''));
      if ('qScncv'.includes(letter)) {
        if (letter === 'q') o.quiet = true;
        if (letter === 'S') o.serverResponse = true;
        if (letter === 'n' && rest.startsWith('v')) o.noVerbose = true;
        continue;
      }
      if (letter === 'O') o.output = value();
      else if (letter === 'T') o.timeout = Number(value()) * 1000;
      else if (letter === 't') o.tries = Number(value()) || Infinity;
      else if (letter === 'U') o.userAgent = value();
      else if (letter === 'P') o.directory = value();
      else if (letter === 'Y') value();
      else throw new Usage(busybox ? `unrecognized option: ${letter}` : `invalid option -- '${letter}'`);
      break;
    }
  }
  return o;
}

export const wget: Program = async (process) => {
  const busybox = isBusybox(process);
  let options: WgetOptions;
  try {
    options = parse(process, busybox);
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    await process.printError(busybox ? `wget: ${error.message}\nBusyBox v1.37.0 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR] [--post-data STR | --post-file FILE] [-Y on/off] [-P DIR] [-U AGENT] [-T SEC] URL...\n` : `wget: ${error.message}\nUsage: wget [OPTION]... [URL]...\n\nTry \`wget --help' for more options.\n`); // prettier-ignore
    return busybox ? 1 : 2;
  }
  if (options.urls.length === 0) {
    await process.printError(busybox ? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR] [--post-data STR | --post-file FILE] [-Y on/off] [-P DIR] [-U AGENT] [-T SEC] URL...\n' : "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"); // prettier-ignore
    return 1;
  }
  let status = 0;
  for (const url of options.urls)
    status = Math.max(status, await (busybox ? busyboxGet : gnuGet)(process, options, url));
  return status;
};

function requestOf(options: WgetOptions, url: UrlText, port: number, agent: string) {
  const standard = port === (url.scheme === 'https' ? 443 : 80);
  const headers: Record<string, string> = { host: standard ? url.host : `${url.host}:${port}`, 'user-agent': options.userAgent ?? agent, accept: '*/*', connection: 'close' }; // prettier-ignore
  if (url.user) headers['authorization'] = `Basic ${base64(url.user)}`;
  for (const header of options.headers) {
    const [name = '', value = ''] = header.split(/:\s*(.*)/s);
    headers[name.toLowerCase()] = value;
  }
  if (options.post) Object.assign(headers, { 'content-type': headers['content-type'] ?? 'application/x-www-form-urlencoded', 'content-length': String(options.post.length) }); // prettier-ignore
  const method = options.method ?? (options.post ? 'POST' : options.spider ? 'HEAD' : 'GET');
  return { method, path: url.path, headers, ...(options.post ? { body: options.post } : undefined) };
}

function fileName(options: WgetOptions, url: UrlText): string {
  const name = options.output ?? (url.path.split('?')[0]!.split('/').at(-1) || 'index.html');
  return options.directory !== undefined && options.output === undefined ? `${options.directory}/${name}` : name;
}

async function busyboxGet(process: Process, options: WgetOptions, text: string): Promise<number> {
  const fail = async (message: string) => {
    await process.printError(`wget: ${message}\n`);
    return 1;
  };
  const say = (line: string) => (options.quiet ? Promise.resolve() : process.printError(`${line}\n`));
  let target = text;
  for (let hops = 0; hops < 5; hops++) {
    const url = splitUrl(target);
    if (!url) return fail(`not an http or ftp url: ${target}`);
    if (url.scheme !== 'http' && url.scheme !== 'https') return fail(`not an http or ftp url: ${target}`);
    const port = url.port ?? (url.scheme === 'https' ? 443 : 80);
    const found = await addressOf(process, url.host);
    if ('failure' in found) return fail(`bad address '${url.host}${url.port === undefined ? '' : `:${port}`}'`);
    await say(
      `Connecting to ${url.host}${/^[\d.]+$/.test(url.host) || url.port !== undefined ? '' : ''} (${found.address}:${port})`,
    );
    const opened = await openTcp(process, found.address, port, options.timeout);
    if ('failure' in opened) {
      if (opened.limited) return fail('download timed out');
      const why = { refused: 'Connection refused', timeout: 'Operation timed out', 'no-route': 'Host is unreachable' }[opened.failure]; // prettier-ignore
      return fail(`can't connect to remote host (${found.address}): ${why}`);
    }
    const work = exchange(process, opened, url.scheme, requestOf(options, url, port, 'Wget'));
    const response =
      options.timeout === Infinity ? await work : await Promise.race([work, process.sleep(options.timeout)]);
    if (response === undefined) return fail('download timed out');
    opened.flow.close();
    if ('failure' in response) return fail(response.failure === 'tls' ? 'error getting response: Connection reset by peer' : 'error getting response'); // prettier-ignore
    if (options.serverResponse) {
      await process.printError(`  HTTP/1.1 ${response.status} ${statusText(response.status)}\n`);
      for (const [name, value] of Object.entries(response.headers))
        await process.printError(`  ${headerName(name)}: ${value}\n`);
    }
    const { location } = response.headers;
    if (location !== undefined && response.status >= 300 && response.status < 400) {
      target = location.startsWith('/')
        ? `${url.scheme}://${url.host}${url.port === undefined ? '' : `:${port}`}${location}`
        : location;
      continue;
    }
    if (response.status >= 400)
      return fail(`server returned error: HTTP/1.1 ${response.status} ${statusText(response.status)}`);
    if (options.spider) {
      await say('remote file exists');
      return 0;
    }
    const body = await bodyOf(process, response);
    const name = fileName(options, url);
    if (name === '-') {
      await say('writing to stdout');
      if (body.length > 0) await process.stdout.write(body, process.cancel);
    } else {
      if (options.output === undefined && process.machine.fs.exists(process.path(name)))
        return fail(`can't open '${name}': File exists`);
      await say(`saving to '${name}'`);
      const written = await save(process, name, body);
      if (written) return fail(`can't open '${name}': ${written}`);
    }
    const size = body.length < 10_000 ? String(body.length) : `${Math.round(body.length / 1024)}k`;
    await say(
      `${(name === '-' ? '-' : name).padEnd(20).slice(0, 20)} 100% |${'*'.repeat(32)}| ${size.padStart(5)}  0:00:00 ETA`,
    );
    await say(name === '-' ? 'written to stdout' : `'${name}' saved`);
    return 0;
  }
  return fail('too many redirections');
}

async function save(process: Process, name: string, body: Uint8Array): Promise<string | undefined> {
  try {
    const out = openOutput(process, name);
    await out.write(body);
    out.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return error.message;
  }
}

async function gnuGet(process: Process, options: WgetOptions, text: string): Promise<number> {
  const say = (line: string) => (options.quiet || options.noVerbose ? Promise.resolve() : process.printError(line));
  const clock = () => new Date(process.world.clock.now()).toISOString();
  const stamp = () => clock().slice(0, 19).replace('T', ' ');
  let target = text.includes('://') ? text : `http://${text}`;
  for (let hops = 0, attempt = 1; ;) {
    const url = splitUrl(target);
    if (!url || (url.scheme !== 'http' && url.scheme !== 'https')) {
      await process.printError(`${target}: Unsupported scheme.\n`);
      return 1;
    }
    const port = url.port ?? (url.scheme === 'https' ? 443 : 80);
    const shown = target.replace(/^(\w+:\/\/[^/]+)$/, '$1/');
    await say(`--${stamp()}--  ${attempt > 1 ? `(try:${String(attempt).padStart(2)})  ` : ''}${shown}\n`);
    let { host: address } = url;
    if (!/^[\d.]+$/.test(url.host)) {
      await say(`Resolving ${url.host} (${url.host})... `);
      const found = await addressOf(process, url.host);
      if ('failure' in found) {
        const why =
          found.failure === 'timeout' ? 'Temporary failure in name resolution.' : 'Name or service not known.';
        await say(`failed: ${why}\n`);
        if (!options.quiet) await process.printError(`wget: unable to resolve host address ‘${url.host}’\n`);
        return 4;
      }
      ({ address } = found);
      await say(`${address}\n`);
    }
    await say(
      `Connecting to ${url.host === address ? '' : `${url.host} (${url.host})|`}${address}${url.host === address ? '' : '|'}:${port}... `,
    );
    const opened = await openTcp(process, address, port, Math.min(options.timeout, tcpGivesUp));
    if ('failure' in opened) {
      const why = { refused: 'Connection refused', timeout: 'Connection timed out', 'no-route': 'No route to host' }[
        opened.failure
      ];
      await say(`failed: ${why}.\n`);
      // Only time-outs are worth another try; refusals and missing routes are final.
      if (opened.failure !== 'timeout' || attempt >= options.tries) return 4;
      await say('Retrying.\n\n');
      await process.sleep(Math.min(attempt, 10) * 1000);
      attempt++;
      continue;
    }
    await say('connected.\n');
    if (url.scheme === 'https' && !options.noCheck && !opened.result.listener.server.certificate?.trusted) {
      if (opened.result.listener.server.protocol === 'https') {
        await process.printError(`ERROR: cannot verify ${url.host}'s certificate, issued by ‘CN=kubernetes’:\n  Unable to locally verify the issuer's authority.\nTo connect to ${url.host} insecurely, use \`--no-check-certificate'.\n`); // prettier-ignore
        return 5;
      }
    }
    await say(`HTTP request sent, awaiting response... `);
    const response = await exchange(process, opened, url.scheme, requestOf(options, url, port, 'Wget/1.21.4'));
    opened.flow.close();
    if ('failure' in response) {
      await say(
        response.failure === 'tls'
          ? 'OpenSSL: error:0A00010B:SSL routines::wrong version number\nUnable to establish SSL connection.\n'
          : 'No data received.\n',
      );
      return 4;
    }
    await say(`${response.status} ${statusText(response.status)}\n`);
    if (options.serverResponse) {
      await process.printError(`  HTTP/1.1 ${response.status} ${statusText(response.status)}\n`);
      for (const [name, value] of Object.entries(response.headers))
        await process.printError(`  ${headerName(name)}: ${value}\n`);
    }
    const { location } = response.headers;
    if (location !== undefined && response.status >= 300 && response.status < 400) {
      if (++hops > 20) {
        await say('20 redirections exceeded.\n');
        return 8;
      }
      await say(`Location: ${location} [following]\n`);
      target = location.startsWith('/')
        ? `${url.scheme}://${url.host}${url.port === undefined ? '' : `:${port}`}${location}`
        : location;
      continue;
    }
    if (response.status >= 400) {
      const line = `${stamp()} ERROR ${response.status}: ${statusText(response.status)}.\n`;
      if (options.noVerbose) await process.printError(`${shown}:\n${line}`);
      else await say(`${line}\n`);
      return 8;
    }
    const body = await bodyOf(process, response);
    const type = (response.headers['content-type'] ?? '').split(';')[0];
    await say(`Length: ${response.headers['content-length'] ?? 'unspecified'}${type ? ` [${type}]` : ''}\n`);
    if (options.spider) {
      await say('Remote file exists.\n\n');
      return 0;
    }
    let name = fileName(options, url);
    if (name === '-') await process.stdout.write(body, process.cancel);
    else {
      for (let n = 1; options.output === undefined && process.machine.fs.exists(process.path(name)); n++)
        name = `${fileName(options, url)}.${n}`;
      const written = await save(process, name, body);
      if (written) {
        await process.printError(`${name}: ${written}\n\nCannot write to ‘${name}’ (${written}).\n`);
        return 3;
      }
    }
    const quoted = name === '-' ? '‘STDOUT’' : `‘${name}’`;
    await say(`Saving to: ${quoted}\n\n`);
    await say(
      `${(name === '-' ? '-' : name).padEnd(19).slice(0, 19)} 100%[===================>] ${String(body.length).padStart(7)}  --.-KB/s    in 0s      \n\n`,
    );
    const end =
      name === '-'
        ? `written to stdout [${body.length}${response.headers['content-length'] ? `/${body.length}` : ''}]`
        : `${quoted} saved [${body.length}/${body.length}]`;
    await say(`${stamp()} (${(body.length / 1024).toFixed(1)} MB/s) - ${end}\n\n`);
    if (options.noVerbose && !options.quiet)
      await process.printError(`${stamp()} URL:${shown} [${body.length}/${body.length}] -> "${name}" [1]\n`);
    return 0;
  }
}
