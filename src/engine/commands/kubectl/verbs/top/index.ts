import type { INode } from 'kubernetes-models/v1/Node';
import type { IPod } from 'kubernetes-models/v1/Pod';
import { compareStrings } from '../../../../gotemplate/index.ts';
import {
  addQuantities,
  parseQuantity,
  type Quantity,
  quantityMilliValue,
  quantityValue,
  zeroQuantity,
} from '../../../../kubernetes/apimachinery/quantity.ts';
import type { ApiMetadata } from '../../client/types.ts';
import { listAll, wellKnown } from '../../describe/describer.ts';
import { completeName } from '../../framework/completion.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError, usageError } from '../../framework/errors.ts';
import { allNamespacesFlag, fieldSelectorFlag, selectorFlag } from '../../framework/file-flags.ts';
import type { FlagSpec } from '../../framework/flags.ts';
import { alignColumns } from '../../printers/tabwriter.ts';

const metricsGroup = 'metrics.k8s.io';

interface Usage {
  cpu: Quantity;
  memory: Quantity;
  swap: Quantity | undefined;
}

interface NodeMetrics {
  metadata: ApiMetadata;
  usage?: Record<string, string>;
}

interface PodMetrics {
  metadata: ApiMetadata;
  containers?: { name: string; usage?: Record<string, string> }[];
}

const commonFlags: readonly FlagSpec[] = [
  { name: 'no-headers', type: 'bool', usage: "Don't print the line with the column headings." },
  selectorFlag,
  { name: 'sort-by', type: 'string', usage: "Sort by 'cpu' or 'memory', highest first." },
  {
    name: 'use-protocol-buffers',
    type: 'bool',
    default: true,
    usage: 'Ask for metrics in Protocol Buffers rather than JSON.',
  },
];

/** @throws CommandError unless the cluster has a metrics server */
async function needMetrics({ factory, flags }: Context): Promise<void> {
  // The encoding changes nothing that is shown.
  flags.bool('use-protocol-buffers');
  const sortBy = flags.string('sort-by');
  if (sortBy !== '' && sortBy !== 'cpu' && sortBy !== 'memory')
    throw new CommandError('--sort-by accepts only cpu or memory');
  const { groupVersions } = await factory.mapper();
  if (!groupVersions.some((gv) => gv.startsWith(`${metricsGroup}/`)))
    throw new CommandError('Metrics API not available');
}

/** Metrics of Pods as young as this (ms) are not missed. */
const youngPod = 120_000;

/**
 * There are no metrics: that is an error if there are Pods.
 * @throws CommandError
 */
function checkEmpty(pods: readonly IPod[], now: number): void {
  if (pods.length === 0) return;
  for (const { metadata } of pods) {
    const age = now - Date.parse(String(metadata?.creationTimestamp ?? ''));
    if (age > youngPod) {
      const shown = goDuration(age);
      throw new CommandError(`Metrics not available for pod ${metadata?.namespace}/${metadata?.name}, age: ${shown}`);
    }
  }
  throw new CommandError('metrics not available yet');
}

/** `2m30.5s`, as Go prints a time.Duration. */
function goDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(9))}s`;
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}h${minutes % 60}m${seconds}` : `${minutes}m${seconds}`;
}

const showSwap = (what: string): FlagSpec => ({
  name: 'show-swap',
  type: 'bool',
  usage: `Print ${what} resources related to swap memory.`,
});

function usageOf(usage: Record<string, string> = {}): Usage {
  const { cpu = '0', memory = '0', swap } = usage;
  return {
    cpu: parseQuantity(cpu),
    memory: parseQuantity(memory),
    swap: swap === undefined ? undefined : parseQuantity(swap),
  };
}

function total(list: readonly Usage[]): Usage & { swap: Quantity } {
  return list.reduce<Usage & { swap: Quantity }>(
    (sum, usage) => ({
      cpu: addQuantities(sum.cpu, usage.cpu),
      memory: addQuantities(sum.memory, usage.memory),
      swap: addQuantities(sum.swap, usage.swap ?? zeroQuantity),
    }),
    { cpu: zeroQuantity, memory: zeroQuantity, swap: zeroQuantity },
  );
}

