import type { HttpRequest } from '../../network/index.ts';
import type { Process, Program } from '../../process/index.ts';
import {
  apacheDate,
  AddressInUse,
  commonLogDate,
  goFlags,
  httpDate,
  httpSocket,
  requestTarget,
  textResponse,
  untilSignal,
  whileListening,
} from './service.ts';

/** Small web servers: Apache, busybox httpd, http-echo, whoami. */

const peer = (request: HttpRequest): string => request.peer?.address ?? '127.0.0.1';

function contentType(path: string): string {
  const extension = /\.([a-z0-9]+)$/.exec(path)?.[1] ?? '';
  const types: Record<string, string> = {
    html: 'text/html',
    htm: 'text/html',
    txt: 'text/plain',
    css: 'text/css',
    js: 'text/javascript',
    json: 'application/json',
    png: 'image/png',
    svg: 'image/svg+xml',
  };
  return types[extension] ?? 'application/octet-stream';
}

/** A file below `root`, the index file for directories; undefined if there is none. */
function findFile(
  process: Process,
  root: string,
  path: string,
): { path: string; data: Uint8Array; mtime: number } | undefined {
  const { fs } = process.machine;
  let full = root + path;
  if (fs.lookup(full)?.type === 'directory') full = `${full.replace(/\/$/, '')}/index.html`;
  const node = fs.lookup(full);
  return node?.type === 'file' ? { path: full, data: node.data, mtime: node.mtime } : undefined;
}

/** Apache httpd in the foreground. */
export const apache: Program = async (process) => {
  const version = process.env.get('HTTPD_VERSION') ?? '2.4.66';
  if (process.argv.includes('-v')) {
    await process.print(`Server version: Apache/${version} (Unix)\n`);
    return 0;
  }
  const root = '/usr/local/apache2';
  const conf = process.machine.fs.exists(`${root}/conf/httpd.conf`)
    ? process.machine.fs.readText(`${root}/conf/httpd.conf`)
    : '';
  const documents = /^DocumentRoot\s+"?([^"\n]+)"?/m.exec(conf)?.[1] ?? `${root}/htdocs`;
  const ports = [...conf.matchAll(/^Listen\s+(?:\S+:)?(\d+)/gm)].map((m) => Number(m[1]));
  const log = (level: string, text: string) =>
    process.stderr.write(
      `[${apacheDate(process.world.clock.now())}] [${level}] [pid ${process.pid}:tid ${process.pid}] ${text}\n`,
    );
  const handler = (request: HttpRequest) => {
    const { path } = requestTarget(request);
    const found = findFile(process, documents, path);
    const headers: Record<string, string> = {
      date: httpDate(process.world.clock.now()),
      server: `Apache/${version} (Unix)`,
    };
    const body =
      found?.data ??
      new TextEncoder().encode(
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n',
      );
    if (found) {
      headers['last-modified'] = httpDate(found.mtime);
      headers['accept-ranges'] = 'bytes';
    }
    headers['content-length'] = String(body.length);
    headers['content-type'] = found ? contentType(found.path) : 'text/html; charset=iso-8859-1';
    const status = found ? 200 : 404;
    void process.stdout.write(
      `${peer(request)} - - [${commonLogDate(process.world.clock.now())}] "${request.method} ${request.path} HTTP/1.1" ${status} ${body.length}\n`,
    );
    return { status, headers, body: request.method === 'HEAD' ? new Uint8Array() : body };
  };
  try {
    return await whileListening(
      process,
      (ports.length > 0 ? ports : [80]).map((port) => httpSocket(port, handler)),
      async () => {
        const address = [...process.machine.net.addresses][0] ?? '127.0.0.1';
        await process.printError(
          `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${address}. Set the 'ServerName' directive globally to suppress this message\n`,
        );
        await log('mpm_event:notice', `AH00489: Apache/${version} (Unix) configured -- resuming normal operations`);
        await log('core:notice', `AH00094: Command line: 'httpd -D FOREGROUND'`);
        const signal = await untilSignal(process, ['SIGTERM', 'SIGWINCH', 'SIGINT']);
        await log(
          'mpm_event:notice',
          signal === 'SIGWINCH'
            ? 'AH00492: caught SIGWINCH, shutting down gracefully'
            : 'AH00491: caught SIGTERM, shutting down',
        );
        return 0;
      },
    );
  } catch (error) {
    if (!(error instanceof AddressInUse)) throw error;
    await process.printError(
      '(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n',
    );
    return 1;
  }
};

