import { LinearRegex } from '../../../regex/linear.ts';
import { AddressInUse, type HttpRequest, type HttpResponse } from '../../../network/index.ts';
import { ConnectionError } from '../../../process/index.ts';
import { Deferred, resolvePath, toBytes } from '../../../world/index.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, SilentExit } from '../framework/errors.ts';
import { klogLine } from '../framework/klog.ts';

export const proxy: Command = {
  use: 'proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  short: 'Run a proxy to the Kubernetes API server',
  long: `Makes the API server reachable on a local port, with the credentials of the kubeconfig, and files of a directory
beside it if wanted. Whoever reaches the port has those rights: it is opened on the loopback address only, unless told
otherwise.`,
  examples: `# The whole API on port 8001
kubectl proxy

# The API under /custom/, files of ./www under /static/
kubectl proxy --www=./www --api-prefix=/custom/

# On any free port
kubectl proxy --port=0`,
  flags: [
    {
      name: 'accept-hosts',
      type: 'string',
      default: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$',
      usage: 'Regular expressions for hosts that are accepted.',
    },
    { name: 'accept-paths', type: 'string', default: '^.*', usage: 'Regular expressions for paths that are accepted.' },
    { name: 'address', type: 'string', default: '127.0.0.1', usage: 'The address to listen on.' },
    { name: 'api-prefix', type: 'string', default: '/', usage: 'Prefix of the API here.' },
    {
      name: 'append-server-path',
      type: 'bool',
      usage: "Put the path of the context's server before that of each request.",
    },
    { name: 'disable-filter', type: 'bool', usage: 'Accept everything; dangerous on a port that others reach.' },
    {
      name: 'keepalive',
      notSimulated: true,
      type: 'duration',
      usage: 'Period of keep-alive packets on connections; 0 for none.',
    },
    { name: 'port', shorthand: 'p', type: 'int', default: 8001, usage: 'The port to listen on; 0 for any.' },
    {
      name: 'reject-methods',
      type: 'string',
      default: '^$',
      usage: "Regular expressions for methods that are refused, e.g. 'POST,PUT,PATCH'.",
    },
    {
      name: 'reject-paths',
      type: 'string',
      default: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach',
      usage: 'Regular expressions for paths that are refused, even if accepted otherwise.',
    },
    { name: 'unix-socket', shorthand: 'u', type: 'string', usage: 'Unix socket to listen on.' },
    { name: 'www', shorthand: 'w', type: 'string', usage: 'Directory whose files are served, too.' },
    { name: 'www-prefix', shorthand: 'P', type: 'string', default: '/static/', usage: 'Prefix of those files.' },
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, process } = context;
  const socket = flags.string('unix-socket');
  const isPortGiven = flags.changed('port');
  if (socket !== '' && isPortGiven) throw new CommandError('cannot set --unix-socket and --port at the same time');
  const handler = await makeHandler(context);
  const over = new Deferred<void>(process.world.queue);
  const close = socket === '' ? await listen(context, handler) : await listenUnix(context, socket, handler);
  // Nothing but a signal ends it.
  try {
    await over.wait(process.cancel);
  } finally {
    close();
  }
}

type Handler = (request: HttpRequest) => Promise<HttpResponse>;

async function listen(context: Context, http: Handler): Promise<() => void> {
  const { flags, process } = context;
  const { net } = process.machine;
  const address = flags.string('address');
  const port = flags.int('port') || net.ephemeralPort();
  if (port < 1024 && process.user.uid !== 0)
    throw new CommandError(`listen tcp ${address}:${port}: bind: permission denied`);
  try {
    const owner = { pid: process.pid, name: 'kubectl' };
    const listener = net.listen(port, { protocol: 'http', http }, address, owner);
    await context.out(`Starting to serve on ${address}:${port}\n`);
    return () => listener.close();
  } catch (error) {
    if (!(error instanceof AddressInUse)) throw error;
    throw new CommandError(`listen tcp ${address}:${port}: bind: address already in use`);
  }
}

async function listenUnix(context: Context, socket: string, http: Handler): Promise<() => void> {
  const { sockets } = context.process.machine;
  const path = context.process.path(socket);
  if (sockets.has(path)) throw new CommandError(`listen unix ${socket}: bind: address already in use`);
  sockets.set(path, http);
  await context.out(`Starting to serve on ${socket}\n`);
  return () => void sockets.delete(path);
}

