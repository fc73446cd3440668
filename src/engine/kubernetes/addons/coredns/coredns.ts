import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { absolute, dnsReply, dnsServer, type DnsQuery, type DnsReply, type Listener } from '../../../network/index.ts';
import type { Process, Program } from '../../../process/index.ts';
import { AddressInUse, httpSocket, textResponse, untilSignal } from '../../../programs/servers/service.ts';
import { FsError, type Timer } from '../../../world/index.ts';
import type { Client } from '../../client.ts';
import { CorefileError, inZone, parseCorefile, zoneOf, type ServerBlock } from './corefile.ts';
import { plugins, type Next, type Plugin, type Setup } from './plugins.ts';

/** One server block, ready to answer. */
interface Site {
  readonly zones: readonly { zone: string; port: number }[];
  readonly answer: Next;
}

interface Configuration {
  readonly sites: readonly Site[];
  /** Ports for DNS, and for HTTP with what they serve. */
  readonly ports: readonly number[];
  readonly http: readonly { port: number; what: 'health' | 'ready' | 'prometheus' }[];
  readonly lameduck: number;
  readonly reloads: boolean;
  readonly hash: string;
}

/** The virtual ms that an answer costs the server. */
const thinking = 0.15;
const reloadPeriod = 30_000;

/** CoreDNS: answers for the cluster's names as its Corefile says. */
export function corednsProgram(client: Client): Program {
  return async (process) => new CoreDns(process, client).run();
}

class CoreDns {
  readonly #process: Process;
  readonly #client: Client;
  readonly #file: string;
  #configuration: Configuration | undefined;
  #listeners: Listener[] = [];
  #timer: Timer | undefined;
  #healthy = true;
  #text = '';

  constructor(process: Process, client: Client) {
    this.#process = process;
    this.#client = client;
    const { argv } = process;
    const at = argv.findIndex((a) => a === '-conf' || a === '--conf');
    this.#file = at >= 0 ? (argv[at + 1] ?? 'Corefile') : 'Corefile';
  }

  async run(): Promise<number> {
    const process = this.#process;
    try {
      this.#load();
      this.#open();
    } catch (error) {
      const text = reasonOf(error);
      if (text === undefined) throw error;
      await process.printError(`${text}\n`);
      return 1;
    }
    const { sites, hash, lameduck } = this.#configuration!;
    const banner = sites.flatMap((s) => s.zones.map(({ zone, port }) => `${zone}:${port}`));
    await process.print(
      `${banner.join('\n')}\n[INFO] plugin/reload: Running configuration SHA512 = ${hash}\nCoreDNS-1.13.1\nlinux/amd64, go1.25.2, 1db4568\n`,
    );
    this.#watch();
    try {
      const signal = await untilSignal(process, ['SIGTERM', 'SIGINT']);
      await process.print(`[INFO] ${signal}: Shutting down servers then terminating\n`);
      if (lameduck > 0 && signal === 'SIGTERM') {
        await process.print(`[INFO] plugin/health: Going into lameduck mode for ${lameduck / 1000}s\n`);
        await process.sleep(lameduck);
      }
      return 0;
    } finally {
      this.#timer?.cancel();
      this.#close();
    }
  }