const cores = ({ cpu }: Usage) => `${quantityMilliValue(cpu)}m`;
const mebibytes = (quantity: Quantity) => `${Math.floor(quantityValue(quantity) / 1024 / 1024)}Mi`;
const bytes = ({ memory }: Usage) => mebibytes(memory);

/** By usage, or by name where it is equal or nothing is said. */
function order(sortBy: string) {
  return (a: { name: string; usage: Usage }, b: { name: string; usage: Usage }): number => {
    const by = sortBy === 'cpu' || sortBy === 'memory' ? sortBy : undefined;
    const difference = by ? b.usage[by].nanos - a.usage[by].nanos : 0n;
    return difference === 0n ? compareStrings(a.name, b.name) : difference > 0n ? 1 : -1;
  };
}

function table(rows: readonly (readonly string[])[]): string {
  const text = rows.map((cells) => `${cells.map((cell) => `${cell}\t`).join('')}\n`).join('');
  return alignColumns(text, { minWidth: 6, padding: 3 });
}

const node: Command = {
  use: 'node [NAME | -l label]',
  aliases: ['nodes', 'no'],
  short: 'Display resource (CPU/memory) usage of nodes',
  examples: `# What all nodes use
kubectl top node

# What one node uses
kubectl top node NODE_NAME`,
  flags: [
    ...commonFlags,
    showSwap('node'),
    { name: 'show-capacity', type: 'bool', usage: 'Percentages of the capacity rather than of what is allocatable.' },
  ],
  complete: completeName('node'),
  async run(context) {
    const { args, flags, factory, out } = context;
    if (args.length > 1) throw usageError(context, node.use);
    if (args.length > 0 && flags.string('selector') !== '')
      throw new CommandError('only one of NAME or --selector can be provided');
    await needMetrics(context);
    const client = factory.client();
    const path = `/apis/${metricsGroup}/v1beta1/nodes${args[0] ? `/${args[0]}` : ''}`;
    const query = { labelSelector: flags.string('selector') || undefined };
    const answer = await client.json<NodeMetrics & { items?: NodeMetrics[] }>({ method: 'GET', path, query });
    const items = answer.items ?? [answer];
    if (items.length === 0) throw new CommandError('metrics not available yet');
    const nodes = await listAll<INode>({ client, chunkSize: 0 }, wellKnown.nodes, '');
    const rows = items
      .map((item) => ({ name: item.metadata.name ?? '', usage: usageOf(item.usage) }))
      .sort(order(flags.string('sort-by')))
      .map(({ name, usage }) => {
        const status = nodes.find((n) => n.metadata.name === name)?.status;
        const whole = flags.bool('show-capacity') ? status?.capacity : status?.allocatable;
        const share = (part: number, all: string | number | undefined, measure: (q: string | number) => number) =>
          all === undefined ? '<unknown>' : `${Math.trunc((part * 100) / measure(all))}%`;
        const swap = status?.nodeInfo as { swap?: { capacity?: number } } | undefined;
        const capacity = swap?.swap?.capacity;
        const swapCells = usage.swap
          ? [
              mebibytes(usage.swap),
              capacity ? `${Math.trunc((quantityValue(usage.swap) * 100) / capacity)}%` : '<unknown>',
            ]
          : ['<unknown>', '<unknown>'];
        return [
          name,
          cores(usage),
          share(quantityMilliValue(usage.cpu), whole?.['cpu'], quantityMilliValue),
          bytes(usage),
          share(quantityValue(usage.memory), whole?.['memory'], quantityValue),
          ...(flags.bool('show-swap') ? swapCells : []),
        ];
      });
    const header = ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'];
    if (flags.bool('show-swap')) header.push('SWAP(bytes)', 'SWAP(%)');
    await out(table([...(flags.bool('no-headers') ? [] : [header]), ...rows]));
  },
};

