import type { HttpRequest, HttpResponse } from '../../network/index.ts';
import type { Program } from '../../process/index.ts';
import { Deferred } from '../../world/index.ts';
import { goLogStamp } from '../apps/app.ts';
import { goFlags, httpSocket, requestTarget, textResponse, untilSignal, whileListening } from './service.ts';

/** Sample applications that tutorials deploy: Google's hello-app and podinfo. */

/** gcr.io/google-samples/hello-app: says its version and host name. */
export const helloApp: Program = async (process) => {
  const port = Number(process.env.get('PORT') || 8080);
  const version = process.env.get('HELLO_APP_VERSION') ?? '1.0.0';
  const log = (text: string) => process.printError(`${goLogStamp(process)}${text}\n`);
  const handler = (request: HttpRequest) => {
    void log(`Serving request: ${requestTarget(request).path}`);
    return textResponse(200, `Hello, world!\nVersion: ${version}\nHostname: ${process.machine.hostname}\n`);
  };
  return whileListening(process, [httpSocket(port, handler)], async () => {
    await log(`Server listening on port ${port}`);
    // It has no handler for SIGTERM: as PID 1 it is ended by SIGKILL only.
    for (;;) await process.sleep(86_400_000);
  });
};

/** stefanprodan/podinfo: an application that shows how it is, and misbehaves when asked. */
export const podinfo: Program = async (process) => {
  const { flags } = goFlags(process.argv.slice(1), [
    'h2c',
    'random-delay',
    'random-error',
    'unhealthy',
    'unready',
    'stress-memory',
  ]);
  const { env, machine, world } = process;
  const port = Number(flags.get('port') ?? env.get('PODINFO_PORT') ?? 9898);
  const version = env.get('PODINFO_VERSION') ?? '6.9.2';
  const message = flags.get('ui-message') ?? env.get('PODINFO_UI_MESSAGE') ?? `greetings from podinfo v${version}`;
  const color = flags.get('ui-color') ?? env.get('PODINFO_UI_COLOR') ?? '#34577c';
  let [healthy, ready] = [flags.get('unhealthy') !== 'true', flags.get('unready') !== 'true'];
  const ended = new Deferred<number>(world.queue);
  const json = (status: number, value: unknown) =>
    textResponse(status, `${JSON.stringify(value, null, 2)}\n`, { 'content-type': 'application/json; charset=utf-8' });
  const handler = async (request: HttpRequest): Promise<HttpResponse> => {
    const { path } = requestTarget(request);
    const [, first = '', second = ''] = path.split('/');
    switch (first) {
      case '':
      case 'api':
        if (first === 'api' && second !== 'info') break;
        return json(200, {
          hostname: machine.hostname,
          version,
          revision: 'unknown',
          color,
          logo: 'https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif',
          message,
          goos: 'linux',
          goarch: 'amd64',
          runtime: 'go1.25.3',
          num_goroutine: '8',
          num_cpu: '8',
        });
      case 'healthz':
        return json(healthy ? 200 : 503, { status: healthy ? 'OK' : 'Service Unavailable' });
      case 'readyz':
        if (request.method === 'POST' && (second === 'enable' || second === 'disable')) {
          ready = second === 'enable';
          return textResponse(202, '');
        }
        return json(ready ? 200 : 503, { status: ready ? 'OK' : 'Service Unavailable' });
      case 'version':
        return json(200, { commit: 'unknown', version });
      case 'env':
        return json(
          200,
          [...env].map(([name, value]) => `${name}=${value}`),
        );
      case 'headers':
        return json(
          200,
          Object.fromEntries(
            Object.entries(request.headers).map(([n, v]) => [n.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase()), [v]]),
          ),
        );
      case 'echo':
        return textResponse(202, request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : '');
      case 'status':
        return json(Number(second) || 500, { status: Number(second) || 500 });
      case 'delay':
        await world.sleep((Number(second) || 0) * 1000, process.cancel);
        return json(200, { delay: Number(second) || 0 });
      case 'panic':
        void process.printError('{"level":"panic","msg":"Panic command received"}\n');
        ended.resolve(255);
        return textResponse(500, '');
    }
    return textResponse(404, '404 page not found\n');
  };
  return whileListening(process, [httpSocket(port, handler)], async () => {
    const line = (msg: string) =>
      process.printError(
        `${JSON.stringify({ level: 'info', ts: new Date(world.clock.now()).toISOString(), caller: 'podinfo/main.go:153', msg, version, revision: 'unknown', port: String(port) })}\n`,
      );
    await line('Starting podinfo');
    void untilSignal(process, ['SIGTERM', 'SIGINT']).then(
      () => {
        healthy = ready = false;
        ended.resolve(0);
      },
      () => {},
    );
    const status = await ended.wait(process.cancel);
    if (status === 0) {
      await line('Shutting down HTTP/HTTPS server');
      // It waits until balancers have noticed that it is not ready.
      await process.sleep(3000);
    }
    return status;
  });
};
