import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';
import type { Process } from '../../../process/index.ts';
import { FsError } from '../../../world/index.ts';
import type { RestClient } from '../client/rest.ts';
import { listAll, wellKnown } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, StatusError } from '../framework/errors.ts';
import { printJson } from '../printers/json.ts';
import { toYaml } from '../../../yaml/index.ts';

const clusterServices = 'kubernetes.io/cluster-service=true';

const dump: Command = {
  use: 'dump [flags]',
  short: 'Dump relevant information for debugging and diagnosis',
  long: `Writes what helps to find problems of a cluster: nodes, events, workloads and logs of the current namespace and kube-system, or of those named.

By default everything goes to stdout; with --output-directory it goes to files, one directory for each namespace.`,
  examples: `# The state of the cluster, to stdout
kubectl cluster-info dump

# To a directory
kubectl cluster-info dump --output-directory=/path/to/cluster-state

# Of all namespaces
kubectl cluster-info dump --all-namespaces

# Of some namespaces
kubectl cluster-info dump --namespaces default,kube-system`,
  flags: [
    { name: 'all-namespaces', shorthand: 'A', type: 'bool', usage: 'Dump all namespaces.' },
    { name: 'namespaces', type: 'stringSlice', usage: 'The namespaces to dump, separated by commas.' },
    { name: 'output', shorthand: 'o', type: 'string', default: 'json', usage: 'Output format. One of: (json, yaml).' },
    { name: 'output-directory', type: 'string', usage: "Directory for the output; '-' and nothing are stdout." },
  ],
  run: runDump,
};

export const clusterInfo: Command = {
  use: 'cluster-info [flags]',
  short: 'Display cluster information',
  long: `Shows the addresses of the control plane and of services with the label ${clusterServices}. To find problems, use 'kubectl cluster-info dump'.`,
  examples: `# The addresses of the control plane and cluster services
kubectl cluster-info`,
  commands: [dump],
  async run({ factory, process, out }) {
    const { server } = factory.config();
    const services = await listAll<IService>(
      { client: factory.client(), chunkSize: 0 },
      wellKnown.services,
      'kube-system',
      {
        labelSelector: clusterServices,
      },
    );
    const lines = [serviceLine(process, 'Kubernetes control plane', server)];
    for (const { metadata, spec, status } of services) {
      const name = metadata.labels?.['kubernetes.io/name'] || metadata.name;
      const balancer = status.loadBalancer?.ingress?.[0];
      const link = balancer
        ? (spec.ports ?? []).map((port) => `http://${balancer.ip || balancer.hostname}:${port.port} `).join('')
        : `${server}/api/v1/namespaces/${metadata.namespace}/services/${proxyName(metadata.name, spec.ports?.[0])}/proxy`;
      lines.push(serviceLine(process, name, link));
    }
    await out(`${lines.join('')}\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n`);
  },
};

function serviceLine(process: Process, name: string, link: string): string {
  const colour = (code: number, text: string) => (process.isatty.stdout ? `\x1b[0;${code}m${text}\x1b[0m` : text);
  return `${colour(32, name)} is running at ${colour(33, link)}\n`;
}

/** `https:web:main`: scheme and port as the proxy subresource takes them. */
function proxyName(name: string, port: { name?: string; port: number } | undefined): string {
  if (!port) return name;
  const isHttps = port.name === 'https' || port.port === 443;
  if (isHttps) return `https:${name}:${port.name ?? ''}`;
  return port.name ? `${name}:${port.name}` : name;
}

async function runDump({ factory, flags, process, out }: Context): Promise<void> {
  const client = factory.client();
  const listing = { client, chunkSize: 0 };
  const format = flags.string('output');
  if (format !== 'json' && format !== 'yaml')
    throw new CommandError(
      `unable to match a printer suitable for the output format "${format}", allowed formats are: json,yaml`,
    );
  const directory = flags.string('output-directory');
  const toFiles = directory !== '' && directory !== '-';
  const write = async (file: string, text: string) => {
    if (!toFiles) return out(text);
    const path = process.path(`${directory}/${file}`);
    try {
      process.machine.fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true });
      process.machine.fs.writeFile(path, text);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new CommandError(`mkdir ${directory}: ${error.message.toLowerCase()}`);
    }
  };
  const print = (object: unknown) => (format === 'json' ? printJson(object) : toYaml(object));
  const extension = format;

  await write(`nodes.${extension}`, print(await client.list(wellKnown.nodes, '')));
  let namespaces = [...flags.strings('namespaces')];
  if (flags.bool('all-namespaces'))
    namespaces = (await client.list(wellKnown.namespaces, '')).items.map((item) => item.metadata.name ?? '');
  else if (namespaces.length === 0) namespaces = ['kube-system', factory.namespace().namespace];
  for (const namespace of [...new Set(namespaces)]) {
    for (const mapping of [
      wellKnown.events,
      wellKnown.replicationControllers,
      wellKnown.services,
      wellKnown.daemonSets,
      wellKnown.deployments,
      wellKnown.replicaSets,
      wellKnown.pods,
    ]) {
      const name = mapping.resource === 'replicationcontrollers' ? 'replication-controllers' : mapping.resource;
      await write(`${namespace}/${name}.${extension}`, print(await client.list(mapping, namespace)));
    }
    for (const pod of await listAll<IPod>(listing, wellKnown.pods, namespace)) {
      const logs: string[] = [];
      for (const { name } of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
        logs.push(
          `==== START logs for container ${name} of pod ${namespace}/${pod.metadata.name} ====\n`,
          await containerLog(client, namespace, pod.metadata.name, name),
          `==== END logs for container ${name} of pod ${namespace}/${pod.metadata.name} ====\n`,
        );
      }
      await write(`${namespace}/${pod.metadata.name}/logs.txt`, logs.join(''));
    }
  }
  if (toFiles) await out(`Cluster info dumped to ${directory}\n`);
}

async function containerLog(client: RestClient, namespace: string, pod: string, container: string): Promise<string> {
  try {
    return await client.text({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/pods/${pod}/log`,
      query: { container },
    });
  } catch (error) {
    if (error instanceof StatusError) return `Request log error: ${error.message}\n`;
    throw error;
  }
}
