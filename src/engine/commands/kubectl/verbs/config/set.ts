import { encodeBase64 } from '../../client/base64.ts';
import type { Kubeconfig } from '../../client/kubeconfig.ts';
import { type KubeconfigSection, modifyKubeconfig, readable } from '../../client/kubeconfig-write.ts';
import { unexpectedArguments } from './arguments.ts';
import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { parseBool } from '../../framework/values.ts';

const fields: Readonly<Record<KubeconfigSection, Readonly<Record<string, 'text' | 'bool' | 'bytes'>>>> = {
  clusters: {
    server: 'text',
    'tls-server-name': 'text',
    'insecure-skip-tls-verify': 'bool',
    'certificate-authority': 'text',
    'certificate-authority-data': 'bytes',
    'proxy-url': 'text',
    'disable-compression': 'bool',
  },
  contexts: { cluster: 'text', user: 'text', namespace: 'text' },
  users: {
    'client-certificate': 'text',
    'client-certificate-data': 'bytes',
    'client-key': 'text',
    'client-key-data': 'bytes',
    token: 'text',
    tokenFile: 'text',
    as: 'text',
    'as-uid': 'text',
    username: 'text',
    password: 'text',
  },
};

type Property =
  | { kind: 'current-context' }
  | { kind: 'section'; section: KubeconfigSection }
  | { kind: 'entry'; section: KubeconfigSection; name: string }
  | { kind: 'field'; section: KubeconfigSection; name: string; field: string; type: 'text' | 'bool' | 'bytes' };

/** A dotted property; names of entries may have dots themselves. @throws CommandError */
function parseProperty(text: string): Property {
  if (text === 'current-context') return { kind: 'current-context' };
  const [section = '', ...rest] = text.split('.');
  if (!Object.hasOwn(fields, section)) throw new CommandError(`unable to parse ${text} after [] at api.Config`);
  const known = section as KubeconfigSection;
  if (rest.length === 0) return { kind: 'section', section: known };
  const field = rest.at(-1)!;
  const type = Object.hasOwn(fields[known], field) ? fields[known][field] : undefined;
  if (rest.length > 1 && type) return { kind: 'field', section: known, name: rest.slice(0, -1).join('.'), field, type };
  return { kind: 'entry', section: known, name: rest.join('.') };
}

function entryOf(property: Property): `${KubeconfigSection}/${string}` | 'current-context' {
  if (property.kind === 'current-context') return 'current-context';
  return `${property.section}/${'name' in property ? property.name : ''}`;
}

function entries(config: Kubeconfig, section: KubeconfigSection): Map<string, Record<string, unknown>> {
  return config[section] as Map<string, Record<string, unknown>>;
}

export const set: Command = {
  use: 'set PROPERTY_NAME PROPERTY_VALUE',
  short: 'Set an individual value in a kubeconfig file',
  long: `Sets one value of the kubeconfig. PROPERTY_NAME is a path with dots, such as contexts.my-context.namespace; binary values are given in base64 unless --set-raw-bytes is set.`,
  examples: `# Set the server of the cluster my-cluster to https://1.2.3.4
kubectl config set clusters.my-cluster.server https://1.2.3.4

# Set the cluster of the context my-context to my-cluster
kubectl config set contexts.my-context.cluster my-cluster`,
  flags: [{ name: 'set-raw-bytes', type: 'bool', usage: 'Take the value of a binary field as it is, not as base64.' }],
  async run(context) {
    const { process, flags, args, out } = context;
    const [name = '', value = ''] = args;
    if (args.length !== 2) throw await unexpectedArguments(context);
    if (value === '') throw new CommandError('you cannot use set to unset a property');
    if (name === '') throw new CommandError('you must specify a property');
    const property = parseProperty(name);
    if (property.kind === 'section' || property.kind === 'entry')
      throw new CommandError(
        `unrecognized type: map[string]*api.${property.section === 'clusters' ? 'Cluster' : property.section === 'users' ? 'AuthInfo' : 'Context'}`,
      );
    modifyKubeconfig(process, flags, entryOf(property), (config) => {
      if (property.kind === 'current-context') config.currentContext = value;
      else {
        const map = entries(config, property.section);
        map.set(property.name, {
          ...map.get(property.name),
          [property.field]: parsed(property.type, value, flags.bool('set-raw-bytes')),
        });
      }
    });
    await out(`Property ${JSON.stringify(name)} set.\n`);
  },
};

function parsed(type: 'text' | 'bool' | 'bytes', value: string, isRaw: boolean): string | boolean {
  if (type === 'text') return value;
  if (type === 'bytes') {
    if (isRaw) return encodeBase64(value);
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.length % 4 !== 0)
      throw new CommandError(
        `error decoding base64 value: illegal base64 data at input byte ${/[^A-Za-z0-9+/]/.exec(value)?.index ?? value.length}`,
      );
    return value;
  }
  try {
    return parseBool(value);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

export const unset: Command = {
  use: 'unset PROPERTY_NAME',
  short: 'Unset an individual value in a kubeconfig file',
  long: 'Takes one value out of the kubeconfig. PROPERTY_NAME is a path with dots.',
  examples: `# Unset the current-context
kubectl config unset current-context

# Unset the namespace of the context foo
kubectl config unset contexts.foo.namespace`,
  async run(context) {
    const { process, flags, args, out } = context;
    const [name = ''] = args;
    if (args.length !== 1) throw await unexpectedArguments(context);
    const property = parseProperty(name);
    const config = readable(process, flags);
    if ('name' in property && !entries(config, property.section).has(property.name))
      throw new CommandError(`current map key \`${property.name}\` is invalid`);
    modifyKubeconfig(process, flags, entryOf(property), (file) => {
      if (property.kind === 'current-context') file.currentContext = '';
      else if (property.kind === 'section') entries(file, property.section).clear();
      else if (property.kind === 'entry') entries(file, property.section).delete(property.name);
      else {
        const { [property.field]: _, ...rest } = entries(file, property.section).get(property.name) ?? {};
        entries(file, property.section).set(property.name, rest);
      }
    });
    await out(`Property ${JSON.stringify(name)} unset.\n`);
  },
};
