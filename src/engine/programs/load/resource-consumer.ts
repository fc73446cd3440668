import type { HttpRequest } from '../../network/index.ts';
import type { Process, Program } from '../../process/index.ts';
import { httpSocket, requestTarget, textResponse, untilSignal, whileListening } from '../servers/service.ts';
import { computer, fill } from './hogs.ts';

/** e2e-test-images/resource-consumer: uses what it is asked to, over HTTP. */

function form(request: HttpRequest): ReadonlyMap<string, string> {
  const values = new Map(requestTarget(request).query);
  if (request.body instanceof Uint8Array) {
    const text = new TextDecoder().decode(request.body);
    for (const [name, value] of requestTarget({ ...request, path: `/?${text}` }).query) values.set(name, value);
  }
  return values;
}

function forSeconds(process: Process, seconds: number, run: (child: Process) => Promise<number>): void {
  const child = process.fork(run, ['consume']);
  process.world.queue.after(seconds * 1000, () => child.kill('SIGKILL'));
}

export const resourceConsumer: Program = async (process) => {
  const numbers = (request: HttpRequest, ...names: string[]) => {
    const values = form(request);
    if (names.some((name) => !values.has(name))) return 'Not given all parameters\n';
    const parsed = names.map((name) => Number(values.get(name)));
    return parsed.some((n) => !Number.isInteger(n)) ? 'Incorrect function\n' : parsed;
  };
  const handler = (request: HttpRequest) => {
    const { path } = requestTarget(request);
    if (request.method !== 'POST') return textResponse(400, 'Bad request. Not a POST request\n');
    switch (path) {
      case '/ConsumeCPU': {
        const given = numbers(request, 'millicores', 'durationSec');
        if (typeof given === 'string') return textResponse(400, given);
        const [millicores = 0, seconds = 0] = given;
        for (let left = millicores; left > 0; left -= 1000)
          forSeconds(process, seconds, computer(Math.min(1, left / 1000)));
        return textResponse(200, `ConsumeCPU\n${millicores} millicores\n${seconds} durationSec\n`);
      }
      case '/ConsumeMem': {
        const given = numbers(request, 'megabytes', 'durationSec');
        if (typeof given === 'string') return textResponse(400, given);
        const [megabytes = 0, seconds = 0] = given;
        forSeconds(process, seconds, async (child) => {
          await fill(child, megabytes * 1_000_000);
          await child.sleep(Infinity);
          return 0;
        });
        return textResponse(200, `ConsumeMem\n${megabytes} megabytes\n${seconds} durationSec\n`);
      }
      case '/GetCurrentStatus':
        return textResponse(200, 'GetCurrentStatus\nWarning: not implemented!\n');
      default:
        return textResponse(404, 'Incorrect function\n');
    }
  };
  const port = Number(/^--?port=(\d+)$/.exec(process.argv[1] ?? '')?.[1] ?? 8080);
  return whileListening(process, [httpSocket(port, handler)], async () => {
    await untilSignal(process, ['SIGTERM', 'SIGINT']);
    return 143;
  });
};