  #say(text: string): void {
    void this.#process.stdout.write(`${text}\n`);
  }

  /** @throws CorefileError, FsError */
  #load(): void {
    const { fs } = this.#process.machine;
    const path = this.#process.path(this.#file);
    this.#text = new TextDecoder().decode(fs.readFile(path));
    this.#configuration = this.#configure(parseCorefile(this.#text, this.#file, this.#process.env));
  }

  #configure(blocks: readonly ServerBlock[]): Configuration {
    const http: { port: number; what: 'health' | 'ready' | 'prometheus' }[] = [];
    let lameduck = 0;
    let reloads = false;
    const seen = new Set<string>();
    const sites = blocks.map((block): Site => {
      const zones = block.keys.map(zoneOf);
      for (const { zone, port } of zones) {
        const id = `dns://${zone}:${port}`;
        if (seen.has(id)) throw new CorefileError(`cannot serve ${id} - it is already defined`);
        seen.add(id);
      }
      const setup: Setup = {
        process: this.#process,
        client: this.#client,
        file: this.#file,
        zones: zones.map((z) => z.zone),
        self: (query) => this.#ask(query),
        log: (text) => this.#say(text),
      };
      const chain: { order: number; plugin: Plugin }[] = [];
      const order = [...plugins.keys()];
      for (const directive of block.directives) {
        const { name, args, line } = directive;
        const factory = plugins.get(name);
        if (!factory)
          throw new CorefileError(
            known.has(name)
              ? `slipway: CoreDNS plugin ${name} is not simulated`
              : `${this.#file}:${line} - Error during parsing: Unknown directive '${name}'`,
          );
        if (name === 'health') {
          http.push({ port: portOf(args[0], 8080), what: 'health' });
          const duck = directive.block.find((d) => d.name === 'lameduck')?.args[0];
          if (duck) lameduck = parseFloat(duck) * (duck.endsWith('ms') ? 1 : 1000);
        }
        if (name === 'ready') http.push({ port: portOf(args[0], 8181), what: 'ready' });
        if (name === 'prometheus') http.push({ port: portOf(args[0], 9153), what: 'prometheus' });
        if (name === 'reload') reloads = true;
        const plugin = factory(directive, setup);
        if (plugin) chain.push({ order: order.indexOf(name), plugin });
      }
      chain.sort((a, b) => a.order - b.order);
      let answer: Next = () => Promise.resolve(undefined);
      for (const { plugin } of chain.reverse()) {
        const next = answer;
        answer = (query) => plugin(query, next);
      }
      return { zones, answer };
    });
    const ports = [...new Set(sites.flatMap((s) => s.zones.map((z) => z.port)))];
    const hash = bytesToHex(sha512(new TextEncoder().encode(JSON.stringify(blocks))));
    return { sites, ports, http, lameduck, reloads, hash };
  }

  /** @throws AddressInUse */
  #open(): void {
    const { net } = this.#process.machine;
    const owner = { pid: this.#process.pid, name: 'coredns' };
    const { ports, http } = this.#configuration!;
    const listen = (port: number, server: Listener['server']) =>
      this.#listeners.push(net.listen(port, server, undefined, owner));
    try {
      for (const port of ports) {
        listen(
          port,
          dnsServer((query, client) => this.#answer(query, client, port)),
        );
        listen(port, { protocol: 'tcp' });
      }
      for (const { port, what } of http) {
        if (this.#listeners.some((l) => l.port === port)) continue;
        listen(port, httpSocket(port, ({ path }) => this.#http(what, path)).server);
      }
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  #http(what: string, path: string) {
    if (what === 'health' && path === '/health') return textResponse(this.#healthy ? 200 : 503, 'OK');
    if (what === 'ready' && path === '/ready') return textResponse(200, 'OK');
    if (what === 'prometheus' && path === '/metrics')
      return textResponse(200, '# TYPE coredns_build_info gauge\ncoredns_build_info{goversion="go1.25.2",revision="1db4568",version="1.13.1"} 1\n'); // prettier-ignore
    return textResponse(404, '404 page not found\n');
  }

  #close(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  async #answer(query: DnsQuery, client: string, port: number): Promise<DnsReply | undefined> {
    await this.#process.cpu(thinking);
    const asked = { ...query, name: absolute(query.name), client };
    return { ...((await this.#ask(asked, port)) ?? dnsReply(query, 'REFUSED')), name: query.name };
  }

  async #ask(query: DnsQuery, port?: number): Promise<DnsReply | undefined> {
    let best: { site: Site; length: number } | undefined;
    for (const site of this.#configuration!.sites)
      for (const { zone, port: own } of site.zones) {
        if ((port !== undefined && own !== port) || !inZone(absolute(query.name), zone)) continue;
        if (!best || zone.length > best.length) best = { site, length: zone.length };
      }
    return best ? ((await best.site.answer(query)) ?? dnsReply(query, 'SERVFAIL')) : undefined;
  }

  #watch(): void {
    if (!this.#configuration!.reloads) return;
    this.#timer = this.#process.world.queue.after(reloadPeriod, () => {
      this.#reload();
      this.#watch();
    });
  }

  #reload(): void {
    const node = this.#process.machine.fs.lookup(this.#process.path(this.#file));
    if (node?.type !== 'file' || new TextDecoder().decode(node.data) === this.#text) return;
    const old = this.#configuration!;
    const oldText = this.#text;
    this.#say('[INFO] Reloading');
    try {
      this.#load();
      this.#close();
      this.#open();
      this.#say(`[INFO] plugin/reload: Running configuration SHA512 = ${this.#configuration!.hash}`);
      this.#say('[INFO] Reloading complete');
    } catch (error) {
      const text = reasonOf(error);
      if (text === undefined) throw error;
      this.#configuration = old;
      // The same broken text is not tried again.
      if (this.#text === oldText) this.#text = oldText;
      this.#say(`[ERROR] Restart failed: ${text}`);
      this.#say('[ERROR] plugin/reload: Corefile changed but reload failed: ' + text);
    }
  }
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof CorefileError) return error.message;
  if (error instanceof FsError) return `loading Caddyfile via flag: open ${error.path}: no such file or directory`;
  if (error instanceof AddressInUse) return `Listen: ${error.message}`;
  return undefined;
}

function portOf(address: string | undefined, fallback: number): number {
  const match = /:(\d+)$/.exec(address ?? '');
  return match ? Number(match[1]) : fallback;
}

/** Plugins of CoreDNS that are real but not here. */
const known = new Set(
  'acl any auto autopath azure chaos clouddns dns64 dnssec dnstap erratic etcd file geoip grpc header k8s_external local metadata multisocket nomad nsid pprof quic root route53 secondary sign timeouts tls trace transfer tsig view whoami'.split(
    ' ',
  ),
);
