import type { Peer } from '../../network/index.ts';
import { AddressInUse } from '../../network/socket.ts';
import type { Process, Program } from '../../process/index.ts';
import { Cancelled, Deferred, type Duplex } from '../../world/index.ts';
import { addressOf, bytesTo, isBusybox, openTcp } from './lib.ts';

/** netcat (OpenBSD's, and BusyBox's where that is) and telnet. */

/** Copies both ways until the server ends the connection (or, with `untilInput`, our input ends). */
async function relay(process: Process, connection: Duplex, untilInput: boolean): Promise<void> {
  const ended = new Deferred<undefined>(process.world.queue);
  const up = async () => {
    for (;;) {
      const chunk = await process.stdin.read(process.cancel);
      if (!chunk) break;
      await connection.writer.write(chunk, process.cancel);
    }
    connection.writer.close();
    if (untilInput) ended.resolve(undefined);
  };
  const down = async () => {
    for (;;) {
      const chunk = await connection.reader.read(process.cancel);
      if (!chunk) break;
      await process.stdout.write(chunk, process.cancel);
    }
    ended.resolve(undefined);
  };
  const quietly = (work: Promise<void>) => void work.catch(() => ended.resolve(undefined));
  quietly(up());
  quietly(down());
  await ended.wait(process.cancel);
}

interface NcOptions {
  listen: boolean;
  udp: boolean;
  scan: boolean;
  verbose: boolean;
  numeric: boolean;
  keep: boolean;
  wait: number;
  port: number | undefined;
  command: string[] | undefined;
  rest: string[];
}

function parse(args: readonly string[]): NcOptions | string {
  const o: NcOptions = { listen: false, udp: false, scan: false, verbose: false, numeric: false, keep: false, wait: Infinity, port: undefined, command: undefined, rest: [] }; // prettier-ignore
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-[a-zA-Z]/.test(arg)) {
      o.rest.push(arg);
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const c = arg[j]!;
      const value = () => (arg.length > j + 1 ? arg.slice(j + 1) : (args[++i] ?? ''));
      if (c === 'l') o.listen = true;
      else if (c === 'u') o.udp = true;
      else if (c === 'z') o.scan = true;
      else if (c === 'v') o.verbose = true;
      else if (c === 'n') o.numeric = true;
      else if (c === 'k') o.keep = true;
      else if ('N46'.includes(c)) continue;
      else if (c === 'w') {
        o.wait = Number(value()) * 1000;
        break;
      } else if (c === 'q') {
        value();
        break;
      } else if (c === 'p') {
        o.port = Number(value());
        break;
      } else if (c === 'e') {
        o.command = args.slice(i + 1);
        return o;
      } else return c;
    }
  }
  return o;
}

const usage = 'usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n\t  [destination] [port]\n'; // prettier-ignore

export const nc: Program = async (process) => {
  const busybox = isBusybox(process);
  const options = parse(process.argv.slice(1));
  if (typeof options === 'string') {
    await process.printError(
      busybox ? `nc: unrecognized option: ${options}\n` : `nc: invalid option -- '${options}'\n${usage}`,
    );
    return 1;
  }
  if (options.listen) return listen(process, options, busybox);
  const [host, ports] = options.rest;
  if (host === undefined || ports === undefined) {
    await process.printError(
      busybox
        ? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n'
        : usage,
    );
    return 1;
  }
  const found = await addressOf(process, host);
  if ('failure' in found) {
    const why = found.failure === 'timeout' ? 'Temporary failure in name resolution' : 'Name or service not known';
    await process.printError(
      busybox ? `nc: bad address '${host}'\n` : `nc: getaddrinfo for host "${host}" port ${ports}: ${why}\n`,
    );
    return 1;
  }
  const { address } = found;
  const [first = 0, last = first] = ports.split('-').map(Number);
  let status = 1;
  for (let port = first; port <= last; port++)
    status = (await one(process, options, busybox, host, address, port)) === 0 ? 0 : status;
  return status;
};

async function one(
  process: Process,
  options: NcOptions,
  busybox: boolean,
  host: string,
  address: string,
  port: number,
): Promise<number> {
  const named = host === address ? host : `${host} (${address})`;
  if (options.udp) return udp(process, options, host, address, port);
  const opened = await openTcp(process, address, port, options.wait);
  const service = serviceName(port, 'tcp');
  if ('failure' in opened) {
    const why = { refused: 'Connection refused', timeout: busybox ? 'Connection timed out' : opened.limited ? 'Operation now in progress' : 'Connection timed out', 'no-route': busybox ? 'Host is unreachable' : 'No route to host' }[opened.failure]; // prettier-ignore
    if (busybox) {
      if (opened.limited) await process.printError('nc: timed out\n');
      else if (options.verbose || !options.scan)
        await process.printError(`nc: ${address} (${address}:${port}): ${why}\n`);
    } else if (options.verbose || (!options.scan && opened.failure !== 'refused')) {
      const text = opened.limited ? `timed out: ${why}` : `failed: ${why}`;
      await process.printError(`nc: connect to ${named} port ${port} (tcp) ${text}\n`);
    }
    return 1;
  }
  if (options.verbose)
    await process.printError(busybox ? `${host} (${address}:${port}) open\n` : `Connection to ${host} ${host === address ? '' : `(${address}) `}${port} port [tcp/${service}] succeeded!\n`); // prettier-ignore
  if (options.scan) {
    opened.flow.close();
    return 0;
  }
  const connection = bytesTo(process, opened);
  if (connection) await relay(process, connection, false);
  else await untilEnd(process);
  opened.flow.close();
  return 0;
}

