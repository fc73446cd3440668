import { versions } from '../../../world/index.ts';
import { toYaml } from '../../../yaml/index.ts';
import type { Command } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';

interface VersionInfo {
  major: string;
  minor: string;
  gitVersion: string;
  [field: string]: string;
}

const [, clientMajor = '', clientMinor = ''] = /^v(\d+)\.(\d+)/.exec(versions.kubectl)!;

/** version.Info of this kubectl. */
const clientVersion: VersionInfo = {
  major: clientMajor,
  minor: clientMinor,
  gitVersion: versions.kubectl,
  gitCommit: 'fdc9d74cbf2da6754ebf81d56f80ae2948cd6425',
  gitTreeState: 'clean',
  buildDate: '2026-02-26T20:05:34Z',
  goVersion: 'go1.25.7',
  compiler: 'gc',
  platform: 'linux/amd64',
};

export const version: Command = {
  use: 'version [flags]',
  short: 'Print the client and server version information',
  long: 'Shows the versions of this client and of the server of the current context.',
  examples: `# The versions of client and server
kubectl version`,
  flags: [
    { name: 'client', type: 'bool', usage: "Show only the client's version; no server is needed." },
    { name: 'output', shorthand: 'o', type: 'string', usage: "One of 'yaml' or 'json'." },
  ],
  async run({ args, flags, factory, out, err }) {
    const output = flags.string('output');
    if (args.length > 0) throw new CommandError(`extra arguments: [${args.join(' ')}]`);
    if (output !== '' && output !== 'yaml' && output !== 'json')
      throw new CommandError(`--output must be 'yaml' or 'json'`);
    let server: VersionInfo | undefined;
    let failure: unknown;
    if (!flags.bool('client')) {
      const client = factory.client();
      try {
        server = await client.json<VersionInfo>({ method: 'GET', path: '/version' });
      } catch (error) {
        if (!isCommandFailure(error)) throw error;
        failure = error;
      }
    }
    const info = {
      clientVersion,
      kustomizeVersion: versions.kustomize,
      ...(server ? { serverVersion: server } : {}),
    };
    if (output === 'json') await out(`${JSON.stringify(info, undefined, 2)}\n`);
    else if (output === 'yaml') await out(toYaml(info));
    else {
      await out(`Client Version: ${clientVersion.gitVersion}\nKustomize Version: ${versions.kustomize}\n`);
      if (server) await out(`Server Version: ${server.gitVersion}\n`);
    }
    if (failure !== undefined) throw failure;
    if (server) await err(skewWarning(server));
  },
};

/** Client and server may be one minor version apart. */
function skewWarning({ major, minor }: VersionInfo): string {
  const serverMinor = Number.parseInt(minor, 10);
  if (major === clientMajor && Math.abs(serverMinor - Number(clientMinor)) <= 1) return '';
  return `WARNING: version difference between client (${clientMajor}.${clientMinor}) and server (${major}.${serverMinor}) exceeds the supported minor version skew of +/-1\n`;
}
