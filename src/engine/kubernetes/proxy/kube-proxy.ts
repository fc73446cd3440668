import { schedulers, type Packet, type RuleKeeper, type Scheduler } from '../../network/index.ts';
import type { Process, Program } from '../../process/index.ts';
import {
  goFlags,
  httpSocket,
  klogHead,
  requestTarget,
  textResponse,
  untilSignal,
  whileListening,
} from '../../programs/servers/service.ts';
import { FsError } from '../../world/index.ts';
import { loadYaml } from '../../yaml/index.ts';
import type { Client } from '../client.ts';
import { refs } from '../types.ts';
import { IptablesProxier } from './iptables.ts';
import { IpvsProxier } from './ipvs.ts';
import { HealthChecks } from './health-checks.ts';
import type { ProxyNode, ServiceModel } from './model.ts';
import { NftablesProxier } from './nftables.ts';
import { removeChains, type Proxier } from './proxier.ts';

/** What kube-proxy's configuration file says, as far as it changes anything here. */
interface Configuration {
  mode?: string;
  clusterCIDR?: string;
  healthzBindAddress?: string;
  metricsBindAddress?: string;
  ipvs?: { scheduler?: string };
  iptables?: { masqueradeAll?: boolean | null; localhostNodePorts?: boolean | null };
}

/**
 * kube-proxy: keeps its node's rules in step with Services and EndpointSlices. The rules outlive it: when it has ended
 * they stay as they were.
 */
export function kubeProxyProgram(client: Client, model: ServiceModel): Program {
  const program: Program = async (process) => {
    const log = (severity: 'I' | 'W' | 'E', source: string, text: string) =>
      process.printError(
        `${klogHead(process.world.clock.now(), severity)}${String(process.pid).padStart(8)} ${source}] ${text}\n`,
      );
    const { flags } = goFlags(process.argv.slice(1));
    const file = flags.get('config');
    let config: Configuration = { ...(flags.has('proxy-mode') ? { mode: flags.get('proxy-mode')! } : undefined) };
    if (file !== undefined) {
      try {
        config = readConfiguration(process, file);
      } catch (error) {
        await log('E', 'run.go:72', `"command failed" err="failed complete: ${(error as Error).message}"`);
        return 1;
      }
      const others = [...flags.keys()].filter((name) => !['config', 'hostname-override', 'v'].includes(name));
      if (others.length > 0)
        await log('I', 'server.go:95', `"Warning, all flags other than --config, --write-config-to, and --cleanup are deprecated, please begin using a config file ASAP"`); // prettier-ignore
    }
    const name = flags.get('hostname-override') || process.machine.hostname;
    const mode = config.mode || 'iptables';
    const node = client.resource(refs.nodes).get(undefined, name);
    const ip = node?.status.addresses?.find((a) => a.type === 'InternalIP')?.address;
    const clusterCIDR = config.clusterCIDR || '10.244.0.0/16';
    const me: ProxyNode = { name, zone: node?.metadata.labels?.['topology.kubernetes.io/zone'] };
    const { net } = process.machine;
    let proxier: Proxier;
    const fail = async (text: string) => {
      await log('E', 'server.go:137', `"Error running ProxyServer" err="${text}"`);
      await log('E', 'run.go:72', `"command failed" err="${text}"`);
      return 1;
    };
    if (mode === 'iptables') proxier = new IptablesProxier(net, model, me, clusterCIDR, {
      masqueradeAll: config.iptables?.masqueradeAll ?? false,
      localhostNodePorts: config.iptables?.localhostNodePorts ?? true,
    });
    else if (mode === 'nftables') proxier = new NftablesProxier(net, model, me, clusterCIDR);
    else if (mode === 'ipvs') {
      if (!hasModule(process, 'ip_vs')) return fail("can't use the IPVS proxier: IPVS is not supported by the kernel: the required modules are not loaded: [ip_vs]"); // prettier-ignore
      const scheduler = config.ipvs?.scheduler || 'rr';
      if (!(schedulers as readonly string[]).includes(scheduler) || !hasModule(process, `ip_vs_${scheduler}`))
        return fail(`can't use the IPVS proxier: IPVS scheduler ${scheduler} is not supported by the kernel`);
      proxier = new IpvsProxier(net, model, me, clusterCIDR, scheduler as Scheduler);
      await log('W', 'server_linux.go:193', '"The ipvs proxier is now deprecated and may be removed in a future release. Please use \'nftables\' instead."'); // prettier-ignore
    } else return fail(`failed complete: KubeProxyConfiguration.Mode: Invalid value: "${mode}": must be iptables, ipvs or nftables (blank means the best-available proxy [currently iptables])`); // prettier-ignore
    await log('I', 'server_linux.go:53', `"Using ${mode} proxy"`);
    await log('I', 'server.go:715', `"Successfully retrieved NodeIPs" NodeIPs=${JSON.stringify(ip ? [ip] : [])}`);
    await log('I', 'server_linux.go:132', `"Using ${mode} Proxier"`);
    await log('I', 'server.go:503', '"Version info" version="v1.35.3"');
    for (const what of ['service config', 'endpoint slice config', 'node config'])
      await log('I', 'shared_informer.go:349', `"Waiting for caches to sync" controller="${what}"`);
    for (const what of ['service config', 'endpoint slice config', 'node config'])
      await log('I', 'shared_informer.go:356', `"Caches are synced" controller="${what}"`);
    removeOthers(process, mode);
    return serve(process, config, mode, model, me, proxier);
  };
  return Object.assign(program, { startup: 0 });
}