/** The server says nothing we could show: as long as our input goes on, so does the connection. */
async function untilEnd(process: Process): Promise<void> {
  while (await process.stdin.read(process.cancel));
}

async function udp(process: Process, options: NcOptions, host: string, address: string, port: number): Promise<number> {
  const { network, net } = process.machine;
  const send = async (data: Uint8Array) => {
    const result = network.datagram(net, address, port, data);
    await process.sleep(Math.max(0.1, result.flow.roundTrip));
    return result;
  };
  if (options.scan) {
    const { outcome } = await send(new TextEncoder().encode('X'));
    await process.sleep(2_000);
    if (outcome === 'refused' || outcome === 'no-route') return 1;
    if (options.verbose) await process.printError(`Connection to ${host} ${host === address ? '' : `(${address}) `}${port} port [udp/${serviceName(port, 'udp')}] succeeded!\n`); // prettier-ignore
    return 0;
  }
  for (;;) {
    const chunk = await process.stdin.read(process.cancel);
    if (!chunk) break;
    const result = await send(chunk);
    if (result.outcome === 'refused') return 1;
    if (result.outcome !== 'delivered') continue;
    const reply = result.reply instanceof Promise ? await result.reply : result.reply;
    if (reply instanceof Uint8Array) await process.stdout.write(reply, process.cancel);
  }
  if (options.wait !== Infinity) await process.sleep(options.wait);
  return 0;
}

async function listen(process: Process, options: NcOptions, busybox: boolean): Promise<number> {
  const port = options.port ?? Number(options.rest.at(-1));
  if (!(port >= 0)) {
    await process.printError(usage);
    return 1;
  }
  const owner = { pid: process.pid, name: 'nc' };
  const { net, world } = process.machine;
  const heard = new Deferred<undefined>(world.queue);
  let serving: Promise<void> = Promise.resolve();
  const close = (() => {
    try {
      if (options.udp)
        return net.listen(port, { protocol: 'udp', datagram: (data) => {
          if (data instanceof Uint8Array) void process.stdout.write(data);
          return undefined;
        } }, undefined, owner).close; // prettier-ignore
      const accept = async (connection: Duplex, peer: Peer | undefined) => {
        if (options.verbose && !busybox)
          await process.printError(`Connection received on ${peer?.address} ${peer?.port}\n`);
        serving = options.command ? run(process, options.command, connection) : relay(process, connection, false);
        await serving.catch((error: unknown) => {
          if (!(error instanceof Cancelled)) throw error;
        });
        if (!options.keep) heard.resolve(undefined);
      };
      return net.listen(port, { protocol: 'tcp', accept }, undefined, owner).close;
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      return undefined;
    }
  })();
  if (!close) {
    await process.printError(busybox ? 'nc: bind: Address in use\n' : 'nc: Address already in use\n');
    return 1;
  }
  if (options.verbose)
    await process.printError(busybox ? `listening on [::]:${port} ...\n` : `Listening on 0.0.0.0 ${port}\n`);
  try {
    await heard.wait(process.cancel);
    return 0;
  } finally {
    close();
  }
}

/** `nc -e`: a program with the connection as its input and output. */
async function run(process: Process, command: readonly string[], { reader, writer }: Duplex): Promise<void> {
  const child = process.spawn(command, { stdin: reader, stdout: writer, tty: false });
  await child.wait(process.cancel);
  writer.close();
}

const services: Readonly<Record<number, string>> = { 21: 'ftp', 22: 'ssh', 23: 'telnet', 25: 'smtp', 53: 'domain', 80: 'http', 110: 'pop3', 143: 'imap2', 443: 'https', 3306: 'mysql', 5432: 'postgresql', 6379: 'redis', 8080: 'http-alt', 11211: '*' }; // prettier-ignore

export function serviceName(port: number, _protocol: string): string {
  return services[port] ?? '*';
}

export const telnet: Program = async (process) => {
  const [host, port = '23'] = process.argv.slice(1).filter((a) => !a.startsWith('-'));
  const busybox = isBusybox(process);
  if (host === undefined) {
    await process.printError('telnet: slipway: the telnet command prompt is not simulated\n');
    return 1;
  }
  const found = await addressOf(process, host);
  if ('failure' in found) {
    const why = found.failure === 'timeout' ? 'Temporary failure in name resolution' : 'Name or service not known';
    await process.printError(
      busybox ? `telnet: bad address '${host}'\n` : `telnet: could not resolve ${host}/${port}: ${why}\n`,
    );
    return 1;
  }
  if (!busybox) await process.print(`Trying ${found.address}...\n`);
  const opened = await openTcp(process, found.address, Number(port));
  if ('failure' in opened) {
    const why = { refused: 'Connection refused', timeout: 'Connection timed out', 'no-route': 'No route to host' }[
      opened.failure
    ];
    await process.printError(busybox ? `telnet: can't connect to remote host (${found.address}): ${why}\n` : `telnet: Unable to connect to remote host: ${why}\n`); // prettier-ignore
    return 1;
  }
  await process.print(busybox ? `Connected to ${host}\n\nEntering character mode\nEscape character is '^]'.\n\n` : `Connected to ${host}.\nEscape character is '^]'.\n`); // prettier-ignore
  const connection = bytesTo(process, opened);
  if (connection) await relay(process, connection, false);
  else await untilEnd(process);
  opened.flow.close();
  await process.print('Connection closed by foreign host.\n');
  return 1;
};
