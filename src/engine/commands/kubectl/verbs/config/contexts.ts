import { compareStrings } from '../../../../gotemplate/index.ts';
import { type KubeconfigContext } from '../../client/kubeconfig.ts';
import { defaultKubeconfigPath, modifyKubeconfig, readable } from '../../client/kubeconfig-write.ts';
import { unexpectedArguments } from './arguments.ts';
import { completeEntry } from '../../framework/flag-completion.ts';
import type { Command } from '../../framework/command.ts';
import { aggregate, CommandError } from '../../framework/errors.ts';
import { alignColumns } from '../../printers/tabwriter.ts';

export const table = { minWidth: 6, padding: 3 };

export const currentContext: Command = {
  use: 'current-context [flags]',
  short: 'Display the current-context',
  examples: `# The context in use
kubectl config current-context`,
  async run({ process, flags, out }) {
    const config = readable(process, flags);
    if (config.currentContext === '') throw new CommandError('current-context is not set');
    await out(`${config.currentContext}\n`);
  },
};

export const getContexts: Command = {
  use: 'get-contexts [(-o|--output=)name)]',
  short: 'Describe one or many contexts',
  long: 'Shows the contexts of the kubeconfig, or those that are named.',
  examples: `# All contexts
kubectl config get-contexts

# One context
kubectl config get-contexts my-context`,
  flags: [
    { name: 'no-headers', type: 'bool', usage: "Don't print the line with the column headings." },
    { name: 'output', shorthand: 'o', type: 'string', usage: 'Output format. One of: (name).' },
  ],
  async run({ process, flags, args, out }) {
    const output = flags.string('output');
    if (output !== '' && output !== 'name') throw new CommandError(`output must be one of '' or 'name': ${output}`);
    const config = readable(process, flags);
    const names = args.length > 0 ? args.filter((name) => config.contexts.has(name)) : [...config.contexts.keys()];
    const missing = args
      .filter((name) => !config.contexts.has(name))
      .map((name) => new CommandError(`context ${name} not found`));
    const sorted = [...names].sort(compareStrings);
    if (output === 'name') await out(sorted.map((name) => `${name}\n`).join(''));
    else {
      const rows = sorted.map((name) => {
        const { cluster = '', user = '', namespace = '' } = config.contexts.get(name)!;
        return [name === config.currentContext ? '*' : ' ', name, cluster, user, namespace];
      });
      const header = flags.bool('no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']];
      await out(alignColumns([...header, ...rows].map((cells) => `${cells.join('\t')}\n`).join(''), table));
    }
    const error = aggregate(missing);
    if (error) throw error;
  },
};

export const useContext: Command = {
  use: 'use-context CONTEXT_NAME',
  aliases: ['use'],
  short: 'Set the current-context in a kubeconfig file',
  examples: `# Use the context of the minikube cluster
kubectl config use-context minikube`,
  complete: completeEntry('contexts'),
  async run(context) {
    const { process, flags, args, out } = context;
    const [name = ''] = args;
    if (args.length !== 1) throw await unexpectedArguments(context);
    if (name === '') throw new CommandError('empty context names are not allowed');
    if (!readable(process, flags).contexts.has(name))
      throw new CommandError(`no context exists with the name: ${JSON.stringify(name)}`);
    modifyKubeconfig(process, flags, 'current-context', (config) => void (config.currentContext = name));
    await out(`Switched to context ${JSON.stringify(name)}.\n`);
  },
};

export const setContext: Command = {
  use: 'set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  short: 'Set a context entry in kubeconfig',
  long: 'Makes a context, or changes the given fields of one that is there.',
  examples: `# Set the user of the context gce and nothing else of it
kubectl config set-context gce --user=cluster-admin`,
  flags: [
    { name: 'current', type: 'bool', usage: 'Modify the current context' },
    { name: 'cluster', type: 'string', usage: 'cluster for the context entry in kubeconfig' },
    { name: 'user', type: 'string', usage: 'user for the context entry in kubeconfig' },
    { name: 'namespace', shorthand: 'n', type: 'string', usage: 'namespace for the context entry in kubeconfig' },
  ],
  complete: completeEntry('contexts'),
  async run(context) {
    const { process, flags, args, out } = context;
    const isCurrent = flags.bool('current');
    if (args.length > 1) throw await unexpectedArguments(context);
    if (args.length === 1 && isCurrent) throw new CommandError('you cannot specify both a context name and --current');
    if (args.length === 0 && !isCurrent)
      throw new CommandError('you must specify a non-empty context name or --current');
    const config = readable(process, flags);
    const name = isCurrent ? config.currentContext : args[0]!;
    if (name === '')
      throw new CommandError(
        isCurrent ? 'no current context is set' : 'you must specify a non-empty context name or --current',
      );
    const isNew = !config.contexts.has(name);
    modifyKubeconfig(process, flags, `contexts/${name}`, (file) => {
      const entry: KubeconfigContext = { ...file.contexts.get(name) };
      for (const field of ['cluster', 'user', 'namespace'] as const)
        if (flags.changed(field)) {
          if (flags.string(field) === '' && field === 'namespace') delete entry[field];
          else entry[field] = flags.string(field);
        }
      file.contexts.set(name, { cluster: '', user: '', ...entry });
    });
    await out(`Context ${JSON.stringify(name)} ${isNew ? 'created' : 'modified'}.\n`);
  },
};

export const renameContext: Command = {
  use: 'rename-context CONTEXT_NAME NEW_NAME',
  short: 'Rename a context from the kubeconfig file',
  long: 'Gives a context another name. If it is the current one, it stays that.',
  examples: `# Rename the context 'old-name' to 'new-name'
kubectl config rename-context old-name new-name`,
  complete: completeEntry('contexts'),
  async run(context) {
    const { process, flags, args, out } = context;
    const [from = '', to = ''] = args;
    if (args.length !== 2) throw await unexpectedArguments(context);
    if (to === '') throw new CommandError('You must specify a new non-empty context name');
    const config = readable(process, flags);
    const path = config.origin.get(`contexts/${from}`) ?? defaultKubeconfigPath(process, flags);
    if (!config.contexts.has(from))
      throw new CommandError(`cannot rename the context ${JSON.stringify(from)}, it's not in ${path}`);
    if (config.contexts.has(to))
      throw new CommandError(
        `cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${path}`,
      );
    modifyKubeconfig(process, flags, `contexts/${from}`, (file) => {
      file.contexts.set(to, file.contexts.get(from)!);
      file.contexts.delete(from);
    });
    if (config.currentContext === from)
      modifyKubeconfig(process, flags, 'current-context', (file) => void (file.currentContext = to));
    await out(`Context ${JSON.stringify(from)} renamed to ${JSON.stringify(to)}.\n`);
  },
};

export const deleteContext: Command = {
  use: 'delete-context NAME',
  short: 'Delete the specified context from the kubeconfig',
  examples: `# Delete the context of the minikube cluster
kubectl config delete-context minikube`,
  complete: completeEntry('contexts'),
  async run({ process, flags, args, out, err }) {
    const [name = ''] = args;
    if (args.length !== 1) throw new CommandError('Unexpected args: ' + `[${args.join(' ')}]`);
    const path = defaultKubeconfigPath(process, flags);
    const config = readable(process, flags);
    if (!config.contexts.has(name)) throw new CommandError(`cannot delete context ${name}, not in ${path}`);
    if (config.currentContext === name)
      await err(
        'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
      );
    modifyKubeconfig(process, flags, `contexts/${name}`, (file) => void file.contexts.delete(name));
    await out(`deleted context ${name} from ${path}\n`);
  },
};
