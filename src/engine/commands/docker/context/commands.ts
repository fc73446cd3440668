import { defaultHost } from '../client/client.ts';
import { contextDirectory, listContexts, readContext, type ContextMeta } from '../client/contexts.ts';
import { forEach } from '../container/each.ts';
import { pairsOf } from '../container/create-options.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { formatList, goJson } from '../framework/format.ts';
import { inspectObjects } from '../system/inspect-objects.ts';
import { readCsv } from '../../kubectl/framework/flags.ts';

interface Row {
  name: string;
  description: string;
  endpoint: string;
  current: boolean;
}

function currentName({ config, globals, process }: Context): string {
  if (globals.string('context') !== '') return globals.string('context');
  if (process.env.get('DOCKER_HOST')) return 'default';
  return process.env.get('DOCKER_CONTEXT') || config.currentContext || 'default';
}

function defaultEndpoint({ process }: Context): string {
  return process.env.get('DOCKER_HOST') || defaultHost;
}

const ls: Command = {
  use: 'ls [OPTIONS]',
  aliases: ['list'],
  short: 'List contexts',
  args: [0, 0],
  flags: [flag('format', 'string', 'table, json or a template'), flag('quiet,q', 'bool', 'Only names')],
  run: async (context) => {
    const { config, flags, out, process } = context;
    const current = currentName(context);
    const rows: Row[] = [
      {
        name: 'default',
        description: 'Current DOCKER_HOST based configuration',
        endpoint: defaultEndpoint(context),
        current: current === 'default',
      },
      ...listContexts(process, config).map((meta) => ({
        name: meta.Name,
        description: meta.Metadata.Description ?? '',
        endpoint: meta.Endpoints.docker.Host,
        current: current === meta.Name,
      })),
    ];
    await out(
      formatList<Row>(
        {
          type: '*formatter.clientContextContext',
          columns: ['Starred', 'Description', 'DockerEndpoint', 'Error'],
          quiet: 'Name',
          fields: {
            Starred: { header: 'NAME', value: (row) => (row.current ? `${row.name} *` : row.name) },
            Name: { header: 'NAME', value: (row) => row.name },
            Description: { header: 'DESCRIPTION', value: (row) => row.description },
            DockerEndpoint: { header: 'DOCKER ENDPOINT', value: (row) => row.endpoint },
            Current: { header: 'CURRENT', value: (row) => row.current },
            Error: { header: 'ERROR', value: () => '' },
          },
          hiddenInJson: ['Starred'],
        },
        rows,
        { format: flags.string('format'), quiet: flags.bool('quiet') },
      ),
    );
  },
};

const show: Command = {
  use: 'show',
  short: 'Print the name of the current context',
  args: [0, 0],
  run: (context) => context.out(`${currentName(context)}\n`),
};

const use: Command = {
  use: 'use CONTEXT',
  short: 'Set the current docker context',
  args: [1, 1],
  run: async (context) => {
    const { args, config, err, out, process } = context;
    const name = args[0]!;
    if (name !== 'default') readContext(process, config, name);
    const contents = config.read();
    if (name === 'default') delete contents.currentContext;
    else contents.currentContext = name;
    config.write(contents);
    await out(`${name}\n`);
    await err(`Current context is now "${name}"\n`);
    if (process.env.get('DOCKER_HOST'))
      await err(
        'Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.\n',
      );
  },
};

const inspect: Command = {
  use: 'inspect [OPTIONS] [CONTEXT] [CONTEXT...]',
  short: 'Display detailed information on one or more contexts',
  args: [0, Infinity],
  flags: [flag('format,f', 'string', 'json or a template')],
  run: (context) => {
    const { args, config, flags, process } = context;
    const names = args.length > 0 ? args : [currentName(context)];
    const get = async (name: string): Promise<unknown> => {
      const isDefault = name === 'default';
      const meta: ContextMeta = isDefault
        ? {
            Name: 'default',
            Metadata: {},
            Endpoints: { docker: { Host: defaultEndpoint(context), SkipTLSVerify: false } },
          }
        : readContext(process, config, name);
      const storage = isDefault ? '<IN MEMORY>' : contextDirectory(config, name);
      return {
        ...meta,
        TLSMaterial: {},
        Storage: {
          MetadataPath: storage,
          TLSPath: isDefault ? storage : storage.replace('/contexts/meta/', '/contexts/tls/'),
        },
      };
    };
    return inspectObjects(context, names, flags.string('format'), get, goJson);
  },
};

