import { encodeBase64 } from '../../client/base64.ts';
import { type Kubeconfig } from '../../client/kubeconfig.ts';
import { kubeconfigData, readable } from '../../client/kubeconfig-write.ts';
import type { ApiObject } from '../../client/types.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError, usageError } from '../../framework/errors.ts';
import { printFlags, printerFor } from '../../printers/options.ts';
import { printWith } from '../../printers/write.ts';

const omitted = 'DATA+OMITTED';
const redacted = 'REDACTED';
const secrets: Readonly<Record<string, string>> = {
  'certificate-authority-data': omitted,
  'client-certificate-data': omitted,
  'client-key-data': omitted,
  token: redacted,
  password: redacted,
};

export const view: Command = {
  use: 'view [flags]',
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  long: 'Shows what the kubeconfig files together say, without certificates and secrets.',
  examples: `# The merged kubeconfig
kubectl config view

# With certificates and secrets
kubectl config view --raw

# The password of the user e2e
kubectl config view -o jsonpath='{.users[?(@.name == "e2e")].user.password}'`,
  flags: [
    ...printFlags.map((flag) => (flag.name === 'output' ? { ...flag, default: 'yaml' } : flag)),
    {
      name: 'flatten',
      type: 'bool',
      usage: 'Put the content of the files that the kubeconfig names into it, so that it can be used elsewhere.',
    },
    { name: 'merge', type: 'string', default: 'true', noValue: 'true', usage: 'Merge all kubeconfig files.' },
    { name: 'minify', type: 'bool', usage: 'Leave out what the current context does not use.' },
    { name: 'raw', type: 'bool', usage: 'Show certificates and secrets too.' },
  ],
  async run(context) {
    const { process, flags, args } = context;
    if (args.length > 0) throw usageError(context, `unexpected arguments: [${args.join(' ')}]`);
    if (flags.string('merge') === 'false' && flags.string('kubeconfig') === '')
      throw new CommandError('if merge==false a precise file must be specified');
    let config = readable(process, flags, { resolvePaths: false });
    if (flags.bool('minify')) config = minified(config, context);
    if (flags.bool('flatten')) flatten(config, context);
    if (!flags.bool('raw') && !flags.bool('flatten')) hideSecrets(config);
    const data = kubeconfigData(config) as unknown as ApiObject;
    await printWith(context, printerFor(process, flags, { typed: true })!, [data]);
  },
};

function minified(config: Kubeconfig, { flags }: Context): Kubeconfig {
  const current = flags.string('context') || config.currentContext;
  if (current === '') throw new CommandError('current-context must exist in order to minify');
  const context = config.contexts.get(current);
  if (!context) throw new CommandError(`cannot locate context ${current}`);
  const only = <T>(map: Map<string, T>, name: string | undefined) => new Map([...map].filter(([key]) => key === name));
  return {
    ...config,
    currentContext: current,
    contexts: only(config.contexts, current),
    clusters: only(config.clusters, context.cluster),
    users: only(config.users, context.user),
  };
}

function hideSecrets(config: Kubeconfig): void {
  for (const entries of [config.clusters, config.users] as Map<string, Record<string, unknown>>[])
    for (const [name, entry] of entries) {
      const hidden = Object.entries(entry).map(([key, value]) => [key, value && secrets[key] ? secrets[key] : value]);
      entries.set(name, Object.fromEntries(hidden) as Record<string, unknown>);
    }
}

/** Replaces file names by the files' content. */
function flatten(config: Kubeconfig, { process }: Context): void {
  for (const entries of [config.clusters, config.users] as Map<string, Record<string, unknown>>[])
    for (const entry of entries.values())
      for (const field of ['certificate-authority', 'client-certificate', 'client-key']) {
        const path = entry[field];
        if (typeof path !== 'string' || path === '') continue;
        const node = process.machine.fs.lookup(process.path(path));
        if (node?.type !== 'file') throw new CommandError(`open ${path}: no such file or directory`);
        entry[`${field}-data`] = encodeBase64(node.data);
        delete entry[field];
      }
}
