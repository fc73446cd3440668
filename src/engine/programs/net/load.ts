import type { Process, Program } from '../../process/index.ts';
import { addressOf, bodyOf, exchange, openTcp, splitUrl, type UrlText } from './lib.ts';

/** hey and ab: load generators. */

interface Run {
  /** Latency (ms) and status of each answered request. */
  readonly answers: { ms: number; status: number; size: number }[];
  readonly errors: Map<string, number>;
  readonly total: number;
}

interface Load {
  url: UrlText;
  port: number;
  address: string;
  requests: number;
  concurrency: number;
  /** ms; instead of a number of requests. */
  duration: number | undefined;
  /** Requests a second of each worker. */
  rate: number | undefined;
  timeout: number;
  method: string;
  headers: Record<string, string>;
  body: Uint8Array | undefined;
}

/** Sends requests by some workers at once until there are enough of them, or it is time. */
async function generate(process: Process, load: Load): Promise<Run> {
  const answers: Run['answers'] = [];
  const errors = new Map<string, number>();
  const { queue } = process.world;
  const began = queue.now;
  let left = load.requests;
  const worker = async () => {
    for (;;) {
      if (load.duration !== undefined ? queue.now - began >= load.duration : left-- <= 0) return;
      const started = queue.now;
      const failed = await one(process, load, answers, started);
      if (failed !== undefined) errors.set(failed, (errors.get(failed) ?? 0) + 1);
      if (load.rate !== undefined) await process.sleep(Math.max(0, 1000 / load.rate - (queue.now - started)));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, load.concurrency) }, worker));
  return { answers, errors, total: (queue.now - began) / 1000 };
}

async function one(
  process: Process,
  load: Load,
  answers: Run['answers'],
  started: number,
): Promise<string | undefined> {
  const { url, port, address } = load;
  const where = `${url.scheme === 'https' ? 'Get' : 'Get'} "${url.scheme}://${url.host}${url.port === undefined ? '' : `:${port}`}${url.path}"`;
  const opened = await openTcp(process, address, port, load.timeout);
  if ('failure' in opened) {
    const why = { refused: `dial tcp ${address}:${port}: connect: connection refused`, timeout: 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)', 'no-route': `dial tcp ${address}:${port}: connect: no route to host` }[opened.failure]; // prettier-ignore
    return `${where}: ${why}`;
  }
  const { method, headers, body } = load;
  const response = await exchange(process, opened, url.scheme as 'http', {
    method,
    path: url.path,
    headers,
    ...(body ? { body } : undefined),
  });
  opened.flow.close();
  if ('failure' in response) return `${where}: EOF`;
  const data = await bodyOf(process, response);
  await process.sleep(opened.flow.roundTrip);
  answers.push({ ms: process.world.queue.now - started, status: response.status, size: data.length });
  return undefined;
}

async function prepare(process: Process, text: string): Promise<Pick<Load, 'url' | 'port' | 'address'> | string> {
  const url = splitUrl(text);
  if (!url || (url.scheme !== 'http' && url.scheme !== 'https')) return 'invalid URL';
  const found = await addressOf(process, url.host);
  if ('failure' in found) return 'lookup';
  return { url, port: url.port ?? (url.scheme === 'https' ? 443 : 80), address: found.address };
}

function percentile(sorted: readonly number[], p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? 0;
}

function sizeOfDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  return match ? Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 'ms'] : NaN;
}

