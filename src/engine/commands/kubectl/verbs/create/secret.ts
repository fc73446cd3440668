import { encodeBase64 } from '../../client/base64.ts';
import { pemBlock } from '../../client/certificate.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { FsError } from '../../../../world/index.ts';
import { goJson } from '../../printers/json.ts';
import { generator, type Draft } from './generator.ts';
import { contentHash } from './hash.ts';
import { dataEntries, dataFlags, type Entry } from './key-files.ts';
import { mappings } from './mappings.ts';

const shared = { mapping: mappings.secrets, failure: 'failed to create secret ' };

function secret(context: Context, name: string, entries: readonly Entry[], type: string): Draft {
  const data = Object.fromEntries(entries.map((e) => [e.key, encodeBase64(e.data)]));
  const draft: Draft = { kind: 'Secret', apiVersion: 'v1', metadata: { name } };
  if (entries.length > 0) draft.data = data;
  if (type !== '') draft.type = type;
  if (context.flags.bool('append-hash'))
    draft.metadata.name = `${name}-${contentHash({ kind: 'Secret', type, name, data: entries.length > 0 ? data : '' })}`;
  return draft;
}

const generic = generator({
  ...shared,
  use: 'generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a secret from a local file, directory, or literal value',
  long: `Create a secret from a file, a directory or given values.

A file's name becomes the key and its content the value, unless a key is given.`,
  examples: `# Two values
kubectl create secret generic login --from-literal=user=admin --from-literal=password=s3cret

# A file under a key of your choice
kubectl create secret generic ssh --from-file=ssh-privatekey=path/to/id_rsa`,
  flags: [...dataFlags('secret'), { name: 'type', type: 'string', usage: 'Type of the secret.' }],
  build: (context, name) =>
    secret(context, name, dataEntries(context, `Secret ${JSON.stringify(name)}`), context.flags.string('type')),
});

const tls = generator({
  ...shared,
  use: 'tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
  short: 'Create a TLS secret',
  long: 'Create a secret from a certificate and its private key, both in PEM form.',
  examples: '# From a pair of files\nkubectl create secret tls web --cert=path/to/tls.crt --key=path/to/tls.key',
  flags: [
    { name: 'append-hash', type: 'bool', usage: 'If true, a hash of the secret becomes part of its name.' },
    { name: 'cert', type: 'string', usage: 'File with the certificate in PEM form.' },
    { name: 'key', type: 'string', usage: "File with the certificate's private key." },
  ],
  build: (context, name) => {
    const [certificate, key] = [context.flags.string('cert'), context.flags.string('key')];
    if (certificate === '' || key === '') throw new CommandError('key and cert must be specified');
    const data = readFile(context, certificate);
    const keyData = readFile(context, key);
    const text = (d: Uint8Array) => new TextDecoder().decode(d);
    if (pemBlock(text(data)) === undefined)
      throw new CommandError(missingPem(text(data), 'certificate', 'CERTIFICATE'));
    if (!/-----BEGIN ([A-Z ]+ )?PRIVATE KEY-----/.test(text(keyData)))
      throw new CommandError(missingPem(text(keyData), 'key', 'PRIVATE KEY'));
    const entries = [
      { key: 'tls.crt', data },
      { key: 'tls.key', data: keyData },
    ];
    return secret(context, name, entries, 'kubernetes.io/tls');
  },
});

/** crypto/tls's words for PEM input without the wanted block. */
function missingPem(text: string, what: string, wanted: string): string {
  const types = [...text.matchAll(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g)]
    .filter((match) => /^[A-Za-z0-9+/=\s]*$/.test(match[0].split('\n').slice(1, -1).join('')) && validBase64(match[0]))
    .map((match) => match[1]!);
  if (types.length === 0) return `tls: failed to find any PEM data in ${what} input`;
  if (what === 'certificate' && types.some((t) => t.endsWith('PRIVATE KEY')))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  return what === 'certificate'
    ? `tls: failed to find "${wanted}" PEM block in ${what} input after skipping PEM blocks of the following types: [${types.join(' ')}]`
    : types.includes('CERTIFICATE')
      ? 'tls: found a certificate rather than a key in the PEM for the private key'
      : `tls: failed to find PEM block with type ending in "${wanted}" in ${what} input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function validBase64(block: string): boolean {
  const body = block.split('\n').slice(1, -1).join('').replace(/\s/g, '');
  return body.length > 0 && body.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(body);
}

function readFile(context: Context, path: string): Uint8Array {
  try {
    return context.process.machine.fs.readFile(context.process.path(path));
  } catch (error) {
    if (error instanceof FsError)
      throw new CommandError(`Cannot read file ${path}, open ${path}: ${error.message.toLowerCase()}`);
    throw error;
  }
}

const dockerRegistry = generator({
  ...shared,
  use: 'docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]',
  short: 'Create a secret for use with a Docker registry',
  long: 'Create a secret with the credentials for an image registry, as Pods name it in imagePullSecrets.',
  examples: `# Credentials for a registry
kubectl create secret docker-registry reg --docker-server=registry.example.com --docker-username=me --docker-password=s3cret`,
  flags: [
    { name: 'append-hash', type: 'bool', usage: 'If true, a hash of the secret becomes part of its name.' },
    { name: 'docker-email', type: 'string', usage: 'Email address at the registry.' },
    { name: 'docker-password', type: 'string', usage: 'Password for the registry.' },
    {
      name: 'docker-server',
      type: 'string',
      default: 'https://index.docker.io/v1/',
      usage: 'Address of the registry.',
    },
    { name: 'docker-username', type: 'string', usage: 'User name at the registry.' },
    {
      name: 'from-file',
      type: 'stringSlice',
      usage: 'File with a Docker configuration to use instead, e.g. ~/.docker/config.json.',
    },
  ],
  build: (context, name) => {
    const { flags } = context;
    const [username, password, server] = ['username', 'password', 'server'].map((f) => flags.string(`docker-${f}`));
    const type = 'kubernetes.io/dockerconfigjson';
    if (flags.strings('from-file').length > 0) {
      const data = readFile(context, flags.strings('from-file')[0]!.replace(/^[^=]*=/, ''));
      return secret(context, name, [{ key: '.dockerconfigjson', data }], type);
    }
    if (!username || !password || !server)
      throw new CommandError(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      );
    const email = flags.string('docker-email');
    const entry = {
      username,
      password,
      ...(email === '' ? {} : { email }),
      auth: encodeBase64(`${username}:${password}`),
    };
    const json = escapeLikeGo(JSON.stringify({ auths: { [server]: entry } }));
    return secret(context, name, [{ key: '.dockerconfigjson', data: new TextEncoder().encode(json) }], type);
  },
});

function escapeLikeGo(json: string): string {
  return json.replace(/[<>&]/g, (c) => goJson(c).slice(1, -1));
}

/** `kubectl create secret …`. */
export const createSecret: Command = {
  use: 'secret (docker-registry | generic | tls)',
  short: 'Create a secret using a specified subcommand',
  long: 'Create a secret with specified type.\n\nA docker-registry type secret is for accessing a container registry.\n\nA generic type secret indicate an Opaque secret type.\n\nA tls type secret holds TLS certificate and its associated key.',
  commands: [dockerRegistry, generic, tls],
};
