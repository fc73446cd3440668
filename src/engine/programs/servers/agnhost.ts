import type { HttpRequest, HttpResponse } from '../../network/index.ts';
import type { Process, Program } from '../../process/index.ts';
import { Deferred } from '../../world/index.ts';
import { goStress } from '../load/vish-stress.ts';
import { connect, dial, dnsServerList, dnsSuffix, etcHosts, netexecUdp, shell } from './agnhost-network.ts';
import { grpcHealthChecking, inclusterclient, logsGenerator, porter } from './agnhost-servers.ts';
import { mounttest } from './agnhost-mounttest.ts';
import { conversionWebhook, webhook } from './agnhost-webhook.ts';
import { defineDaemon } from './daemon.ts';
import { goFlags, httpSocket, klogHead, requestTarget, textResponse, untilSignal, whileListening } from './service.ts';

/** agnhost: one program, many subcommands; those that the Kubernetes documentation uses. */

const log = (process: Process, text: string) =>
  process.printError(`${klogHead(process.world.clock.now())}${String(process.pid).padStart(8)} log.go:245] ${text}\n`);

/** HTTP (and UDP) test server: /hostname, /clientip, /echo, /healthz, /exit, /shutdown, … */
const netexec: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  const port = Number(flags.get('http-port') ?? 8080);
  const delay = Number((flags.get('delay-shutdown') ?? '0').replace(/s$/, ''));
  const started = process.world.clock.now();
  const ended = new Deferred<number>(process.world.queue);
  let ready = true;
  const handler = (request: HttpRequest): HttpResponse | Promise<HttpResponse> => {
    const { path, query } = requestTarget(request);
    void log(process, `${request.method} ${request.path}`);
    switch (path) {
      case '/':
        return textResponse(200, `NOW: ${new Date(process.world.clock.now()).toISOString()}`);
      case '/hostname':
      case '/hostName':
        return textResponse(200, process.machine.hostname);
      case '/clientip':
        return textResponse(200, `${request.peer?.address ?? '127.0.0.1'}:${request.peer?.port ?? 40_000}`);
      case '/echo':
        return textResponse(Number(query.get('code') ?? 200), query.get('msg') ?? '');
      case '/healthz':
        return textResponse(ready ? 200 : 503, '');
      case '/healthz-fail':
        ready = false;
        return textResponse(200, '');
      case '/header':
        return textResponse(200, request.headers[(query.get('key') ?? '').toLowerCase()] ?? '');
      case '/exit':
        ended.resolve(Number(query.get('code') ?? 0));
        return textResponse(200, '');
      case '/shutdown':
        ended.resolve(0);
        return textResponse(200, '');
      case '/dial':
        return dial(process, request);
      case '/shell':
        return shell(process, request);
      case '/redirect':
        return { status: Number(query.get('code') ?? 302), headers: { location: query.get('location') ?? '/' }, body: new Uint8Array() }; // prettier-ignore
      case '/upload':
      case '/uploads':
        return textResponse(501, `slipway: agnhost netexec ${path} is not simulated\n`);
      default:
        return textResponse(
          200,
          `NOW: ${new Date(process.world.clock.now()).toISOString()} (up ${Math.floor((process.world.clock.now() - started) / 1000)}s)`,
        );
    }
  };
  const udp = Number(flags.get('udp-port') ?? 8081);
  const sockets = [httpSocket(port, handler), ...(udp > 0 ? [{ port: udp, server: netexecUdp(process) }] : [])];
  return whileListening(process, sockets, async () => {
    await log(process, `Started HTTP server on port ${port}`);
    await log(process, `Started UDP server on port  ${flags.get('udp-port') ?? 8081}`);
    const undo = (['SIGTERM', 'SIGINT'] as const).map((signal) =>
      process.onSignal(signal, () => void ended.resolve(0)),
    );
    const status = await ended.wait(process.cancel);
    for (const remove of undo) remove();
    if (delay > 0) await process.sleep(delay * 1000);
    return status;
  });
};

const serveHostname: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(2), ['http', 'tcp', 'udp', 'close']);
  const port = Number(flags.get('port') ?? 9376);
  const udp = flags.get('udp') === 'true';
  const socket = udp
    ? { port, server: netexecUdp(process) }
    : httpSocket(port, () => textResponse(200, process.machine.hostname));
  return whileListening(process, [socket], async () => {
    await log(process, `Serving on port ${port}.`);
    await untilSignal(process, ['SIGTERM', 'SIGINT']);
    return 0;
  });
};

/** Healthy for ten seconds, then not: the liveness example of the documentation. */
const liveness: Program = async (process) => {
  const started = process.world.clock.now();
  const handler = (request: HttpRequest) => {
    if (requestTarget(request).path !== '/healthz')
      return textResponse(200, (process.world.clock.now() - started) / 1000 + 's');
    const seconds = (process.world.clock.now() - started) / 1000;
    return seconds > 10 ? textResponse(500, `error: ${seconds}`) : textResponse(200, 'ok');
  };
  return whileListening(process, [httpSocket(8080, handler)], async () => {
    await untilSignal(process);
    return 0;
  });
};

const testWebserver: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  const handler = (request: HttpRequest) => {
    const node = process.machine.fs.lookup(requestTarget(request).path);
    return node?.type === 'file'
      ? { status: 200, headers: {}, body: node.data }
      : textResponse(404, '404 page not found\n');
  };
  return whileListening(process, [httpSocket(Number(flags.get('port') ?? 80), handler)], async () => {
    await untilSignal(process);
    return 0;
  });
};

const entrypointTester: Program = async (process) => {
  await process.print(`[${process.argv.join(' ')}]\n`);
  return 0;
};

const pauseSubcommand: Program = defineDaemon({
  signals: ['SIGINT', 'SIGTERM'],
  started: () => ['Paused'],
});

const subcommands: ReadonlyMap<string, Program> = new Map([
  ['netexec', netexec],
  ['serve-hostname', serveHostname],
  ['liveness', liveness],
  ['test-webserver', testWebserver],
  ['logs-generator', logsGenerator],
  ['entrypoint-tester', entrypointTester],
  ['connect', connect],
  ['dns-server-list', dnsServerList],
  ['dns-suffix', dnsSuffix],
  ['etc-hosts', etcHosts],
  ['grpc-health-checking', grpcHealthChecking],
  ['inclusterclient', inclusterclient],
  ['mounttest', mounttest],
  ['pause', pauseSubcommand],
  ['porter', porter],
  ['webhook', webhook],
  ['crd-conversion-webhook', conversionWebhook],
  ['stress', (process) => goStress(process, process.argv.slice(2))],
]);

export const agnhost: Program = async (process) => {
  const name = process.argv[1];
  if (name === '--version' || name === 'version') {
    await process.print(`agnhost version 2.57\n`);
    return 0;
  }
  const subcommand = name === undefined ? undefined : subcommands.get(name);
  if (!subcommand) {
    await process.printError(
      name === undefined ? 'Usage:\n  agnhost [command]\n' : `slipway: agnhost ${name} is not simulated\n`,
    );
    return name === undefined ? 0 : 1;
  }
  return subcommand(process);
};