const pod: Command = {
  use: 'pod [NAME | -l label]',
  aliases: ['pods', 'po'],
  short: 'Display resource (CPU/memory) usage of pods',
  long: 'Shows what pods use. Metrics of a pod come some minutes after it has started.',
  examples: `# What the pods of the default namespace use
kubectl top pod

# What the containers of a pod use
kubectl top pod POD_NAME --containers

# What the pods with the label name=myLabel use
kubectl top pod -l name=myLabel`,
  flags: [
    ...commonFlags,
    allNamespacesFlag,
    showSwap('pod'),
    { name: 'containers', type: 'bool', usage: 'Show each container of a pod.' },
    fieldSelectorFlag,
    { name: 'sum', type: 'bool', usage: 'Show the sum of all' },
  ],
  complete: completeName('pod'),
  async run(context) {
    const { args, flags, factory, out, err } = context;
    if (args.length > 1) throw usageError(context, pod.use);
    if (args.length > 0 && (flags.string('selector') !== '' || flags.string('field-selector') !== ''))
      throw new CommandError('only one of NAME or selector can be provided');
    await needMetrics(context);
    const allNamespaces = flags.bool('all-namespaces');
    const { namespace } = factory.namespace();
    const scope = allNamespaces ? '' : `/namespaces/${namespace}`;
    const path = `/apis/${metricsGroup}/v1beta1${scope}/pods${args[0] ? `/${args[0]}` : ''}`;
    const query = {
      labelSelector: flags.string('selector') || undefined,
      fieldSelector: flags.string('field-selector') || undefined,
    };
    const client = factory.client();
    const answer = await client.json<PodMetrics & { items?: PodMetrics[] }>({ method: 'GET', path, query });
    const items = answer.items ?? [answer];
    if (items.length === 0) {
      const where = `/api/v1${scope}/pods`;
      const { items: pods } = await client.json<{ items: IPod[] }>({ method: 'GET', path: where, query });
      checkEmpty(pods, factory.process.world.clock.now());
      return err(allNamespaces ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`);
    }
    const pods = items
      .map(({ metadata, containers = [] }) => {
        const parts = containers.map((c) => ({ name: c.name, usage: usageOf(c.usage) }));
        return {
          name: metadata.name ?? '',
          namespace: metadata.namespace ?? '',
          parts,
          usage: total(parts.map((p) => p.usage)),
        };
      })
      .sort(order(flags.string('sort-by')));
    const prefix = (cells: string[], where: string) => (allNamespaces ? [where, ...cells] : cells);
    const byContainer = flags.bool('containers');
    const swap = flags.bool('show-swap');
    const columns = ['CPU(cores)', 'MEMORY(bytes)', ...(swap ? ['SWAP(bytes)'] : [])];
    const header = prefix([...(byContainer ? ['POD', 'NAME'] : ['NAME']), ...columns], 'NAMESPACE');
    const amounts = (usage: Usage) => [
      cores(usage),
      bytes(usage),
      ...(swap ? [mebibytes(usage.swap ?? zeroQuantity)] : []),
    ];
    const rows = pods.flatMap((p) =>
      byContainer
        ? p.parts.map((c) => prefix([p.name, c.name, ...amounts(c.usage)], p.namespace))
        : [prefix([p.name, ...amounts(p.usage)], p.namespace)],
    );
    if (flags.bool('sum')) {
      const sum = total(pods.map((p) => p.usage));
      // Without headings kubectl doesn't count the columns that come first; swap it forgets always.
      const before = flags.bool('no-headers') ? columns.length - 1 : header.length - 2;
      const blanks = Array.from({ length: before }, () => '');
      rows.push([...blanks, '________', '________'], [...blanks, ...amounts(sum)]);
    }
    await out(table([...(flags.bool('no-headers') ? [] : [header]), ...rows]));
  },
};

export const top: Command = {
  use: 'top [flags]',
  short: 'Display resource (CPU/memory) usage',
  long: `Shows what nodes or pods use of CPU and memory. The cluster needs a metrics server for that.`,
  commands: [node, pod],
};
