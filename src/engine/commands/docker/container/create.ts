import { familiarReference, parseReference, InvalidReference } from '../../../world/index.ts';
import { showMessages } from '../client/messages.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError, DaemonError } from '../framework/errors.ts';
import { createBody } from './create-options.ts';
import { createFlags } from './create-flags.ts';

/** Pulls an image with its progress on `write`. */
export async function pullImage(
  context: Context,
  name: string,
  options: { quiet: boolean; platform: string; write: (text: string) => Promise<void>; terminal: boolean },
): Promise<void> {
  const reference = parseReference(name);
  const body = await context.client.stream('POST', '/images/create', {
    query: {
      fromImage: reference.repository,
      tag: reference.digest ?? reference.tag ?? '',
      ...(options.platform === '' ? {} : { platform: options.platform }),
    },
    headers: context.config.authHeader(reference.registry),
  });
  await showMessages(context, body, options.quiet ? { write: () => Promise.resolve(), terminal: false } : options);
}

/** Creates a container, pulling its image if need be; what there is to say of that goes to stderr. */
export async function createContainer(context: Context): Promise<{ id: string; tty: boolean; warnings: string[] }> {
  const { args, flags, process, client } = context;
  const [image = '', ...command] = args;
  const body = createBody(process, flags, image, command);
  const pull = flags.string('pull');
  if (!['always', 'missing', 'never'].includes(pull))
    throw new CliError(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`);
  const cidfile = flags.string('cidfile');
  const { fs } = process.machine;
  if (cidfile !== '') {
    if (fs.exists(process.path(cidfile)))
      throw new CliError(`container ID file found, make sure the other container isn't running or delete ${cidfile}`);
  }
  let known = true;
  try {
    parseReference(image);
  } catch (error) {
    if (!(error instanceof InvalidReference)) throw error;
    if (!/^[a-f0-9]{64}$/.test(image)) throw new CliError(error.message);
    known = false;
  }
  const mode = String((body.HostConfig as { NetworkMode: string }).NetworkMode);
  if (mode === 'host' && (flags.list('publish').length > 0 || flags.bool('publish-all')))
    await context.err('WARNING: Published ports are discarded when using host network mode\n');
  const platform = flags.string('platform');
  const fetchImage = () =>
    pullImage(context, image, {
      quiet: flags.bool('quiet'),
      platform,
      write: context.err,
      terminal: process.isatty.stderr,
    });
  if (pull === 'always') await fetchImage();
  const create = () =>
    client.json<{ Id: string; Warnings: string[] | null }>('POST', '/containers/create', {
      query: {
        name: flags.string('name') === '' ? undefined : flags.string('name'),
        platform: platform === '' ? undefined : platform,
      },
      body,
    });
  let created: { Id: string; Warnings: string[] | null };
  try {
    created = await create();
  } catch (error) {
    if (
      !(error instanceof DaemonError) ||
      error.status !== 404 ||
      !known ||
      pull === 'never' ||
      !error.reason.startsWith('No such image')
    )
      throw error;
    if (!flags.bool('quiet'))
      await context.err(`Unable to find image '${familiarReference(parseReference(image))}' locally\n`);
    await fetchImage();
    created = await create();
  }
  for (const warning of created.Warnings ?? []) await context.err(`WARNING: ${warning}\n`);
  if (cidfile !== '') fs.writeFile(process.path(cidfile), created.Id);
  return { id: created.Id, tty: flags.bool('tty'), warnings: created.Warnings ?? [] };
}

export const create: Command = {
  use: 'create [OPTIONS] IMAGE [COMMAND] [ARG...]',
  short: 'Create a new container',
  args: [1, Infinity],
  passThrough: true,
  flags: createFlags,
  run: async (context) => {
    const { id } = await createContainer(context);
    await context.out(`${id}\n`);
  },
};
