import { FsError } from '../../../world/index.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';
import { renderResource, runKustomize, type Built } from '../kustomize/index.ts';

const rootOnly = 'LoadRestrictionsRootOnly';
const none = 'LoadRestrictionsNone';

/** `kubectl kustomize`: prints what a kustomization builds. */
export const kustomize: Command = {
  use: 'kustomize DIR [flags]',
  short: 'Build a kustomization target from a directory or URL',
  long: "Build a set of resources from a file 'kustomization.yaml'. DIR is the directory with that file; the current one if it is left out.",
  examples: `# Build the current directory
kubectl kustomize

# Build a directory
kubectl kustomize /home/config/production`,
  // Functions, plugins and charts are other programs that the real one starts.
  flags: [
    {
      name: 'as-current-user',
      notSimulated: true,
      type: 'bool',
      usage: 'Run functions in containers as the user of the command.',
    },
    { name: 'enable-alpha-plugins', notSimulated: true, type: 'bool', usage: 'Allow plugins.' },
    { name: 'enable-helm', notSimulated: true, type: 'bool', usage: 'Allow Helm charts to be expanded.' },
    {
      name: 'env',
      notSimulated: true,
      shorthand: 'e',
      type: 'stringArray',
      usage: 'Environment variables for functions.',
    },
    {
      name: 'helm-api-versions',
      notSimulated: true,
      type: 'stringArray',
      usage: 'API versions that Helm takes for available.',
    },
    { name: 'helm-command', notSimulated: true, type: 'string', default: 'helm', usage: 'Path of the Helm program.' },
    { name: 'helm-debug', notSimulated: true, type: 'bool', usage: 'Have Helm say what it does.' },
    {
      name: 'helm-kube-version',
      notSimulated: true,
      type: 'string',
      usage: 'Kubernetes version that Helm takes for given.',
    },
    {
      name: 'load-restrictor',
      type: 'string',
      default: rootOnly,
      usage: `With '${none}', a kustomization may load files from outside of its directory; it can't be moved by itself then.`,
    },
    { name: 'mount', notSimulated: true, type: 'stringArray', usage: 'Storage for functions.' },
    { name: 'network', notSimulated: true, type: 'bool', usage: 'Give functions that ask for it the network.' },
    {
      name: 'network-name',
      notSimulated: true,
      type: 'string',
      default: 'bridge',
      usage: 'Docker network of the functions.',
    },
    { name: 'output', shorthand: 'o', type: 'string', usage: 'File, or existing directory, to write to.' },
  ],
  run: async (context) => {
    const { args, flags, process } = context;
    if (args.length > 1) throw new CommandError('specify one path to kustomization.yaml');
    const restrictor = flags.string('load-restrictor');
    if (restrictor !== rootOnly && restrictor !== none)
      throw new CommandError(`illegal flag value --load-restrictor ${restrictor}; legal values: [${rootOnly} ${none}]`);
    const built = await runKustomize(process, args[0] ?? '.', { rootOnly: restrictor === rootOnly });
    if (flags.string('output') === '') return context.out(built.text);
    write(context, built);
  },
};

/** Into a file, or one file for each resource of a directory. */
function write({ flags, process }: Context, built: Built): void {
  const output = flags.string('output');
  const { fs } = process.machine;
  const path = process.path(output);
  try {
    if (fs.lookup(path)?.type !== 'directory') fs.writeFile(path, built.text);
    else
      for (const resource of built.resources) {
        const { group, version, kind } = resource.gvk;
        const name = [resource.namespace || 'default', group, version, kind, resource.name];
        fs.writeFile(
          `${path}/${name
            .filter((p) => p !== '')
            .join('_')
            .toLowerCase()}.yaml`,
          renderResource(resource),
        );
      }
  } catch (error) {
    if (error instanceof FsError) throw new CommandError(`open ${output}: ${error.message.toLowerCase()}`);
    throw error;
  }
}
