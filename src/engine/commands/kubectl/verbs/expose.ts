import type { ApiObject } from '../client/types.ts';
import { saveTypedConfig } from '../apply/last-applied.ts';
import type { Command, Context } from '../framework/command.ts';
import { completeTypes } from '../framework/completion.ts';
import { CommandError } from '../framework/errors.ts';
import { overriddenBy } from '../framework/overrides.ts';
import { dryRunFlag, fieldManagerFlag, filenameFlags, filenameOptions } from '../framework/file-flags.ts';
import { quote } from '../framework/values.ts';
import { dryRunOf, operation } from '../framework/write-options.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { mappings } from './create/mappings.ts';

/** `kubectl expose`. */
export const expose: Command = {
  use: 'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  long: `Expose a resource as a new Kubernetes service.

The selector of a deployment, service, replica set or replication controller, or the labels of a pod, become the selector of the new service. Without --port the ports of the resource are taken.

Possible resources include (case insensitive):

pod (po), service (svc), replicationcontroller (rc), deployment (deploy), replicaset (rs)`,
  examples: `# A Deployment on port 80, which leads to 8000 of its containers
kubectl expose deployment web --port=80 --target-port=8000

# A Pod, under another name
kubectl expose pod valid-pod --port=444 --name=frontend`,
  flags: [
    ...printFlags,
    {
      name: 'cluster-ip',
      type: 'string',
      usage: "Address of the service; 'None' for a headless one, chosen by the server if not given.",
    },
    dryRunFlag,
    {
      name: 'external-ip',
      type: 'string',
      usage: 'Another address that the service answers on, if it is routed to a node.',
    },
    fieldManagerFlag('kubectl-expose'),
    ...filenameFlags('to expose'),
    { name: 'labels', shorthand: 'l', type: 'string', usage: 'Labels for the new service.' },
    {
      name: 'load-balancer-ip',
      type: 'string',
      usage: 'Address for the load balancer, if the provider lets one choose.',
    },
    { name: 'name', type: 'string', usage: 'Name of the new service.' },
    {
      name: 'override-type',
      type: 'string',
      default: 'merge',
      usage: 'How --overrides is applied: json, merge, or strategic.',
    },
    {
      name: 'overrides',
      type: 'string',
      usage: 'JSON that the generated object is overridden with. It must give an apiVersion.',
    },
    { name: 'port', type: 'string', usage: 'Port of the service; those of the resource if not given.' },
    { name: 'protocol', type: 'string', usage: "Protocol of the service; 'TCP' if not given." },
    {
      name: 'save-config',
      type: 'bool',
      usage: 'If true, the object carries its configuration as an annotation, for a later kubectl apply.',
    },
    {
      name: 'selector',
      type: 'string',
      usage: 'Selector of the service; only equality. That of the resource if not given.',
    },
    { name: 'session-affinity', type: 'string', usage: "'None' or 'ClientIP'." },
    {
      name: 'target-port',
      type: 'string',
      usage: 'Port, by name or number, of the containers; the same as the service port if not given.',
    },
    {
      name: 'type',
      type: 'string',
      usage: "Type of the service: ClusterIP, NodePort, LoadBalancer, or ExternalName. 'ClusterIP' if not given.",
    },
  ],
  complete: completeTypes(['pod', 'service', 'replicationcontroller', 'deployment', 'replicaset']),
  run,
};

interface Port {
  name?: string;
  protocol: string;
  port: number;
  targetPort?: number | string;
}

async function run(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const dryRun = await dryRunOf(context);
  const printer = printerFor(context.process, flags, { operation: operation('exposed', dryRun), typed: true })!;
  const { namespace, explicit } = factory.namespace();
  const result = await factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, filenameOptions(flags))
    .resourceTypeOrNameArgs(false, args)
    .flatten()
    .do();
  result.check();
  await result.visit(async (info) => {
    const exposable = ['Pod', 'Service', 'ReplicationController', 'Deployment', 'ReplicaSet'].includes(
      info.mapping.kind,
    );
    if (!exposable)
      throw new CommandError(
        `cannot expose a ${info.mapping.group === '' ? info.mapping.kind : `${info.mapping.kind}.${info.mapping.group}`}`,
      );
    const name = flags.string('name') || (info.name.length > 63 ? info.name.slice(0, 63) : info.name);
    let service = serviceFor(context, info.object, name);
    if (flags.string('overrides') !== '') service = overridden(context, service);
    if (flags.bool('save-config') && dryRun !== 'client') service = saveTypedConfig(service);
    if (dryRun === 'client') {
      const given = flags.string('namespace');
      if (given !== '') service = { ...service, metadata: { ...service.metadata, namespace: given } };
    } else
      service = await factory.client().create(mappings.services, info.namespace || namespace, service, {
        dryRun: dryRun === 'server',
        fieldManager: flags.string('field-manager'),
      });
    await printWith(context, printer, [service]);
  });
}

function serviceFor({ flags }: Context, object: ApiObject, name: string): ApiObject {
  const selector = flags.string('selector') !== '' ? labelsOf(flags.string('selector')) : selectorOf(object);
  const labels = flags.string('labels') !== '' ? labelsOf(flags.string('labels')) : object.metadata.labels;
  const ports = portsFor(flags, object);
  const affinity = flags.string('session-affinity');
  if (!['', 'None', 'ClientIP'].includes(affinity)) throw new CommandError(`unknown session affinity: ${affinity}`);
  const clusterIp = flags.string('cluster-ip');
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, ...(labels && Object.keys(labels).length > 0 ? { labels } : {}) },
    spec: {
      ports,
      selector,
      ...(clusterIp === '' ? {} : { clusterIP: clusterIp }),
      ...(flags.string('type') === '' ? {} : { type: flags.string('type') }),
      ...(flags.string('external-ip') === '' ? {} : { externalIPs: [flags.string('external-ip')] }),
      ...(affinity === '' ? {} : { sessionAffinity: affinity }),
      ...(flags.string('load-balancer-ip') === '' ? {} : { loadBalancerIP: flags.string('load-balancer-ip') }),
    },
    status: { loadBalancer: {} },
  } as ApiObject;
}

function portsFor(flags: Context['flags'], object: ApiObject): Port[] {
  const given = flags.string('port');
  const known = portsOf(object);
  const protocolOf = (port: string) =>
    flags.string('protocol') || (known.find((p) => String(p.port) === port)?.protocol ?? 'TCP');
  const texts = given !== '' ? given.split(',') : [...new Set(known.map((p) => String(p.port)))];
  if (texts.length === 0) throw new CommandError("couldn't find port via --port flag or introspection");
  const target = flags.string('target-port');
  const ports: Port[] = [];
  for (const text of texts) {
    if (!/^[+-]?\d+$/.test(text)) throw new CommandError(`strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
    const protocols =
      given === '' && flags.string('protocol') === ''
        ? known.filter((p) => String(p.port) === text).map((p) => p.protocol)
        : [protocolOf(text)];
    for (const protocol of new Set(protocols))
      ports.push({
        ...(texts.length > 1 || protocols.length > 1 ? { name: `port-${ports.length + 1}` } : {}),
        protocol,
        port: Number(text),
        targetPort: target === '' ? Number(text) : /^\d+$/.test(target) ? Number(target) : target,
      });
  }
  return ports;
}

