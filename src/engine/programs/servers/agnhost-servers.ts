import { sha256 } from '@noble/hashes/sha2.js';
import { ConnectionError, type Process, type Program } from '../../process/index.ts';
import { isReader } from '../../network/index.ts';
import { readAll } from '../../world/index.ts';
import { base64 } from '../net/lib.ts';
import { goFlags, httpSocket, klogHead, requestTarget, textResponse, untilSignal, whileListening } from './service.ts';

/** agnhost's smaller subcommands that run on: porter, inclusterclient, grpc-health-checking, logs-generator. */

const klog = (process: Process, source: string, text: string) =>
  process.printError(`${klogHead(process.world.clock.now())}${String(process.pid).padStart(8)} ${source}] ${text}\n`);

/** Serves the text of each `SERVE_PORT_n` on port n; TLS where it is `SERVE_TLS_PORT_n`. */
export const porter: Program = async (process) => {
  const sockets: Parameters<typeof whileListening>[1][number][] = [];
  for (const [name, text] of process.env) {
    const match = /^SERVE_(TLS_)?PORT_(\d+)$/.exec(name);
    if (!match) continue;
    const socket = httpSocket(Number(match[2]), () => textResponse(200, text));
    sockets.push(match[1] ? { ...socket, server: { ...socket.server, protocol: 'https' } } : socket);
  }
  return whileListening(process, sockets, async () => {
    await untilSignal(process, ['SIGTERM', 'SIGINT']);
    return 0;
  });
};

/** Asks the API server how it is, again and again, with the token of its Pod. */
export const inclusterclient: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  const seconds = Number(flags.get('poll-interval') ?? 30);
  const { env, machine } = process;
  const [host, port] = [env.get('KUBERNETES_SERVICE_HOST'), env.get('KUBERNETES_SERVICE_PORT')];
  const file = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  const undo = process.onSignal('SIGTERM', () => process.machine.processes.signal(process.pid, 'SIGKILL'));
  await klog(process, 'main.go:51', 'started');
  if (host === undefined || port === undefined || !machine.fs.exists(file)) {
    await klog(
      process,
      'main.go:57',
      'err: unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
    undo();
    return 255;
  }
  for (;;) {
    await process.sleep(seconds * 1000);
    const token = machine.fs.readText(file).trim();
    await klog(process, 'main.go:79', 'calling /healthz');
    await klog(process, 'main.go:96', `authz_header=${base64url(sha256(new TextEncoder().encode(`Bearer ${token}`)))}`);
    try {
      const response = await process.fetch(`https://${host}:${port}/healthz`, {
        method: 'GET',
        headers: { host: `${host}:${port}`, authorization: `Bearer ${token}` },
      });
      const body = isReader(response.body) ? await readAll(response.body, process.cancel) : response.body;
      if (response.status !== 200)
        await klog(process, 'main.go:82', `status=${response.status}: ${new TextDecoder().decode(body)}`);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      await klog(process, 'main.go:82', `err: Get "https://${host}:${port}/healthz": ${error.message}`);
    }
  }
};

function base64url(bytes: Uint8Array): string {
  return base64(String.fromCharCode(...[...bytes].map((b) => b & 0x7f)))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

/** A gRPC health server on `--port`; `/make-serving` and `/make-not-serving` on `--http-port` change what it says. */
export const grpcHealthChecking: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  const port = Number(flags.get('port') ?? 5000);
  const httpPort = Number(flags.get('http-port') ?? 8080);
  const unhealthyAfter = Number(flags.get('delay-unhealthy-sec') ?? -1);
  const service = flags.get('service') ?? '';
  let serving = true;
  if (unhealthyAfter >= 0) process.world.queue.after(unhealthyAfter * 1000, () => void (serving = false));
  const control = httpSocket(httpPort, (request) => {
    const { path } = requestTarget(request);
    if (path === '/make-serving') serving = true;
    else if (path === '/make-not-serving') serving = false;
    else return textResponse(404, '404 page not found\n');
    return textResponse(200, '');
  });
  const grpc = {
    port,
    server: {
      protocol: 'tcp' as const,
      grpcHealth: (name: string) =>
        name === service || name === '' ? (serving ? ('SERVING' as const) : ('NOT_SERVING' as const)) : undefined,
    },
  };
  return whileListening(process, [grpc, control], async () => {
    await klog(process, 'log.go:245', `Http server starting to listen on :${httpPort}`);
    await klog(process, 'log.go:245', `gRPC server starting to listen on :${port}`);
    await untilSignal(process, ['SIGTERM', 'SIGINT']);
    return 0;
  });
};

/** Log lines that look like requests to an API server, at a given rate. */
export const logsGenerator: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(2));
  const total = Number(
    flags.get('log-lines-total') ?? flags.get('t') ?? process.env.get('LOGS_GENERATOR_LINES_TOTAL') ?? 0,
  );
  const duration = milliseconds(
    flags.get('run-duration') ?? flags.get('d') ?? process.env.get('LOGS_GENERATOR_DURATION') ?? '0s',
  );
  if (total <= 0) {
    await klog(process, 'logs_generator.go:57', 'Invalid total number of lines: ' + total);
    return 255;
  }
  if (duration <= 0) {
    await klog(process, 'logs_generator.go:61', 'Invalid duration: 0s');
    return 255;
  }
  const random = process.world.random.stream('logs-generator');
  for (let i = 0; i < total; i++) {
    const method = random.pick(['GET', 'POST', 'PUT']);
    const namespace = random.pick(['kube-system', 'default', 'ns']);
    const pod = Array.from({ length: 4 }, () => random.pick([...'abcdefghijklmnopqrstuvwxyz0123456789']))
      .join('')
      .replace(/^\d/, 'p');
    await klog(
      process,
      'logs_generator.go:76',
      `${i} ${method} /api/v1/namespaces/${namespace}/pods/${pod} ${200 + random.int(400)}`,
    );
    await process.sleep(duration / total);
  }
  return 0;
};

/** Go's durations, as far as these programs are given them. */
export function milliseconds(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  );
}
