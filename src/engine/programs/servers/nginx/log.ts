import { isReader, type HttpResponse } from '../../../network/index.ts';
import type { Process } from '../../../process/index.ts';
import { parentPath, type TimedText } from '../../../world/index.ts';
import { slashDate } from '../service.ts';
import { fill, fillTimeless, template, type Exchange, type Sent, type Template } from './variables.ts';

/** Where a request is logged, and how. */
export interface AccessLog {
  path: string;
  format: Template;
}

/** @param args of the `access_log` directive that holds; none is written if they say `off` */
export function accessLog({ config }: Exchange, args: readonly string[] | undefined): AccessLog | undefined {
  const [path = '', name = 'combined'] = args ?? ['/var/log/nginx/access.log', 'combined'];
  if (path === 'off') return undefined;
  const format = config.logFormats.get(name) ?? config.logFormats.get('combined')!;
  return { path, format: template(config, format) };
}

/** In logs an empty variable is a dash. */
const empty = '-';

export function logAccess({ path, format }: AccessLog, exchange: Exchange, response: HttpResponse): void {
  writeLog(exchange.process, path, `${fill(format, exchange, sent(exchange, response), empty)}\n`);
}

/** The same for a request that comes again and again. */
export interface RepeatedLog {
  path: string;
  line: TimedText;
}

export function repeatedLog({ path, format }: AccessLog, exchange: Exchange, response: HttpResponse): RepeatedLog {
  const at = fillTimeless(format, exchange, sent(exchange, response), empty, '\n');
  // Times are all written with the same number of digits.
  const length = at(exchange.process.world.clock.now()).length;
  return { path: resolved(exchange.process, path), line: { length, at } };
}

export function logRepeated({ path, line }: RepeatedLog, process: Process): void {
  if (path === '/dev/stdout' && process.stdout.writeTimed?.(line)) return;
  writeTo(process, path, line.at(process.world.clock.now()));
}

function sent({ request }: Exchange, { status, body }: HttpResponse): Sent {
  return { status, size: isReader(body) || request.method === 'HEAD' ? 0 : body.length };
}

export function logError(exchange: Exchange, level: string, message: string): void {
  const { process, request, server } = exchange;
  const host = request.headers['host'];
  const line =
    `${slashDate(process.world.clock.now())} [${level}] 29#29: *${exchange.connection} ${message}, ` +
    `client: ${request.peer?.address ?? '127.0.0.1'}, server: ${server.names[0] ?? ''}, ` +
    `request: "${request.method} ${request.path} HTTP/1.1"${host ? `, host: "${host}"` : ''}\n`;
  writeLog(process, '/var/log/nginx/error.log', line);
}

/** Appends to a log file; links to /dev/stdout and /dev/stderr, as the image has them, go to the container's log. */
export function writeLog(process: Process, path: string, line: string): void {
  writeTo(process, resolved(process, path), line);
}

/** Appends what many nginxes write alike to the error log. */
export function writeTimedError(process: Process, text: TimedText): void {
  const path = resolved(process, '/var/log/nginx/error.log');
  if (path === '/dev/stderr' && process.stderr.writeTimed?.(text)) return;
  writeTo(process, path, text.at(process.world.clock.now()));
}

function resolved(process: Process, path: string): string {
  const target = process.machine.fs.lookup(path, false);
  return target?.type === 'symlink' && target.target.startsWith('/dev/std') ? target.target : path;
}

function writeTo(process: Process, path: string, line: string): void {
  const { fs } = process.machine;
  if (path === '/dev/stdout') void process.stdout.write(line);
  else if (path === '/dev/stderr') void process.stderr.write(line);
  else if (fs.lookup(parentPath(path))?.type === 'directory') fs.writeFile(path, line, { append: true });
}
