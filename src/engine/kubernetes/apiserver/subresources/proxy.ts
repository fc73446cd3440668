import { isReader, type HttpRequest, type HttpResponse } from '../../../network/http.ts';
import type { FetchRequest } from '../../../process/process.ts';
import { concatBytes, type ByteReader } from '../../../world/index.ts';
import type { Node, Pod } from '../../types.ts';
import type { ApiServerCore, ServedResource } from '../core.ts';
import { badRequest, notFound, serviceUnavailable } from '../errors.ts';
import { rewriteHtml, rewriteUrl } from './proxy-rewrite.ts';

/** `pods/proxy`, `services/proxy` and `nodes/proxy`: requests passed on to what runs in the cluster. */

/** Sends a request from the control plane's machine. @throws Error `dial tcp …` when no connection can be made */
export type ProxyTransport = (url: string, request: FetchRequest) => Promise<HttpResponse>;

interface ObjectName {
  scheme: string;
  name: string;
  port: string;
}

/** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT` (utilnet.SplitSchemeNamePort). */
export function splitSchemeNamePort(id: string): ObjectName | undefined {
  const parts = id.split(':');
  const [scheme, name, port] =
    parts.length === 1 ? ['', parts[0], ''] : parts.length === 2 ? ['', parts[0], parts[1]] : parts;
  if (parts.length > 3 || !name || !['', 'http', 'https'].includes(scheme ?? '')) return undefined;
  return { scheme: scheme ?? '', name, port: port ?? '' };
}

const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'];

/** Passes a request on. @throws ApiError */
export async function serveProxy(
  core: ApiServerCore,
  served: ServedResource,
  namespace: string | undefined,
  id: string,
  request: HttpRequest,
  transport: ProxyTransport,
): Promise<HttpResponse> {
  const base = locate(core, served, namespace, id);
  const [path = '', query] = request.path.split(/\?(.*)/s);
  const marker = /^\/api\/v1\/(?:namespaces\/[^/]+\/)?(?:pods|services|nodes)\/[^/]+\/proxy/.exec(path);
  const prefix = marker?.[0] ?? path;
  const rest = path.slice(prefix.length);
  const search = query === undefined ? '' : `?${query}`;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (rest === '' && isRead && !request.headers['upgrade'])
    return { status: 301, headers: { location: `${path}/${search}` }, body: new Uint8Array() };
  const response = await send(transport, base, rest || '/', search, request);
  return response.status === 101 ? response : rewritten(response, prefix, new URLHost(base));
}

async function send(
  transport: ProxyTransport,
  base: string,
  path: string,
  search: string,
  request: HttpRequest,
): Promise<HttpResponse> {
  const headers: Record<string, string> = {};
  const upgrades = request.headers['upgrade'] !== undefined;
  for (const [name, value] of Object.entries(request.headers))
    if ((upgrades || !hopByHop.includes(name)) && name !== 'host' && name !== 'authorization') headers[name] = value;
  const forwarded = request.headers['x-forwarded-for'];
  const client = request.peer?.address;
  if (client) headers['x-forwarded-for'] = forwarded ? `${forwarded}, ${client}` : client;
  headers['x-forwarded-host'] ??= request.headers['host'] ?? '';
  headers['x-forwarded-proto'] ??= 'https';
  headers['x-forwarded-uri'] = request.path.split('?')[0]!;
  const { method, body, cancel } = request;
  try {
    return await transport(`${base}${path}${search}`, { method, headers, body, cancel });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConnectionError') throw error;
    throw serviceUnavailable(`error trying to reach service: ${error.message}`);
  }
}

class URLHost {
  readonly host: string;
  constructor(base: string) {
    this.host = base.replace(/^\w+:\/\//, '');
  }
}

/** Links and redirects to the server's own paths lead through the proxy again. */
async function rewritten(response: HttpResponse, prefix: string, { host }: URLHost): Promise<HttpResponse> {
  const headers = { ...response.headers };
  for (const name of hopByHop) delete headers[name];
  const { location } = headers;
  if (location !== undefined) headers['location'] = rewriteUrl(location, prefix, host);
  const isHtml = (headers['content-type'] ?? '').split(';')[0]!.trim() === 'text/html';
  if (!isHtml || headers['content-encoding']) return { ...response, headers };
  const bytes = isReader(response.body) ? await collect(response.body) : response.body;
  const body = new TextEncoder().encode(rewriteHtml(new TextDecoder().decode(bytes), prefix, host));
  if (headers['content-length'] !== undefined && response.body !== body && bytes.length > 0)
    headers['content-length'] = String(body.length);
  return { ...response, headers, body };
}

async function collect(reader: ByteReader): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let part = await reader.read(); part; part = await reader.read()) chunks.push(part);
  return concatBytes(chunks);
}

/** Where requests for an object go: `http://10.244.1.5:80`. @throws ApiError */
function locate(core: ApiServerCore, served: ServedResource, namespace: string | undefined, id: string): string {
  const { resource } = served.definition;
  const parsed = splitSchemeNamePort(id);
  if (!parsed) throw badRequest(`invalid ${resource.slice(0, -1)} request ${JSON.stringify(id)}`);
  const entry = served.storage.get(namespace, parsed.name);
  if (!entry) throw notFound(served.definition, parsed.name);
  if (resource === 'services') return locateService(core, namespace!, id, parsed, entry.object as unknown as Service);
  if (resource === 'nodes') return locateNode(parsed, entry.object as Node);
  return locatePod(parsed, entry.object as Pod);
}

function locatePod({ scheme, port }: ObjectName, { spec, status }: Pod): string {
  const declared = spec.containers.flatMap((c) => c.ports ?? [])[0]?.containerPort;
  const to = port || (declared === undefined ? '' : String(declared));
  if (!status.podIP) throw badRequest('address not allowed');
  return `${scheme || 'http'}://${status.podIP}${to === '' ? '' : `:${to}`}`;
}

/** The kubelet's own port, unless another is named. */
function locateNode({ name, scheme, port }: ObjectName, { status }: Node): string {
  const address = status.addresses?.find((a) => a.type === 'InternalIP')?.address ?? name;
  if (port === '' || port === '10250') return `https://${address}:10250`;
  return `${scheme || 'http'}://${address}:${port}`;
}

interface Service {
  spec: { ports?: { name?: string; port: number }[] };
}

interface Endpoints {
  subsets?: { addresses?: { ip: string }[]; ports?: { name?: string; port: number }[] }[];
}

function locateService(
  core: ApiServerCore,
  namespace: string,
  id: string,
  { scheme, name, port }: ObjectName,
  service: Service,
): string {
  let portName = port;
  if (/^\d+$/.test(port)) {
    const found = service.spec.ports?.find((p) => p.port === Number(port));
    if (!found) throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
    portName = found.name ?? '';
  }
  const endpoints = core.get('', 'endpoints', namespace, name) as unknown as Endpoints | undefined;
  if (!endpoints) throw notFound({ group: '', resource: 'endpoints' }, name);
  const subsets = endpoints.subsets ?? [];
  if (subsets.length === 0) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  const random = core.world.random.stream('service proxy');
  const start = random.int(subsets.length);
  for (let i = 0; i < subsets.length; i++) {
    const { addresses = [], ports = [] } = subsets[(start + i) % subsets.length]!;
    const found = ports.find((p) => (p.name ?? '') === portName);
    if (addresses.length === 0 || !found) continue;
    const { ip } = addresses[random.int(addresses.length)]!;
    return `${scheme || 'http'}://${ip}:${found.port}`;
  }
  throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(id)}`);
}