interface Spec {
  selector?: Record<string, string> & { matchLabels?: Record<string, string>; matchExpressions?: unknown[] };
  ports?: { port: number; protocol?: string }[];
  template?: { spec?: PodSpec; metadata?: { labels?: Record<string, string> } };
}
interface PodSpec {
  containers?: { ports?: { containerPort: number; protocol?: string }[] }[];
}

/** What selects the same Pods as the object does. @throws CommandError */
function selectorOf(object: ApiObject): Record<string, string> {
  const spec = object.spec as Spec;
  switch (object.kind) {
    case 'Pod':
      if (!object.metadata.labels || Object.keys(object.metadata.labels).length === 0)
        throw new CommandError(
          "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
        );
      return object.metadata.labels;
    case 'Service':
      if (!spec.selector)
        throw new CommandError(
          "couldn't retrieve selectors via --selector flag or introspection: the service has no pod selector set",
        );
      return spec.selector;
    case 'ReplicationController':
      return spec.selector ?? spec.template?.metadata?.labels ?? {};
    default: {
      if (spec.selector?.matchExpressions?.length)
        throw new CommandError(
          `couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - "${JSON.stringify(spec.selector.matchExpressions)}" to map-based selector format`,
        );
      return spec.selector?.matchLabels ?? {};
    }
  }
}

function portsOf(object: ApiObject): { port: number; protocol: string }[] {
  const spec = object.spec as Spec & PodSpec;
  if (object.kind === 'Service')
    return (spec.ports ?? []).map((p) => ({ port: p.port, protocol: p.protocol ?? 'TCP' }));
  const pod = object.kind === 'Pod' ? spec : spec.template?.spec;
  return (pod?.containers ?? []).flatMap((c) =>
    (c.ports ?? []).map((p) => ({ port: p.containerPort, protocol: p.protocol ?? 'TCP' })),
  );
}

/** `a=b,c=d`. @throws CommandError */
function labelsOf(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const parts = pair.split('=');
    if (parts.length !== 2 || parts[0] === '') throw new CommandError(`unexpected label spec: ${pair}`);
    out[parts[0]!] = parts[1]!;
  }
  return out;
}

function overridden({ flags }: Context, service: ApiObject): ApiObject {
  const changed = overriddenBy(service, flags.string('overrides'), flags.string('override-type'));
  const { ports, ...spec } = changed.spec as { ports?: Port[] };
  // The result is read as a Service again, which always has a target port.
  return ports
    ? { ...changed, spec: { ...spec, ports: ports.map((p) => ({ ...p, targetPort: p.targetPort ?? 0 })) } }
    : changed;
}
