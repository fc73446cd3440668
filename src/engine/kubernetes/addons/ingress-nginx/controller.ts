import type { Process, Program } from '../../../process/index.ts';
import { goFlags, httpSocket, klogHead, requestTarget, textResponse, untilSignal, whileListening } from '../../../programs/servers/service.ts'; // prettier-ignore
import { rfc3339Micro, type Timer } from '../../../world/index.ts';
import { ApiError, type Client } from '../../client.ts';
import { CoreEventRecorder } from '../../events.ts';
import { refs, type Draft, type KubeObject, type Lease } from '../../types.ts';
import { ServiceEndpoints } from '../reverse-proxy/service-endpoints.ts';
import { TlsSecrets } from '../reverse-proxy/tls-secrets.ts';
import { reviewIngress } from './admission.ts';
import { notSimulated } from './annotations.ts';
import { buildConfiguration, serverFor, type Configuration } from './configuration.ts';
import { nginxConf } from './nginx-conf.ts';
import { IngressProxy } from './proxy.ts';
import { ingressClasses, ingresses, type Ingress, type LoadBalancerIngress } from './types.ts';

/** Changes are gathered for so long before nginx gets them, virtual ms. */
const syncDelay = 300;
/** Addresses are written to Ingresses this often, virtual ms. */
const statusPeriod = 60_000;

const fakeCertificate = {
  names: ['ingress.local'],
  subject: 'O = Acme Co, CN = Kubernetes Ingress Controller Fake Certificate',
  issuer: 'O = Acme Co, CN = Kubernetes Ingress Controller Fake Certificate',
};

/** ingress-nginx: an nginx that follows Ingresses. */
export function ingressNginxProgram(client: Client): Program {
  return async (process) => new Controller(process, client).run();
}

class Controller {
  readonly #process: Process;
  readonly #client: Client;
  readonly #flags: ReadonlyMap<string, string>;
  readonly #namespace: string;
  readonly #pod: string;
  readonly #events;
  readonly #sources;
  readonly #undo: (() => void)[] = [];
  #configuration: Configuration = { servers: new Map(), warnings: [] };
  /** nginx.conf as it was loaded last. */
  #text = '';
  #timer: Timer | undefined;
  #statusTimer: Timer | undefined;
  #leader: boolean | undefined;
  #ready = false;

  constructor(process: Process, client: Client) {
    this.#process = process;
    this.#flags = goFlags(process.argv.slice(1)).flags;
    this.#namespace = process.env.get('POD_NAMESPACE') ?? 'ingress-nginx';
    this.#pod = process.env.get('POD_NAME') ?? process.machine.hostname;
    const identity = {
      manager: 'nginx-ingress-controller',
      user: `system:serviceaccount:${this.#namespace}:ingress-nginx`,
    };
    this.#client = client.as(identity);
    this.#events = new CoreEventRecorder(process.world, this.#client, { component: 'nginx-ingress-controller' });
    this.#sources = { services: new ServiceEndpoints(this.#client), secrets: new TlsSecrets(this.#client) };
  }