/** Filter, static files and the API itself, as proxy.NewServer puts them together. */
async function makeHandler(context: Context): Promise<Handler> {
  const { flags } = context;
  const withSlash = (prefix: string) => (prefix.endsWith('/') ? prefix : `${prefix}/`);
  const apiPrefix = withSlash(flags.string('api-prefix'));
  const wwwPrefix = withSlash(flags.string('www-prefix'));
  const www = flags.string('www');
  const accepts = flags.bool('disable-filter') ? () => true : await makeFilter(context);
  return async (request) => {
    const path = request.path.split('?')[0]!;
    if (!accepts(request.method, path, hostOf(request))) return text(403, 'Forbidden\n');
    if (www !== '' && path.startsWith(wwwPrefix)) return serveFile(context, www, path.slice(wwwPrefix.length));
    if (!path.startsWith(apiPrefix)) return text(404, '404 page not found\n');
    return passOn(context, request, `/${request.path.slice(apiPrefix.length)}`);
  };
}

function hostOf({ headers }: HttpRequest): string {
  return (headers['host'] ?? 'localhost').replace(/:\d+$/, '');
}

/** @throws SilentExit for a pattern that is none */
async function makeFilter({
  flags,
  process,
}: Context): Promise<(method: string, path: string, host: string) => boolean> {
  const problems: string[] = [];
  const patterns = (flag: string) =>
    flags
      .string(flag)
      .split(',')
      .map((pattern) => {
        try {
          const regex = new LinearRegex(pattern);
          return (value: string) => regex.test(value);
        } catch (error) {
          problems.push((error as Error).message);
          return () => false;
        }
      });
  const acceptPaths = patterns('accept-paths');
  const rejectPaths = patterns('reject-paths');
  const acceptHosts = patterns('accept-hosts');
  const rejectMethods = patterns('reject-methods');
  if (problems.length > 0) {
    const text = `Error compiling re: ${problems[0]}`;
    await process.printError(klogLine(process, 'F', 'proxy_server.go:83', text));
    throw new SilentExit(255);
  }
  return (method, path, host) =>
    !rejectPaths.some((p) => p(path)) &&
    !rejectMethods.some((p) => p(method)) &&
    acceptPaths.some((p) => p(path)) &&
    acceptHosts.some((p) => p(host));
}

function text(status: number, body: string): HttpResponse {
  const bytes = toBytes(body);
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': String(bytes.length),
  };
  return { status, headers, body: bytes };
}

async function passOn({ process, factory, flags }: Context, request: HttpRequest, path: string): Promise<HttpResponse> {
  const { server, headers: own, certificate, tls } = factory.config();
  const [, origin = server, base = ''] = /^(https?:\/\/[^/]+)(.*)$/.exec(server) ?? [];
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (
      !['host', 'connection', 'keep-alive', 'proxy-authorization', 'origin', 'referer'].includes(name) ||
      request.headers['upgrade']
    )
      headers[name] = value;
  Object.assign(headers, own);
  const peer = certificate ? { certificate } : undefined;
  const { method, body, cancel } = request;
  try {
    const to = `${origin}${flags.bool('append-server-path') ? base : ''}${path}`;
    return await process.fetch(to, { method, headers, body, cancel, peer, tls });
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    await process.printError(`E proxy_server.go:147] Error while proxying request: ${error.message}\n`);
    return text(500, `${error.message}\n`);
  }
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
};

/** A file of the directory, its index.html, or a list of what is there (http.FileServer). */
function serveFile({ process }: Context, directory: string, name: string): HttpResponse {
  const { fs } = process.machine;
  const root = process.path(directory);
  const path = resolvePath(root, `./${name}`);
  const node = path === root || path.startsWith(`${root}/`) ? fs.lookup(path) : undefined;
  const index = node?.type === 'directory' ? fs.lookup(`${path}/index.html`) : undefined;
  const file = node?.type === 'file' ? node : index?.type === 'file' ? index : undefined;
  if (file) {
    const extension = index ? 'html' : /\.([a-z0-9]+)$/.exec(path)?.[1];
    const type = types[extension ?? ''] ?? 'text/plain; charset=utf-8';
    const headers = { 'content-type': type, 'content-length': String(file.data.length) };
    return { status: 200, headers, body: file.data };
  }
  if (node?.type !== 'directory') return text(404, '404 page not found\n');
  const names = fs
    .readdir(path)
    .sort()
    .map((entry) => (fs.lookup(`${path}/${entry}`)?.type === 'directory' ? `${entry}/` : entry));
  const page = `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${names.map((entry) => `<a href="${entry}">${entry}</a>\n`).join('')}</pre>\n`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: toBytes(page) };
}
