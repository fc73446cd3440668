import type { HttpRequest } from '../../network/index.ts';
import type { Program } from '../../process/index.ts';
import { Terminated } from '../../process/index.ts';
import {
  apacheDate,
  commonLogDate,
  httpDate,
  httpSocket,
  textResponse,
  untilSignal,
  whileListening,
} from '../servers/service.ts';

/** registry.k8s.io/hpa-example: Apache with PHP, whose only page takes a million square roots. */

/** CPU ms of one request. */
const pageCost = 34;
/** Processes that Apache lets serve at once (MaxRequestWorkers). */
const maxWorkers = 150;

export const hpaExample: Program = async (process) => {
  const log = (text: string) =>
    process.stderr.write(
      `[${apacheDate(process.world.clock.now())}] [mpm_prefork:notice] [pid ${process.pid}] ${text}\n`,
    );
  let serving = 0;
  const handler = async (request: HttpRequest) => {
    if (serving >= maxWorkers) return textResponse(503, 'Service Unavailable\n');
    serving++;
    try {
      await process.cpu(pageCost);
    } catch (error) {
      // The server went down under the request.
      if (!(error instanceof Terminated)) throw error;
      return textResponse(503, '');
    } finally {
      serving--;
    }
    const body = new TextEncoder().encode('OK!');
    void process.stdout.write(
      `${request.peer?.address ?? '127.0.0.1'} - - [${commonLogDate(process.world.clock.now())}] "${request.method} ${request.path} HTTP/1.1" 200 ${body.length + 173} "-" "${request.headers['user-agent'] ?? '-'}"\n`,
    );
    return {
      status: 200,
      headers: {
        date: httpDate(process.world.clock.now()),
        server: 'Apache/2.4.10 (Debian) PHP/5.6.14',
        'x-powered-by': 'PHP/5.6.14',
        'content-length': String(body.length),
        'content-type': 'text/html; charset=UTF-8',
      },
      body: request.method === 'HEAD' ? new Uint8Array() : body,
    };
  };
  return whileListening(process, [httpSocket(80, handler)], async () => {
    const address = [...process.machine.net.addresses][0] ?? '127.0.0.1';
    await process.printError(
      `AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using ${address}. Set the 'ServerName' directive globally to suppress this message\n`,
    );
    await log('AH00163: Apache/2.4.10 (Debian) PHP/5.6.14 configured -- resuming normal operations');
    await log("AH00094: Command line: 'apache2 -D FOREGROUND'");
    const signal = await untilSignal(process, ['SIGTERM', 'SIGWINCH', 'SIGINT']);
    await log(
      signal === 'SIGWINCH'
        ? 'AH00492: caught SIGWINCH, shutting down gracefully'
        : 'AH00169: caught SIGTERM, shutting down',
    );
    return 0;
  });
};