const create: Command = {
  use: 'create [OPTIONS] CONTEXT',
  short: 'Create a context',
  args: [1, 1],
  flags: [
    flag('description', 'string', 'Description'),
    flag('docker', 'string', 'Endpoint: host=…'),
    flag('from', 'string', 'Copy this context'),
  ],
  run: async (context) => {
    const { args, config, err, flags, out, process } = context;
    const name = args[0]!;
    if (name === 'default') throw new CliError('default is a reserved context name');
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name))
      throw new CliError(
        `context name "${name}" is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
      );
    if (listContexts(process, config).some((meta) => meta.Name === name))
      throw new CliError(`context "${name}" already exists`);
    const from = flags.string('from');
    const copied =
      from === '' || from === 'default'
        ? defaultEndpoint(context)
        : readContext(process, config, from).Endpoints.docker.Host;
    const endpoint = pairsOf(readCsv(flags.string('docker')));
    save(context, {
      Name: name,
      Metadata: flags.string('description') ? { Description: flags.string('description') } : {},
      Endpoints: { docker: { Host: endpoint.host || copied, SkipTLSVerify: false } },
    });
    await out(`${name}\n`);
    await err(`Successfully created context "${name}"\n`);
  },
};

function save({ config, process }: Context, meta: ContextMeta): void {
  const directory = contextDirectory(config, meta.Name);
  process.machine.fs.mkdir(directory, { recursive: true });
  process.machine.fs.writeFile(`${directory}/meta.json`, JSON.stringify(meta));
}

const update: Command = {
  use: 'update [OPTIONS] CONTEXT',
  short: 'Update a context',
  args: [1, 1],
  flags: [flag('description', 'string', 'Description'), flag('docker', 'string', 'Endpoint: host=…')],
  run: async (context) => {
    const { args, config, err, flags, out, process } = context;
    const name = args[0]!;
    const meta = readContext(process, config, name);
    if (flags.given('description')) meta.Metadata.Description = flags.string('description');
    const endpoint = pairsOf(readCsv(flags.string('docker')));
    if (endpoint.host) meta.Endpoints.docker.Host = endpoint.host;
    save(context, meta);
    await out(`${name}\n`);
    await err(`Successfully updated context "${name}"\n`);
  },
};

const rm: Command = {
  use: 'rm [OPTIONS] CONTEXT [CONTEXT...]',
  aliases: ['remove'],
  short: 'Remove one or more contexts',
  args: [1, Infinity],
  flags: [flag('force,f', 'bool', 'Remove the current context, too')],
  run: (context) =>
    forEach(context, context.args, async (name) => {
      const { config, flags, process } = context;
      if (name === 'default') throw new CliError('default: context "default" cannot be removed');
      const force = flags.bool('force');
      if (!force) readContext(process, config, name);
      if (config.currentContext === name) {
        if (!force) throw new CliError(`${name}: context "${name}" is in use, set -f flag to force remove`);
        const { currentContext: _, ...rest } = config.read();
        config.write(rest);
      }
      const directory = contextDirectory(config, name);
      if (process.machine.fs.exists(directory)) process.machine.fs.remove(directory, { recursive: true });
      return name;
    }),
};

const notYet = (word: string, usage: string, short: string, args: readonly [number, number]): Command => ({
  use: usage,
  short,
  args,
  notSimulated: 'all of it',
  run: () => Promise.reject(new CliError(`slipway: docker context ${word} is not simulated`)),
});

export const context: Command = {
  use: 'context',
  short: 'Manage contexts',
  group: 'management',
  commands: [
    create,
    notYet(
      'export',
      'export [OPTIONS] CONTEXT [FILE|-]',
      'Export a context to a tar archive FILE or a tar stream on STDOUT.',
      [1, 2],
    ),
    notYet('import', 'import CONTEXT FILE|-', 'Import a context from a tar or zip file', [2, 2]),
    inspect,
    ls,
    rm,
    show,
    update,
    use,
  ],
};