/** busybox httpd: -f foreground, -p port, -h home, -v. */
export const busyboxHttpd: Program = async (process) => {
  let port = 80;
  let home = process.cwd;
  let foreground = false;
  const args = process.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-p') port = Number(args[++i]?.split(':').at(-1));
    else if (arg === '-h') home = process.path(args[++i] ?? '');
    else if (/^-[fv]+$/.test(arg)) foreground ||= arg.includes('f');
    else {
      await process.printError(`httpd: unrecognized option: ${arg.replace(/^-+/, '')}\n`);
      return 1;
    }
  }
  const handler = (request: HttpRequest) => {
    const found = findFile(process, home, requestTarget(request).path);
    if (!found)
      return textResponse(
        404,
        '<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n',
        { 'content-type': 'text/html' },
      );
    return {
      status: 200,
      headers: {
        'content-type': contentType(found.path),
        'content-length': String(found.data.length),
        'last-modified': httpDate(found.mtime),
      },
      body: found.data,
    };
  };
  const serve = async (server: Process) =>
    whileListening(server, [httpSocket(port, handler)], async () => {
      // No handler for SIGTERM: as PID 1 busybox httpd, too, is only ended by SIGKILL.
      for (;;) await server.sleep(86_400_000);
    });
  if (foreground) {
    try {
      return await serve(process);
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      await process.printError('httpd: bind: Address in use\n');
      return 1;
    }
  }
  process.fork(serve, process.argv, { tty: false, group: 'new' });
  return 0;
};

/** hashicorp/http-echo: -text, -listen, -status-code. */
export const httpEcho: Program = async (process) => {
  const { flags, rest } = goFlags(process.argv.slice(1), ['version']);
  if (flags.get('version') === 'true') {
    await process.printError('http-echo v1.0.0\n');
    return 0;
  }
  const text = flags.get('text') ?? process.env.get('ECHO_TEXT') ?? '';
  if (text === '') {
    await process.printError('Missing -text option!\n');
    return 127;
  }
  if (rest.length > 0) {
    await process.printError('Too many arguments!\n');
    return 127;
  }
  const listen = flags.get('listen') ?? ':5678';
  const port = Number(listen.split(':').at(-1));
  const status = Number(flags.get('status-code') ?? 200);
  const started = (p: Process) =>
    p.printError(
      `${new Date(p.world.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')} [INFO] server is listening on ${listen}\n`,
    );
  const handler = (request: HttpRequest) => {
    const now = new Date(process.world.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
    const path = requestTarget(request).path;
    if (path === '/health') return textResponse(200, '{"status":"ok"}\n', { 'content-type': 'application/json' });
    void process.stdout.write(
      `${now} ${request.headers['host'] ?? ''} ${peer(request)} "${request.method} ${request.path} HTTP/1.1" ${status} ${text.length + 1} "${request.headers['user-agent'] ?? ''}" 0s\n`,
    );
    return textResponse(status, `${text}\n`, { 'x-app-name': 'http-echo', 'x-app-version': '1.0.0' });
  };
  return whileListening(process, [httpSocket(port, handler)], async () => {
    await started(process);
    await untilSignal(process, ['SIGTERM', 'SIGINT']);
    return 0;
  });
};

/** traefik/whoami. */
export const traefikWhoami: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(1), ['verbose']);
  const port = Number(flags.get('port') ?? process.env.get('WHOAMI_PORT_NUMBER') ?? 80);
  const name = flags.get('name') ?? process.env.get('WHOAMI_NAME');
  let healthy = 200;
  const handler = (request: HttpRequest) => {
    const { path } = requestTarget(request);
    if (path === '/health') {
      if (request.method === 'POST' && request.body instanceof Uint8Array)
        healthy = Number(new TextDecoder().decode(request.body)) || 200;
      return textResponse(healthy, '');
    }
    const headers = Object.entries(request.headers)
      .filter(([n]) => n !== 'host')
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const title = (n: string) => n.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase());
    const lines = [
      ...(name ? [`Name: ${name}`] : []),
      `Hostname: ${process.machine.hostname}`,
      'IP: 127.0.0.1',
      'IP: ::1',
      ...[...process.machine.net.addresses].map((a) => `IP: ${a}`),
      `RemoteAddr: ${peer(request)}:${request.peer?.port ?? 40000 + (process.pid % 20000)}`,
      `${request.method} ${request.path} HTTP/1.1`,
      `Host: ${request.headers['host'] ?? ''}`,
      ...headers.map(([n, v]) => `${title(n)}: ${v}`),
    ];
    if (path === '/api')
      return textResponse(
        200,
        JSON.stringify({
          hostname: process.machine.hostname,
          ip: ['127.0.0.1', '::1', ...process.machine.net.addresses],
          headers: Object.fromEntries(headers.map(([n, v]) => [title(n), [v]])),
          url: request.path,
          host: request.headers['host'] ?? '',
          method: request.method,
          ...(name ? { name } : {}),
        }) + '\n',
        { 'content-type': 'application/json' },
      );
    return textResponse(200, `${lines.join('\n')}\n\n`);
  };
  return whileListening(process, [httpSocket(port, handler)], async () => {
    await process.printError(
      `${new Date(process.world.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')} Starting up on port ${port}\n`,
    );
    await untilSignal(process, ['SIGTERM', 'SIGINT']);
    return 143;
  });
};