export const hey: Program = async (process) => {
  const args = process.argv.slice(1);
  const options = new Map<string, string>();
  const headers: Record<string, string> = { 'user-agent': 'hey/0.0.1' };
  let target = '';
  for (let i = 0; i < args.length; i++) {
    const match = /^--?(n|c|q|z|t|m|d|T|H|host)$/.exec(args[i]!);
    if (match?.[1] === 'H') {
      const [name = '', value = ''] = (args[++i] ?? '').split(/:\s*(.*)/s);
      headers[name.toLowerCase()] = value;
    } else if (match) options.set(match[1]!, args[++i] ?? '');
    else if (args[i] === '-disable-keepalive' || args[i] === '-disable-compression' || args[i] === '-disable-redirects')
      continue;
    else target = args[i]!;
  }
  if (target === '') {
    await process.printError('Usage: hey [options...] <url>\n\nOptions:\n  -n  Number of requests to run. Default is 200.\n  -c  Number of workers to run concurrently. Default is 50.\n  -q  Rate limit, in queries per second (QPS) per worker. Default is no rate limit.\n  -z  Duration of application to send requests.\n'); // prettier-ignore
    return 1;
  }
  const prepared = await prepare(process, target);
  if (typeof prepared === 'string') {
    await process.printError(
      prepared === 'lookup'
        ? `dial tcp: lookup ${splitUrl(target)?.host}: no such host\n`
        : `parse "${target}": invalid URI for request\n`,
    );
    return 1;
  }
  const { url, port } = prepared;
  headers['host'] ??= options.get('host') ?? `${url.host}${url.port === undefined ? '' : `:${port}`}`;
  const duration = options.has('z') ? sizeOfDuration(options.get('z')!) : undefined;
  const concurrency = Number(options.get('c') ?? 50);
  const requests = Number(options.get('n') ?? 200);
  if (duration === undefined && requests < concurrency) {
    await process.printError('-n cannot be less than -c.\n');
    return 1;
  }
  const body = options.has('d') ? new TextEncoder().encode(options.get('d')) : undefined;
  const run = await generate(process, {
    ...prepared,
    requests: Math.floor(requests / concurrency) * concurrency,
    concurrency,
    duration,
    rate: options.has('q') ? Number(options.get('q')) : undefined,
    timeout: Number(options.get('t') ?? 20) * 1000,
    method: options.get('m') ?? 'GET',
    headers,
    body,
  });
  const times = run.answers.map((a) => a.ms / 1000).sort((a, b) => a - b);
  const seconds = (n: number) => n.toFixed(4);
  const mean = times.reduce((a, b) => a + b, 0) / Math.max(1, times.length);
  const sum = run.answers.reduce((n, a) => n + a.size, 0);
  let text = `\nSummary:\n  Total:\t${seconds(run.total)} secs\n  Slowest:\t${seconds(times.at(-1) ?? 0)} secs\n  Fastest:\t${seconds(times[0] ?? 0)} secs\n  Average:\t${seconds(mean)} secs\n  Requests/sec:\t${seconds((run.answers.length + [...run.errors.values()].reduce((a, b) => a + b, 0)) / Math.max(run.total, 0.0001))}\n  \n`; // prettier-ignore
  if (times.length > 0) {
    text += `  Total data:\t${sum} bytes\n  Size/request:\t${Math.round(sum / times.length)} bytes\n\nResponse time histogram:\n`;
    const [first, last] = [times[0]!, times.at(-1)!];
    const buckets = Array.from({ length: 11 }, (_, i) => first + ((last - first) * i) / 10);
    const counts = buckets.map(
      (b, i) => times.filter((t) => t <= b + 1e-12 && (i === 0 || t > buckets[i - 1]! + 1e-12)).length,
    );
    const most = Math.max(...counts);
    buckets.forEach(
      (b, i) =>
        (text += `  ${b.toFixed(3)} [${counts[i]}]\t|${'■'.repeat(Math.round((counts[i]! * 40) / Math.max(1, most)))}\n`),
    );
    text += '\n\nLatency distribution:\n';
    for (const p of [10, 25, 50, 75, 90, 95, 99]) text += `  ${p}% in ${seconds(percentile(times, p))} secs\n`;
    text += '\nStatus code distribution:\n';
    const codes = new Map<number, number>();
    for (const { status } of run.answers) codes.set(status, (codes.get(status) ?? 0) + 1);
    for (const [code, n] of [...codes].sort((a, b) => a[0] - b[0])) text += `  [${code}]\t${n} responses\n`;
  }
  if (run.errors.size > 0) {
    text += '\nError distribution:\n';
    for (const [message, n] of run.errors) text += `  [${n}]\t${message}\n`;
  }
  await process.print(`${text}\n`);
  return 0;
};

