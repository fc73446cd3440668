import { createApiServer, type ApiServer } from '../../kubernetes/apiserver/server.ts';
import { Network, type HttpRequest } from '../../network/index.ts';
import { createMachine, type Program } from '../../process/index.ts';
import { Collector, FileSystem, pump, readerOf, World } from '../../world/index.ts';
import { kubectl } from './index.ts';

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: kind-kind
  cluster:
    server: https://127.0.0.1:6443
contexts:
- name: kind-kind
  context:
    cluster: kind-kind
    user: kind-kind
current-context: kind-kind
users:
- name: kind-kind
  user:
    token: admin-token
`;

export interface KubectlRun {
  stdout: string;
  stderr: string;
  exit: number;
}

/** A machine with kubectl and an API server beside it, as in the recordings: COLUMNS=80, no terminal. */
export class KubectlMachine {
  readonly world = new World({ seed: 1, epoch: Date.UTC(2026, 0, 5, 9, 0, 0) });
  readonly api: ApiServer;
  readonly fs: FileSystem;
  /** Requests that reached the server: `GET /api/v1/…`, with their bodies. */
  readonly requests: { method: string; path: string; headers: Record<string, string>; body: string }[] = [];
  readonly #machine: ReturnType<typeof createMachine>;

  constructor(files: Record<string, string> = {}, programs: Record<string, Program> = {}) {
    const network = new Network(this.world);
    const net = network.addNamespace('laptop', ['127.0.0.1']);
    this.fs = new FileSystem({ now: () => this.world.clock.now() });
    this.api = createApiServer({
      world: this.world,
      tokens: new Map([
        ['admin-token', { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }],
      ]) as never,
    });
    net.listen(6443, {
      protocol: 'https',
      http: (request: HttpRequest) => {
        const body = request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : '';
        this.requests.push({ method: request.method, path: request.path, headers: request.headers, body });
        return this.api.handle(request);
      },
    });
    const all = new Map<string, Program>(Object.entries({ kubectl, ...programs }));
    this.fs.mkdir('/home/learner/work', { recursive: true });
    this.fs.mkdir('/home/learner/.kube', { recursive: true });
    this.fs.mkdir('/tmp', { recursive: true });
    this.fs.mkdir('/usr/bin', { recursive: true });
    this.fs.writeFile('/home/learner/.kube/config', kubeconfig);
    for (const name of all.keys()) this.fs.writeFile(`/usr/bin/${name}`, '', { mode: 0o755, program: name });
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    this.#machine = createMachine({ world: this.world, network, hostname: 'laptop', fs: this.fs, net, programs: all });
  }

  write(path: string, text: string): void {
    const full = path.startsWith('/') ? path : `/home/learner/work/${path}`;
    this.fs.mkdir(full.slice(0, full.lastIndexOf('/')), { recursive: true });
    this.fs.writeFile(full, text);
  }

  /** Runs `kubectl` with arguments, at most an hour of virtual time. */
  async run(
    args: readonly string[],
    options: { stdin?: string; env?: Record<string, string> } = {},
  ): Promise<KubectlRun> {
    const stdout = new Collector();
    const stderr = new Collector();
    const child = this.#machine.processes.start(['kubectl', ...args], {
      cwd: '/home/learner/work',
      env: new Map(
        Object.entries({ HOME: '/home/learner', PATH: '/usr/bin', COLUMNS: '80', TERM: 'xterm', ...options.env }),
      ),
      stdin: readerOf(options.stdin ?? ''),
      stdout,
      stderr,
      tty: false,
    });
    await pump(this.world.queue, () => new Promise((resolve) => setImmediate(resolve)), {
      until: this.world.queue.now + 3_600_000,
      stop: () => child.status !== undefined,
    });
    return { stdout: stdout.text(), stderr: stderr.text(), exit: child.status ?? 124 };
  }

  /** `run` with a command line split at blanks. */
  kubectl(line: string, options: { stdin?: string } = {}): Promise<KubectlRun> {
    return this.run(line.split(/\s+/).filter(Boolean), options);
  }
}
