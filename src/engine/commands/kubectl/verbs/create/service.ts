import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import type { FlagSpec } from '../../framework/flags.ts';
import { parseUint } from '../../framework/values.ts';
import { isValidPortName } from '../../../../kubernetes/apimachinery/names.ts';
import { generator, type Draft } from './generator.ts';
import { mappings } from './mappings.ts';

const tcpFlag: FlagSpec = {
  name: 'tcp',
  type: 'stringSlice',
  usage: "Ports as '<port>' or '<port>:<targetPort>'.",
};

interface ServicePort {
  name: string;
  protocol: string;
  port: number;
  targetPort: number | string;
  nodePort?: number;
}

/** What is wrong with a port of the Pods. */
function targetProblems(port: number | string): string[] {
  if (typeof port === 'string') return isValidPortName(port);
  return port < 1 || port > 65_535 ? ['must be between 1 and 65535, inclusive'] : [];
}

/** `80`, `80:8080`, `443:https`. @throws CommandError */
function parsePort(text: string): ServicePort {
  const at = text.indexOf(':');
  const portText = at < 0 ? text : text.slice(0, at);
  // What follows a second colon counts for nothing.
  const target = at < 0 ? portText : text.slice(at + 1).split(':')[0]!;
  try {
    const port = parseUint(portText, 16);
    const targetPort = /^\d+$/.test(target) ? parseUint(target, 16) : target;
    const problems = targetProblems(targetPort);
    if (at >= 0 && problems.length > 0) throw new Error(problems.join(','));
    const name = at < 0 ? portText : `${portText}-${target}`.replaceAll(':', '-');
    return { name, protocol: 'TCP', port, targetPort };
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

interface ServiceType {
  command: string;
  type: string;
  short: string;
  article: string;
  flags: readonly FlagSpec[];
}

function serviceCommand({ command, type, short, article, flags }: ServiceType): Command {
  return generator({
    use: `${command} NAME ${command === 'externalname' ? '--external-name external.name' : command === 'clusterip' ? '[--tcp=<port>:<targetPort>]' : '[--tcp=port:targetPort]'} [--dry-run=server|client|none]`,
    short,
    long: `${short} with the specified name.`,
    examples: `# ${article} service named web\nkubectl create service ${command} web ${command === 'externalname' ? '--external-name example.com' : '--tcp=80:8080'}`,
    flags,
    mapping: mappings.services,
    ignoresSaveConfig: true,
    failure: `failed to create ${type} service: `,
    build: ({ flags: given }, name) => {
      const ports = given.strings('tcp').map(parsePort);
      const headless = given.has('clusterip') && given.string('clusterip') === 'None';
      if (ports.length === 0 && type !== 'ExternalName' && !headless)
        throw new CommandError('at least one tcp port specifier must be provided');
      const nodePort = given.has('node-port') ? given.int('node-port') : 0;
      const clusterIp = given.has('clusterip') ? given.string('clusterip') : '';
      const draft: Draft = {
        kind: 'Service',
        apiVersion: 'v1',
        metadata: { name, labels: { app: name } },
        spec: {
          ...(ports.length > 0 ? { ports: ports.map((p) => (nodePort > 0 ? { ...p, nodePort } : p)) } : {}),
          selector: { app: name },
          ...(clusterIp === '' ? {} : { clusterIP: clusterIp }),
          type,
          ...(given.has('external-name') ? { externalName: given.string('external-name') } : {}),
        },
        status: { loadBalancer: {} },
      };
      return draft;
    },
  });
}

/** `kubectl create service …`. */
export const createService: Command = {
  use: 'service [flags]',
  aliases: ['svc'],
  short: 'Create a service using a specified subcommand',
  long: 'Create a service using a specified subcommand.',
  commands: [
    serviceCommand({
      command: 'clusterip',
      type: 'ClusterIP',
      short: 'Create a ClusterIP service',
      article: 'A ClusterIP',
      flags: [
        tcpFlag,
        {
          name: 'clusterip',
          type: 'string',
          usage: "Address to use, or 'None' for a headless service; chosen by the server if not given.",
        },
      ],
    }),
    serviceCommand({
      command: 'externalname',
      type: 'ExternalName',
      short: 'Create an ExternalName service',
      article: 'An ExternalName',
      flags: [
        tcpFlag,
        { name: 'external-name', type: 'string', required: true, usage: 'DNS name that the service stands for.' },
      ],
    }),
    serviceCommand({
      command: 'loadbalancer',
      type: 'LoadBalancer',
      short: 'Create a LoadBalancer service',
      article: 'A LoadBalancer',
      flags: [tcpFlag],
    }),
    serviceCommand({
      command: 'nodeport',
      type: 'NodePort',
      short: 'Create a NodePort service',
      article: 'A NodePort',
      flags: [
        tcpFlag,
        { name: 'node-port', type: 'int', usage: 'Port to open on every node; chosen by the server if not given.' },
      ],
    }),
  ],
};