  async run(): Promise<number> {
    const process = this.#process;
    const proxy = new IngressProxy(process, this.#sources.services, () => this.#configuration);
    await process.print(banner(this.#flags.has('version') ? '' : '\n'));
    if (this.#flags.has('version')) return 0;
    this.#log('W', 'client_config.go:667', 'Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.'); // prettier-ignore
    this.#log('I', 'main.go:205', '"Creating API client" host="https://10.96.0.1:443"');
    this.#log('I', 'main.go:248', '"Running in Kubernetes cluster" major="1" minor="35" git="v1.35.3" state="clean" platform="linux/amd64"'); // prettier-ignore
    this.#log('I', 'main.go:101', '"SSL fake certificate created" file="/etc/ingress-controller/ssl/default-fake-certificate.pem"'); // prettier-ignore
    const webhook = Number(/:(\d+)$/.exec(this.#flags.get('validating-webhook') ?? '')?.[1] ?? 0);
    if (webhook > 0)
      this.#log('I', 'ssl.go:535', `"loading tls certificate" path="${this.#flags.get('validating-webhook-certificate') ?? ''}" key="${this.#flags.get('validating-webhook-key') ?? ''}"`); // prettier-ignore
    this.#log('I', 'nginx.go:273', '"Starting NGINX Ingress controller"');
    const certificateFor = (name: string) => {
      const { servers } = this.#configuration;
      return (servers.size > 0 ? serverFor(this.#configuration, name).certificate : undefined) ?? fakeCertificate;
    };
    const https = { protocol: 'https' as const, certificate: fakeCertificate, certificateFor };
    const health = httpSocket(10_254, (request) => {
      const { path } = requestTarget(request);
      if (path === '/metrics') return textResponse(200, '# TYPE nginx_ingress_controller_build_info gauge\n');
      if (path !== '/healthz') return textResponse(404, '404 page not found\n');
      return this.#ready ? textResponse(200, 'ok') : textResponse(500, '[-]nginx-ingress-controller failed: reason withheld\nhealthz check failed\n'); // prettier-ignore
    });
    const sockets = [
      httpSocket(80, (request) => proxy.handle('http', request)),
      { port: 443, server: { ...https, http: (request: Parameters<typeof proxy.handle>[1]) => proxy.handle('https', request) } }, // prettier-ignore
      health,
      ...(webhook > 0
        ? [{ port: webhook, server: { protocol: 'https' as const, http: (request: Parameters<typeof reviewIngress>[0]) => reviewIngress(request, () => this.#own()) } }] // prettier-ignore
        : []),
    ];
    try {
      return await whileListening(process, sockets, async () => {
        this.#watch();
        this.#log('I', 'nginx.go:319', '"Starting NGINX process"');
        this.#log(
          'I',
          'leaderelection.go:257',
          `attempting to acquire leader lease ${this.#namespace}/${this.#election}...`,
        );
        if (webhook > 0)
          this.#log('I', 'nginx.go:339', `"Starting validation webhook" address=":${webhook}" certPath="${this.#flags.get('validating-webhook-certificate') ?? ''}" keyPath="${this.#flags.get('validating-webhook-key') ?? ''}"`); // prettier-ignore
        this.#sync();
        this.#statusTimer = process.world.queue.after(1_000, () => this.#status());
        await untilSignal(process, ['SIGTERM', 'SIGINT', 'SIGQUIT']);
        this.#log('I', 'sigterm.go:36', '"Received SIGTERM, shutting down"');
        this.#log('I', 'nginx.go:395', '"Shutting down controller queues"');
        if (this.#leader) this.#writeStatus([]);
        this.#log('I', 'sigterm.go:47', '"Exiting" code=0');
        return 0;
      });
    } finally {
      this.#timer?.cancel();
      this.#statusTimer?.cancel();
      for (const undo of this.#undo) undo();
    }
  }

  get #election(): string {
    return this.#flags.get('election-id') ?? 'ingress-controller-leader';
  }

  #log(severity: 'I' | 'W' | 'E', source: string, text: string): void {
    const { world, stderr, pid } = this.#process;
    void stderr.write(`${klogHead(world.clock.now(), severity)}${String(pid).padStart(8)} ${source}] ${text}\n`);
  }

  // ---- what there is -----------------------------------------------------------------------------------------------

  #watch(): void {
    const client = this.#client;
    const soon = () => this.#soon();
    const on = <T extends KubeObject>(ref: Parameters<typeof client.resource<T>>[0]) =>
      this.#undo.push(client.resource(ref).informer.on({ add: soon, update: soon, delete: soon }));
    on(refs.services);
    on(refs.endpointSlices);
    on(refs.configMaps);
    on(refs.secrets);
    on(ingressClasses);
    this.#undo.push(
      client.resource(ingresses).informer.on({
        add: (ingress) => this.#seen(ingress, true),
        update: (ingress, previous) => {
          if (ingress.metadata.resourceVersion !== previous.metadata.resourceVersion) this.#seen(ingress, false);
        },
        delete: soon,
      }),
    );
  }

  #seen(ingress: Ingress, first: boolean): void {
    if (!this.#isOwn(ingress)) return this.#soon();
    const { namespace, name } = ingress.metadata;
    if (first)
      this.#log('I', 'store.go:440', `"Found valid IngressClass" ingress="${namespace}/${name}" ingressclass="${ingress.spec?.ingressClassName ?? '_'}"`); // prettier-ignore
    this.#events.record(ingress, 'Normal', 'Sync', 'Scheduled for sync');
    for (const annotation of notSimulated(ingress))
      this.#events.record(ingress, 'Warning', 'NotSimulated', `slipway: annotation ${annotation} is not simulated`);
    this.#soon();
  }

  #isOwn({ spec, metadata }: Ingress): boolean {
    const name = spec?.ingressClassName ?? metadata.annotations?.['kubernetes.io/ingress.class'];
    if (name === undefined) return this.#flags.get('watch-ingress-without-class') === 'true';
    const wanted = this.#flags.get('controller-class') ?? 'k8s.io/ingress-nginx';
    const found = this.#client.resource(ingressClasses).get(undefined, name);
    if (found) return found.spec?.controller === wanted;
    return spec?.ingressClassName === undefined && name === (this.#flags.get('ingress-class') ?? 'nginx');
  }

  #own(): Ingress[] {
    return this.#client
      .resource(ingresses)
      .list()
      .filter((ingress) => this.#isOwn(ingress));
  }

  // ---- nginx -------------------------------------------------------------------------------------------------------

  #soon(): void {
    this.#timer ??= this.#process.world.queue.after(syncDelay, () => {
      this.#timer = undefined;
      this.#sync();
    });
  }

  #sync(): void {
    const [namespace, name = ''] = (this.#flags.get('configmap') ?? '/').split('/');
    const map = this.#client.resource(refs.configMaps).get(namespace, name);
    const configuration = buildConfiguration(this.#own(), (map?.data ?? {}) as Record<string, string>, this.#sources);
    const known = new Set(this.#configuration.warnings);
    for (const warning of configuration.warnings)
      if (!known.has(warning))
        this.#log('W', warning.includes('Endpoint') ? 'controller.go:1227' : 'controller.go:1570', warning);
    this.#configuration = configuration;
    const text = nginxConf(configuration);
    if (text === this.#text) return;
    this.#text = text;
    this.#log('I', 'controller.go:214', '"Configuration changes detected, backend reload required"');
    const { fs } = this.#process.machine;
    if (fs.exists('/etc/nginx')) fs.writeFile('/etc/nginx/nginx.conf', text);
    this.#log('I', 'controller.go:228', '"Backend successfully reloaded"');
    if (!this.#ready) this.#log('I', 'controller.go:240', '"Initial sync, sleeping for 1 second"');
    this.#ready = true;
    const pod = this.#client.resource(refs.pods).get(this.#namespace, this.#pod);
    if (pod) this.#events.record(pod, 'Normal', 'RELOAD', 'NGINX reload triggered due to a change in configuration');
  }

  // ---- addresses ---------------------------------------------------------------------------------------------------

  #status(): void {
    this.#statusTimer = this.#process.world.queue.after(statusPeriod, () => this.#status());
    try {
      if (this.#elected()) this.#writeStatus(this.#addresses());
    } catch (error) {
      // Somebody else has written in between: the next round will do.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** One replica writes: the one whose name is in the Lease, as long as its Pod is there. */
  #elected(): boolean {
    const leases = this.#client.resource(refs.leases);
    const lease = leases.get(this.#namespace, this.#election);
    const holder = lease?.spec.holderIdentity;
    const now = rfc3339Micro(this.#process.world.clock.now());
    if (holder && holder !== this.#pod && this.#client.resource(refs.pods).get(this.#namespace, holder)) {
      if (this.#leader === undefined) this.#log('I', 'status.go:85', `"New leader elected" identity="${holder}"`);
      return (this.#leader = false);
    }
    const spec = { holderIdentity: this.#pod, leaseDurationSeconds: 30, renewTime: now };
    if (!lease) {
      const metadata = { name: this.#election, namespace: this.#namespace };
      leases.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { ...spec, acquireTime: now, leaseTransitions: 0 } } as unknown as Draft<Lease>); // prettier-ignore
    } else if (holder === this.#pod) leases.update({ ...lease, spec: { ...lease.spec, ...spec } });
    else
      leases.update({
        ...lease,
        spec: { ...lease.spec, ...spec, acquireTime: now, leaseTransitions: (lease.spec.leaseTransitions ?? 0) + 1 },
      });
    if (!this.#leader) {
      this.#log('I', 'leaderelection.go:271', `successfully acquired lease ${this.#namespace}/${this.#election}`);
      this.#log('I', 'status.go:85', `"New leader elected" identity="${this.#pod}"`);
    }
    return (this.#leader = true);
  }

  #addresses(): LoadBalancerIngress[] {
    const fixed = this.#flags.get('publish-status-address');
    if (fixed) return fixed.split(',').map((one) => (/^[\d.]+$/.test(one) ? { ip: one } : { hostname: one }));
    const [namespace, name] = (this.#flags.get('publish-service') ?? '').split('/');
    if (name) {
      const service = this.#client.resource(refs.services).get(namespace, name);
      const { type, clusterIP, externalIPs = [] } = service?.spec ?? {};
      if (type === 'ClusterIP' && clusterIP) return [{ ip: clusterIP }];
      const balancer = (service?.status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => (ip ? { ip } : { hostname: hostname ?? '' })); // prettier-ignore
      return [...balancer, ...externalIPs.map((ip) => ({ ip }))];
    }
    // Without either: the nodes that its Pods run on.
    const pods = this.#client.resource(refs.pods);
    const labels = pods.get(this.#namespace, this.#pod)?.metadata.labels ?? {};
    const hash = labels['app.kubernetes.io/name'];
    const ips = pods
      .list({ namespace: this.#namespace })
      .filter(
        (p) =>
          p.metadata.labels?.['app.kubernetes.io/name'] === hash && p.status.hostIP && p.status.phase === 'Running',
      )
      .filter((p) => p.metadata.labels?.['app.kubernetes.io/component'] === labels['app.kubernetes.io/component'])
      .map((p) => p.status.hostIP!);
    return [...new Set(ips)].sort().map((ip) => ({ ip }));
  }

  #writeStatus(addresses: readonly LoadBalancerIngress[]): void {
    const resource = this.#client.resource(ingresses);
    for (const ingress of this.#own()) {
      const current = ingress.status?.loadBalancer?.ingress ?? [];
      if (JSON.stringify(current) === JSON.stringify(addresses)) continue;
      const { namespace, name } = ingress.metadata;
      this.#log('I', 'status.go:311', `"updating Ingress status" namespace="${namespace}" ingress="${name}" currentValue=${current.length > 0 ? JSON.stringify(current) : 'null'} newValue=${JSON.stringify(addresses)}`); // prettier-ignore
      resource.update({ ...ingress, status: { loadBalancer: addresses.length > 0 ? { ingress: addresses } : {} } }, 'status'); // prettier-ignore
    }
  }
}

function banner(end: string): string {
  const line = '-'.repeat(79);
  return `${line}\nNGINX Ingress controller\n  Release:       v1.14.1\n  Build:         b8c3c0b\n  Repository:    https://github.com/kubernetes/ingress-nginx\n  nginx version: nginx/1.27.1\n\n${line}\n${end}`;
}