async function serve(
  process: Process,
  config: Configuration,
  mode: string,
  model: ServiceModel,
  me: ProxyNode,
  proxier: Proxier,
): Promise<number> {
  const { net, world } = process.machine;
  const keeper: RuleKeeper = {
    name: proxier.name,
    get stale() {
      return proxier.stale;
    },
    concerns: ({ destination, destinationPort }: Packet) => model.concerns(destination, destinationPort),
    sync: () => proxier.sync(),
  };
  const checks = new HealthChecks(net, model, me);
  const undo = model.onChange(() => {
    net.changed();
    checks.update();
  });
  checks.update();
  net.netfilter.attach(keeper);
  const at = (text: string | undefined, port: number) => {
    const [address = '', number] = (text ?? '').split(/:(?=\d+$)/);
    return { address: address || '0.0.0.0', port: number ? Number(number) : port };
  };
  const health = at(config.healthzBindAddress || '0.0.0.0:10256', 10_256);
  const metrics = at(config.metricsBindAddress || '127.0.0.1:10249', 10_249);
  const now = () => new Date(world.clock.now()).toISOString();
  const healthz = httpSocket(health.port, (request) => {
    const { path } = requestTarget(request);
    if (path !== '/healthz' && path !== '/livez') return textResponse(404, '404 page not found\n');
    const body = `{"lastUpdated": "${now()}","currentTime": "${now()}", "nodeEligible": true}`;
    return textResponse(200, body, { 'content-type': 'application/json' });
  });
  const info = httpSocket(metrics.port, (request) => {
    switch (requestTarget(request).path) {
      case '/proxyMode':
        return textResponse(200, mode);
      case '/healthz':
        return textResponse(200, 'ok');
      case '/metrics':
        return textResponse(200, metricsText(mode, process));
      default:
        return textResponse(404, '404 page not found\n');
    }
  });
  try {
    return await whileListening(
      process,
      [
        { ...healthz, address: health.address },
        { ...info, address: metrics.address },
      ],
      async () => {
        await untilSignal(process, ['SIGTERM', 'SIGINT']);
        return 0;
      },
    );
  } finally {
    undo();
    checks.close();
    // What it has not written yet it never will; what it has written stays.
    if (proxier.stale) proxier.sync();
    net.netfilter.detach(keeper);
  }
}

function metricsText(mode: string, { machine }: Process): string {
  const lines: string[] = [];
  for (const table of machine.net.netfilter.tables()) {
    if (table.family !== 'iptables') continue;
    let rules = 0;
    for (const chain of table.chains.values()) rules += chain.rules.length;
    lines.push(`kubeproxy_sync_proxy_rules_iptables_total{ip_family="IPv4",table="${table.name}"} ${rules}`);
  }
  if (mode !== 'iptables') lines.length = 0;
  return ['# TYPE kubeproxy_sync_proxy_rules_iptables_total gauge', ...lines, ''].join('\n');
}

/** @throws Error with what kube-proxy says */
function readConfiguration(process: Process, file: string): Configuration {
  let text: string;
  try {
    text = new TextDecoder().decode(process.machine.fs.readFile(process.path(file)));
  } catch (error) {
    if (error instanceof FsError) throw new Error(`open ${file}: no such file or directory`);
    throw error;
  }
  const value = loadYaml(text) as Configuration | null;
  if (typeof value !== 'object' || value === null) throw new Error(`couldn't get version/kind; json parse error`);
  return value;
}

/** A kernel module that is loaded or could be: its file is below /lib/modules. */
function hasModule({ machine: { fs } }: Process, name: string): boolean {
  const below = (directory: string): boolean =>
    fs.exists(directory) &&
    fs.readdir(directory).some((entry) => {
      const path = `${directory}/${entry}`;
      return entry.startsWith(`${name}.ko`) || (fs.lookup(path)?.type === 'directory' && below(path));
    });
  return below('/lib/modules');
}

/** At its start kube-proxy removes what another mode has left. */
function removeOthers({ machine: { net } }: Process, mode: string): void {
  const { netfilter, ipvs } = net;
  for (const name of ['nat', 'filter'] as const) removeChains(netfilter.iptables(name), (c) => c.startsWith('KUBE-'));
  const table = netfilter.table('ip', 'kube-proxy');
  if (table) netfilter.remove(table);
  ipvs.clear();
  const dummy = net.interfaces.get('kube-ipvs0');
  if (dummy && mode !== 'ipvs') net.removeInterface(dummy);
  for (const name of [...netfilter.ipsets.keys()]) if (name.startsWith('KUBE-')) netfilter.ipsets.delete(name);
  netfilter.changed();
}
