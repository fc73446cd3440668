import { compareStrings } from '../../../../gotemplate/index.ts';
import { encodeBase64 } from '../../client/base64.ts';
import { type KubeconfigCluster, type KubeconfigUser } from '../../client/kubeconfig.ts';
import { defaultKubeconfigPath, modifyKubeconfig, readable } from '../../client/kubeconfig-write.ts';
import { unexpectedArguments, wrongUse } from './arguments.ts';
import { pluginChanges, pluginFlags } from './plugins.ts';
import { completeEntry } from '../../framework/flag-completion.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';

/** Commands for clusters and users, which have the same form. */

type Section = 'clusters' | 'users';
const singular = { clusters: 'cluster', users: 'user' } as const;

function list(section: Section): Command {
  return {
    use: `get-${section} [flags]`,
    short: `Display ${section} defined in the kubeconfig`,
    examples: `# The ${section} that kubectl knows about
kubectl config get-${section}`,
    async run({ process, flags, out }) {
      const names = [...readable(process, flags)[section].keys()].sort(compareStrings);
      await out(['NAME', ...names].map((name) => `${name}\n`).join(''));
    },
  };
}

function remove(section: Section): Command {
  const kind = singular[section];
  return {
    use: `delete-${kind} NAME`,
    short: `Delete the specified ${kind} from the kubeconfig`,
    examples: `# Delete the minikube ${kind}
kubectl config delete-${kind} minikube`,
    complete: completeEntry(section),
    async run({ process, flags, args, out }) {
      const [name = ''] = args;
      if (args.length !== 1) throw new CommandError(`Unexpected args: [${args.join(' ')}]`);
      const path = defaultKubeconfigPath(process, flags);
      if (!readable(process, flags)[section].has(name))
        throw new CommandError(`cannot delete ${kind} ${name}, not in ${path}`);
      modifyKubeconfig(process, flags, `${section}/${name}`, (file) => void file[section].delete(name));
      await out(`deleted ${kind} ${name} from ${path}\n`);
    },
  };
}

export const getClusters = list('clusters');
export const getUsers = list('users');
export const deleteCluster = remove('clusters');
export const deleteUser = remove('users');

/** Takes a file name, or with --embed-certs the file's content. */
function setFile(context: Context, entry: Record<string, unknown>, field: string): void {
  const { process, flags } = context;
  if (!flags.changed(field)) return;
  const path = flags.string(field);
  delete entry[`${field}-data`];
  delete entry[field];
  if (path === '') return;
  if (!flags.bool('embed-certs')) {
    entry[field] = process.path(path);
    return;
  }
  const node = process.machine.fs.lookup(process.path(path));
  if (node?.type !== 'file')
    throw new CommandError(`could not stat ${field} file ${path}: stat ${path}: no such file or directory`);
  entry[`${field}-data`] = encodeBase64(node.data);
}

function setText(context: Context, entry: Record<string, unknown>, field: string, flag = field): void {
  const { flags } = context;
  if (!flags.changed(flag)) return;
  if (flags.string(flag) === '') delete entry[field];
  else entry[field] = flags.string(flag);
}

