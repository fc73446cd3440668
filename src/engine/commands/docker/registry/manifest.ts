import { InvalidReference, parseReference } from '../../../world/index.ts';
import type { Command } from '../framework/command.ts';
import { CliError, DaemonError, notSimulated } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { goJson } from '../framework/format.ts';

interface Distribution {
  Descriptor: { mediaType: string; digest: string; size: number };
  Platforms: { architecture: string; os: string }[];
}

const inspect: Command = {
  use: 'inspect [OPTIONS] [MANIFEST_LIST] MANIFEST',
  short: 'Display an image manifest, or manifest list',
  args: [1, 2],
  flags: [flag('insecure', 'bool', 'Allow plain HTTP'), flag('verbose,v', 'bool', 'Show layers and platform, too')],
  run: async ({ args, client, config, flags, out }) => {
    flags.bool('insecure');
    flags.bool('verbose');
    const name = args.at(-1)!;
    let found: Distribution;
    try {
      const reference = parseReference(name);
      found = await client.json('GET', `/distribution/${name.split('/').map(encodeURIComponent).join('/')}/json`, {
        headers: config.authHeader(reference.registry),
      });
    } catch (error) {
      if (error instanceof InvalidReference) throw new CliError(error.message);
      if (error instanceof DaemonError && error.status === 404)
        throw new CliError(`no such manifest: ${parseReference(name).canonical}`);
      throw error;
    }
    const list = {
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
      manifests: found.Platforms.map((platform) => ({ ...found.Descriptor, platform })),
    };
    await out(`${goJson(list, '\t')}\n`);
  },
};

export const manifest: Command = {
  use: 'manifest',
  short: 'Manage Docker image manifests and manifest lists',
  group: 'management',
  commands: [
    inspect,
    ...['annotate', 'create', 'push', 'rm'].map((word): Command => ({
      use: `${word} MANIFEST_LIST`,
      short: `${word} a manifest list`,
      args: [1, Infinity],
      notSimulated: 'all of it',
      run: () => Promise.reject(notSimulated(`docker manifest ${word}`)),
    })),
  ],
};

export const trust: Command = {
  use: 'trust',
  short: 'Manage trust on Docker images',
  group: 'management',
  commands: [
    {
      use: 'inspect IMAGE[:TAG] [IMAGE[:TAG]...]',
      short: 'Return low-level information about keys and signatures',
      args: [1, Infinity],
      run: async ({ args, out }) => {
        await out('[]\n');
        throw new CliError(args.map((name) => `no signatures or cannot access ${name}`).join('\n'));
      },
    },
    ...['key', 'revoke', 'sign', 'signer'].map((word): Command => ({
      use: `${word} IMAGE:TAG`,
      short: `${word} (trust)`,
      args: [0, Infinity],
      notSimulated: 'all of it',
      run: () => Promise.reject(notSimulated(`docker trust ${word}`)),
    })),
  ],
};

export const plugin: Command = {
  use: 'plugin',
  short: 'Manage plugins',
  group: 'management',
  commands: [
    {
      use: 'ls [OPTIONS]',
      aliases: ['list'],
      short: 'List plugins',
      args: [0, 0],
      run: async ({ client, out }) => {
        await client.json('GET', '/plugins');
        await out('ID        NAME      DESCRIPTION   ENABLED\n');
      },
    },
    ...['create', 'disable', 'enable', 'inspect', 'install', 'push', 'rm', 'set', 'upgrade'].map((word): Command => ({
      use: `${word} PLUGIN`,
      short: `${word} (plugin)`,
      args: [1, Infinity],
      notSimulated: 'all of it',
      run: () => Promise.reject(notSimulated(`docker plugin ${word}`)),
    })),
  ],
};
