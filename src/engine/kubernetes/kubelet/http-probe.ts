import {
  isReader,
  type ConnectResult,
  type HttpRequest,
  type HttpResponse,
  type Network,
  type Repeat,
} from '../../network/index.ts';
import { asProbe, portOf, succeeded, type ProbeOutcome, type ProbeTarget } from './probes.ts';
import type { LifecycleHandler } from './types.ts';

type HttpGet = NonNullable<LifecycleHandler['httpGet']>;

const tooLate = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

/** How the last request went. */
interface Memory {
  readonly container: ProbeTarget['container'];
  readonly connection: ConnectResult;
  readonly outcome: ProbeOutcome;
  readonly repeat: Repeat;
}

/**
 * An HTTP GET as the kubelet sends it, again and again, to `host` or the Pod. While nothing has changed that the outcome
 * depends on, only what a request leaves behind is done once more.
 */
export class HttpProbe {
  readonly #get: HttpGet;
  readonly #timeout: number;
  #request: { host: string; port: number; address: string; request: HttpRequest } | undefined;
  #last: Memory | undefined;

  /** @param timeout ms */
  constructor(get: HttpGet, timeout: number) {
    this.#get = get;
    this.#timeout = timeout;
  }

  run(target: ProbeTarget): ProbeOutcome | Promise<ProbeOutcome> {
    const get = this.#get;
    const { network, world, podIP, from, container } = target;
    this.#last = undefined;
    const port = portOf(get.port, target.spec);
    if (port === undefined)
      return { result: 'error', output: `couldn't find port: ${JSON.stringify({ Type: 1, StrVal: get.port })}` };
    const host = get.host || podIP;
    const path = get.path?.startsWith('/') ? get.path : `/${get.path ?? ''}`;
    const failed = (text: string) => getFailed(get, host, port, path, text);
    const connection = network.connect(from, host, port, asProbe);
    if (connection.outcome === 'refused') return failed(`dial tcp ${host}:${port}: connect: connection refused`);
    if (connection.outcome !== 'connected') return world.sleep(this.#timeout).then(() => failed(tooLate));
    const { server } = connection.listener;
    connection.flow.close();
    if (!server.http) return failed('EOF');
    if (server.protocol === 'http' && get.scheme === 'HTTPS')
      return failed('http: server gave HTTP response to HTTPS client');
    const request = this.#requestTo(host, port, path, connection.flow.seenSource);
    const response = server.http(request);
    if (response instanceof Promise) {
      const deadline = world.clock.now() + this.#timeout;
      return response.then((late) => (world.clock.now() > deadline ? failed(tooLate) : judge(late)));
    }
    const outcome = judge(response);
    const repeat = server.repeat?.(request);
    if (repeat) this.#last = { container, connection, outcome, repeat };
    return outcome;
  }

  /** The outcome of another request, made in short; undefined if it has to be made at length. */
  again(network: Network, container: ProbeTarget['container']): ProbeOutcome | undefined {
    const last = this.#last;
    if (last?.container !== container || !network.unchanged(last.connection) || !last.repeat()) return undefined;
    network.repeat(last.connection);
    return last.outcome;
  }

  /** The same object each time, by which servers may know that nothing in it has changed. */
  #requestTo(host: string, port: number, path: string, address: string): HttpRequest {
    const known = this.#request;
    if (known?.host === host && known.port === port && known.address === address) return known.request;
    const headers: Record<string, string> = {
      host: `${host}:${port}`,
      'user-agent': 'kube-probe/1.35',
      accept: '*/*',
      connection: 'close',
    };
    for (const header of this.#get.httpHeaders ?? []) headers[header.name.toLowerCase()] = header.value;
    const request = Object.freeze({ method: 'GET', path, headers: Object.freeze(headers), peer: { address } });
    this.#request = { host, port, address, request };
    return request;
  }
}

function getFailed({ scheme }: HttpGet, host: string, port: number, path: string, text: string): ProbeOutcome {
  const url = `${(scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${path}`;
  return { result: 'failure', output: `Get "${url}": ${text}` };
}

function judge({ status, body }: HttpResponse): ProbeOutcome {
  if (isReader(body)) body.close();
  if (status >= 200 && status < 400) return succeeded;
  return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
}
