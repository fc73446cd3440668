import { networkTools } from '../../programs/net/index.ts';
import type { createMachine, Machine } from '../../process/index.ts';
import { Collector } from '../../world/index.ts';
import { administrator, TestCluster } from '../kubelet/cluster.test-support.ts';
import { refs, type Draft, type ResourceRef } from '../types.ts';
import { isReader } from '../../network/index.ts';
import { createAll } from './apply.ts';
import { toYaml } from '../../yaml/index.ts';

/** A cluster with web servers to reach, and curl on a node. */
export class TrafficCluster {
  readonly cluster = new TestCluster();
  readonly client = this.cluster.cluster.client({ manager: 'test', user: 'kubernetes-admin' });

  apply(...objects: Record<string, unknown>[]): void {
    createAll(this.cluster.cluster.server, objects.map((o) => toYaml(o)).join('---\n'));
  }

  applyText(manifest: string): void {
    createAll(this.cluster.cluster.server, manifest);
  }

  /** A Deployment of `traefik/whoami`, which tells its name and what it was asked, with a Service on port 80. */
  web(name: string, replicas = 1, namespace = 'default'): void {
    const labels = { app: name };
    const container = {
      name: 'c',
      image: 'traefik/whoami',
      args: ['--name', name],
      ports: [{ name: 'http', containerPort: 80 }],
    };
    this.apply(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [container] } },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace },
        spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
      },
    );
  }

  async ready(ref: ResourceRef, namespace: string, prefix: string): Promise<void> {
    const pods = this.client.resource(refs.pods);
    await this.cluster.until(
      () =>
        pods
          .list({ namespace })
          .some((p) => p.metadata.name.startsWith(prefix) && p.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')), // prettier-ignore
      300_000,
    );
  }

  machine(node: string): Machine {
    return this.cluster.cluster.nodes.get(node)!.machine;
  }

  /** Runs a network tool on a node and gives what it prints. */
  async on(node: string, ...argv: string[]): Promise<string> {
    const machine = this.machine(node) as ReturnType<typeof createMachine>;
    const out = new Collector();
    const child = machine.processes.run(networkTools.get(argv[0]!)!, argv, undefined, { stdout: out, stderr: out });
    await this.cluster.until(() => child.status !== undefined, 300_000);
    return out.text();
  }

  /** `curl -s` from the control plane's node. */
  curl(...args: string[]): Promise<string> {
    return this.on('kind-control-plane', 'curl', '-s', ...args);
  }

  get<T>(ref: ResourceRef, namespace: string | undefined, name: string): T {
    return this.client.resource(ref).get(namespace, name) as unknown as T;
  }

  create(ref: ResourceRef, object: Record<string, unknown>): void {
    this.client.resource(ref).create(object as unknown as Draft);
  }

  async logs(namespace: string, prefix: string): Promise<string> {
    const pod = this.client
      .resource(refs.pods)
      .list({ namespace })
      .find((p) => p.metadata.name.startsWith(prefix))!;
    const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log`;
    const response = await this.cluster.cluster.handle({ method: 'GET', path, headers: {}, peer: administrator });
    return isReader(response.body) ? '' : new TextDecoder().decode(response.body);
  }
}