export const ab: Program = async (process) => {
  const args = process.argv.slice(1);
  let [requests, concurrency, duration, timeout] = [1, 1, undefined as number | undefined, 30_000];
  const headers: Record<string, string> = { 'user-agent': 'ApacheBench/2.3', accept: '*/*' };
  let target = '';
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-n') requests = Number(args[++i]);
    else if (arg === '-c') concurrency = Number(args[++i]);
    else if (arg === '-t') [duration, requests] = [Number(args[++i]) * 1000, 50_000];
    else if (arg === '-s') timeout = Number(args[++i]) * 1000;
    else if (arg === '-H') {
      const [name = '', value = ''] = (args[++i] ?? '').split(/:\s*(.*)/s);
      headers[name.toLowerCase()] = value;
    } else if (!arg.startsWith('-')) target = arg;
  }
  const url = splitUrl(target);
  if (!url || !/:\/\/[^/]+\//.test(target)) {
    await process.printError(`ab: invalid URL\nUsage: ab [options] [http[s]://]hostname[:port]/path\n`);
    return 22;
  }
  if (concurrency > requests) {
    await process.printError(
      'ab: Cannot use concurrency level greater than total number of requests\nUsage: ab [options] [http[s]://]hostname[:port]/path\n',
    );
    return 22;
  }
  await process.print(`This is ApacheBench, Version 2.3 <$Revision: 1923142 $>\nCopyright 1996 Adam Twiss, Zeus Technology Ltd, http://www.zeustech.net/\nLicensed to The Apache Software Foundation, http://www.apache.org/\n\nBenchmarking ${url.host} (be patient).....`); // prettier-ignore
  const prepared = await prepare(process, target);
  if (typeof prepared === 'string') {
    await process.print(`\n`);
    await process.printError(`apr_sockaddr_info_get() for ${url.host}: Name or service not known (670002)\n`);
    return 1;
  }
  headers['host'] ??= `${url.host}${url.port === undefined ? '' : `:${prepared.port}`}`;
  const probe = process.machine.network.connect(process.machine.net, prepared.address, prepared.port, { probe: true });
  if (probe.outcome !== 'connected') {
    await process.sleep(process.machine.network.failureTime(probe.flow, timeout));
    const why =
      probe.outcome === 'refused'
        ? 'apr_socket_recv: Connection refused (111)'
        : 'apr_pollset_poll: The timeout specified has expired (70007)';
    await process.print('\n');
    await process.printError(`${why}\n`);
    return probe.outcome === 'refused' ? 111 : 7;
  }
  probe.flow.close();
  const run = await generate(process, {
    ...prepared,
    requests,
    concurrency,
    duration,
    rate: undefined,
    timeout,
    method: 'GET',
    headers,
    body: undefined,
  });
  const times = run.answers.map((a) => a.ms).sort((a, b) => a - b);
  const size = run.answers[0]?.size ?? 0;
  const good = run.answers.filter((a) => a.status < 300).length;
  const failed =
    run.answers.filter((a) => a.size !== size).length + [...run.errors.values()].reduce((a, b) => a + b, 0);
  const mean = times.reduce((a, b) => a + b, 0) / Math.max(1, times.length);
  const bytes = run.answers.reduce((n, a) => n + a.size + 238, 0);
  await process.print(
    `..done\n\n\nServer Software:        \nServer Hostname:        ${url.host}\nServer Port:            ${prepared.port}\n\nDocument Path:          ${url.path}\nDocument Length:        ${size} bytes\n\n` +
      `Concurrency Level:      ${concurrency}\nTime taken for tests:   ${run.total.toFixed(3)} seconds\nComplete requests:      ${run.answers.length}\nFailed requests:        ${failed}\n${good < run.answers.length ? `Non-2xx responses:      ${run.answers.length - good}\n` : ''}` +
      `Total transferred:      ${bytes} bytes\nHTML transferred:       ${run.answers.reduce((n, a) => n + a.size, 0)} bytes\nRequests per second:    ${(run.answers.length / Math.max(0.001, run.total)).toFixed(2)} [#/sec] (mean)\nTime per request:       ${((run.total * 1000 * concurrency) / Math.max(1, run.answers.length)).toFixed(3)} [ms] (mean)\nTime per request:       ${((run.total * 1000) / Math.max(1, run.answers.length)).toFixed(3)} [ms] (mean, across all concurrent requests)\nTransfer rate:          ${(bytes / 1024 / Math.max(0.001, run.total)).toFixed(2)} [Kbytes/sec] received\n\n` +
      `Connection Times (ms)\n              min  mean[+/-sd] median   max\nTotal:    ${String(Math.round(times[0] ?? 0)).padStart(7)}${String(Math.round(mean)).padStart(5)}    0.0${String(Math.round(percentile(times, 50))).padStart(7)}${String(Math.round(times.at(-1) ?? 0)).padStart(8)}\n\nPercentage of the requests served within a certain time (ms)\n` +
      [50, 66, 75, 80, 90, 95, 98, 99]
        .map((p) => `  ${p}% ${String(Math.round(percentile(times, p))).padStart(6)}\n`)
        .join('') +
      ` 100% ${String(Math.round(times.at(-1) ?? 0)).padStart(6)} (longest request)\n`,
  );
  return 0;
};
