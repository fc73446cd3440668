import { Signal, toBytes } from '../../world/index.ts';
import type { LogLine } from '../../runtime/index.ts';
import type { HttpResponse } from '../../network/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, EngineError } from '../errors.ts';
import { frame, streaming, type RouteRequest } from '../router.ts';
import { parseTimestamp } from '../time.ts';
import type { DockerContainer } from './container.ts';

/** RFC 3339 with all nine digits: log lines are aligned. */
function stamp(unixMs: number): string {
  const seconds = Math.floor(unixMs / 1000);
  const nanos = Math.round((unixMs - seconds * 1000) * 1000) * 1000;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`;
}

/** `GET /containers/{id}/logs`. */
export function containerLogs(engine: DockerEngine, container: DockerContainer, request: RouteRequest): HttpResponse {
  const { query } = request;
  const wanted = { stdout: query.bool('stdout'), stderr: query.bool('stderr') };
  if (!wanted.stdout && !wanted.stderr) throw badRequest('Bad parameters: you must choose at least one stream');
  if (!['json-file', 'local', 'journald'].includes(container.hostConfig.LogConfig.Type))
    throw new EngineError(501, 'configured logging driver does not support reading');
  const since = parseTimestamp(query.get('since')) ?? -Infinity;
  const until = parseTimestamp(query.get('until')) || Infinity;
  const tail = /^\d+$/.test(query.get('tail')) ? Number(query.get('tail')) : Infinity;
  const timestamps = query.bool('timestamps');
  const details = query.bool('details');
  const tty = container.config.Tty;
  const fits = (line: LogLine) => line.time >= since && line.time <= until && wanted[line.stream];
  const encode = (line: LogLine): Uint8Array => {
    const head = (timestamps ? `${stamp(line.time)} ` : '') + (details ? `${attributes(container)} ` : '');
    const data = head === '' ? line.data : concat(toBytes(head), line.data);
    return tty ? data : frame(line.stream, data);
  };
  const headers = { 'content-type': `application/vnd.docker.${tty ? 'raw' : 'multiplexed'}-stream` };
  return streaming(
    engine.world,
    async (send) => {
      let position = container.log.end;
      let lines = container.log.lines().filter(fits);
      if (tail !== Infinity) lines = tail === 0 ? [] : lines.slice(-tail);
      for (const line of lines) await send(encode(line));
      if (!query.bool('follow')) return;
      const signal = new Signal(engine.world.queue);
      const stop = container.log.onChange(() => signal.notify());
      const stopExit = engine.events.onEvent((event) => {
        if (event.Actor.ID === container.id) signal.notify();
      });
      try {
        for (;;) {
          const fresh = container.log.lines(position).filter(fits);
          position = container.log.end;
          for (const line of fresh) await send(encode(line));
          if (request.cancel?.cancelled || engine.world.clock.now() > until) return;
          if (container.log.end > position) continue;
          if (!container.running && !container.restarting) return;
          await signal.wait(request.cancel);
        }
      } finally {
        stop();
        stopExit();
      }
    },
    headers,
  );
}

function attributes({ hostConfig, config }: DockerContainer): string {
  const names = (hostConfig.LogConfig.Config.labels ?? '').split(',').filter(Boolean);
  return names
    .filter((name) => Object.hasOwn(config.Labels, name))
    .map((name) => `${name}=${config.Labels[name]}`)
    .join(',');
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