export const setCluster: Command = {
  use: 'set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  short: 'Set a cluster entry in kubeconfig',
  long: 'Makes a cluster entry, or changes the given fields of one that is there.',
  examples: `# Set the server of the cluster e2e and nothing else of it
kubectl config set-cluster e2e --server=https://1.2.3.4

# Embed the certificate authority of the cluster e2e
kubectl config set-cluster e2e --embed-certs --certificate-authority=~/.kube/e2e/kubernetes.ca.crt

# Don't check the certificate of the cluster e2e
kubectl config set-cluster e2e --insecure-skip-tls-verify=true`,
  flags: [
    {
      name: 'certificate-authority',
      type: 'string',
      usage: 'Path to certificate-authority file for the cluster entry in kubeconfig',
    },
    { name: 'embed-certs', type: 'bool', usage: 'embed-certs for the cluster entry in kubeconfig' },
    {
      name: 'insecure-skip-tls-verify',
      type: 'bool',
      usage: 'insecure-skip-tls-verify for the cluster entry in kubeconfig',
    },
    { name: 'proxy-url', type: 'string', usage: 'proxy-url for the cluster entry in kubeconfig' },
    { name: 'server', type: 'string', usage: 'server for the cluster entry in kubeconfig' },
    { name: 'tls-server-name', type: 'string', usage: 'tls-server-name for the cluster entry in kubeconfig' },
  ],
  async run(context) {
    const { process, flags, args, out } = context;
    const [name = ''] = args;
    if (args.length !== 1) throw await unexpectedArguments(context);
    if (name === '') throw new CommandError('you must specify a non-empty cluster name');
    if (flags.bool('insecure-skip-tls-verify') && flags.string('certificate-authority') !== '')
      throw new CommandError('you cannot specify a certificate authority and insecure mode at the same time');
    if (flags.bool('embed-certs') && flags.string('certificate-authority') === '')
      throw new CommandError('you must specify a --certificate-authority to embed');
    modifyKubeconfig(process, flags, `clusters/${name}`, (file) => {
      const entry: KubeconfigCluster = { server: '', ...file.clusters.get(name) };
      if (flags.changed('server')) entry.server = flags.string('server');
      setText(context, entry, 'tls-server-name');
      // A name to check the certificate for means that it is checked.
      if (flags.string('tls-server-name') !== '') delete entry['insecure-skip-tls-verify'];
      setText(context, entry, 'proxy-url');
      if (flags.changed('insecure-skip-tls-verify')) {
        delete entry['insecure-skip-tls-verify'];
        if (flags.bool('insecure-skip-tls-verify')) {
          entry['insecure-skip-tls-verify'] = true;
          delete entry['certificate-authority'];
          delete entry['certificate-authority-data'];
        }
      }
      if (flags.changed('certificate-authority')) {
        if (flags.string('certificate-authority') !== '') delete entry['insecure-skip-tls-verify'];
        setFile(context, entry, 'certificate-authority');
      }
      file.clusters.set(name, entry);
    });
    await out(`Cluster ${JSON.stringify(name)} set.\n`);
  },
};

export const setCredentials: Command = {
  use: 'set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]',
  short: 'Set a user entry in kubeconfig',
  long: `Makes a user entry, or changes the given fields of one that is there.

A user authenticates by a client certificate, a bearer token, or a user name with a password; a token and a password exclude each other.`,
  examples: `# Set the client key of the user cluster-admin and nothing else of it
kubectl config set-credentials cluster-admin --client-key=~/.kube/admin.key

# Set basic authentication for the user cluster-admin
kubectl config set-credentials cluster-admin --username=admin --password=uXFGweU9l35qcif

# Embed the client certificate of the user cluster-admin
kubectl config set-credentials cluster-admin --client-certificate=~/.kube/admin.crt --embed-certs=true`,
  flags: [
    ...pluginFlags,
    {
      name: 'client-certificate',
      type: 'string',
      usage: 'Path to client-certificate file for the user entry in kubeconfig',
    },
    { name: 'client-key', type: 'string', usage: 'Path to client-key file for the user entry in kubeconfig' },
    { name: 'embed-certs', type: 'bool', usage: 'Embed client cert/key for the user entry in kubeconfig' },
    { name: 'password', type: 'string', usage: 'password for the user entry in kubeconfig' },
    { name: 'token', type: 'string', usage: 'token for the user entry in kubeconfig' },
    { name: 'username', type: 'string', usage: 'username for the user entry in kubeconfig' },
  ],
  async run(context) {
    const { process, flags, args, out } = context;
    const [name = ''] = args;
    if (args.length !== 1) throw await wrongUse(context, `unexpected args: [${args.join(' ')}]`);
    if (name === '') throw new CommandError('you must specify a non-empty user name');
    if (flags.string('token') !== '' && (flags.string('username') !== '' || flags.string('password') !== ''))
      throw new CommandError(
        'you cannot specify more than one authentication method at the same time: --token, --username/--password',
      );
    if (flags.bool('embed-certs') && flags.string('client-certificate') === '' && flags.string('client-key') === '')
      throw new CommandError('you must specify a --client-certificate or --client-key to embed');
    const setPlugins = await pluginChanges(context);
    modifyKubeconfig(process, flags, `users/${name}`, (file) => {
      const entry: KubeconfigUser = { ...file.users.get(name) };
      setPlugins(entry);
      setFile(context, entry, 'client-certificate');
      setFile(context, entry, 'client-key');
      for (const field of ['token', 'username', 'password']) setText(context, entry, field);
      if (flags.string('token') !== '') {
        delete entry.username;
        delete entry.password;
      }
      if (flags.string('username') !== '' || flags.string('password') !== '') delete entry.token;
      file.users.set(name, entry);
    });
    await out(`User ${JSON.stringify(name)} set.\n`);
  },
};
