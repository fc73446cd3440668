import { humanSize } from '../../../world/index.ts';
import { filtersOf } from '../client/client.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { formatList, truncateId } from '../framework/format.ts';
import { imageList, namedImages, type ImageRow } from './list-format.ts';

export const ls: Command = {
  use: 'ls [OPTIONS] [REPOSITORY[:TAG]]',
  aliases: ['list'],
  short: 'List images',
  args: [0, 1],
  flags: [
    flag('all,a', 'bool', 'Show intermediate images, too'),
    flag('digests', 'bool', 'Show digests'),
    flag('filter,f', 'filter', 'Restrict what is shown'),
    flag('format', 'string', 'table, json or a template'),
    flag('no-trunc', 'bool', 'Do not shorten'),
    flag('quiet,q', 'bool', 'Only IDs'),
    flag('tree', 'bool', 'Show platforms as a tree'),
  ],
  run: async (context) => {
    const { args, client, flags, out, process, path } = context;
    const format = flags.string('format');
    const digests = flags.bool('digests');
    const list = imageList(process.world.clock.now(), !flags.bool('no-trunc'), digests);
    if (flags.bool('tree')) {
      for (const name of ['quiet', 'no-trunc', 'digests', 'format'])
        if (flags.given(name)) throw new CliError(`--${name} is not yet supported with --tree`);
    } else formatList(list, [], { format });
    const filters = [...flags.list('filter'), ...(args[0] !== undefined ? [`reference=${args[0]}`] : [])];
    const images = await client.json<ImageRow[]>('GET', '/images/json', {
      query: {
        ...(flags.bool('all') ? { all: true } : {}),
        ...(flags.bool('tree') ? { manifests: true } : {}),
        filters: filtersOf(filters),
      },
    });
    if (flags.bool('tree')) return tree(context, images);
    await out(formatList(list, namedImages(images, digests), { format, quiet: flags.bool('quiet') }));
    if (
      images.length === 0 &&
      path === 'docker images' &&
      args[0] !== undefined &&
      flags.list('filter').length === 0 &&
      [
        'ls',
        'list',
        'rm',
        'pull',
        'push',
        'inspect',
        'prune',
        'build',
        'history',
        'import',
        'load',
        'save',
        'tag',
        'remove',
      ].includes(args[0])
    )
      await context.err(`No images found matching "${args[0]}": did you mean "docker image ${args[0]}"?\n`);
  },
};

/** `--tree`: names on lines of their own, chips for what is in use. */
async function tree({ out, process }: Context, images: readonly ImageRow[]): Promise<void> {
  const tty = process.isatty.stdout;
  const rows = images.map((image) => ({
    names: [...(image.RepoTags ?? [])].filter((tag) => tag !== '<none>:<none>').sort((a, b) => (a < b ? 1 : -1)),
    id: truncateId(image.Id),
    size: humanSize(image.Size, 3),
    used: (image.Containers ?? 0) > 0,
  }));
  const columns = tty ? (process.tty?.columns ?? 80) : 80;
  const width = Math.max(
    5,
    ...rows.flatMap((row) => (row.names.length > 0 ? row.names : ['<untagged>']).map((name) => name.length)),
  );
  const heading = (text: string) => `\x1b[39m\x1b[1m${text}\x1b[0m`;
  const plain = (text: string) => (tty ? `\x1b[39m${text}\x1b[0m` : text);
  const title = (text: string) => (tty ? `\x1b[34m\x1b[1m${text}\x1b[0m` : text);
  const gap = '   ';
  const warning = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.";
  const legend = tty
    ? '\x1b[1m\x1b[106m\x1b[30mi\x1b[0m\x1b[0m \x1b[96mInfo → \x1b[0m\x1b[0m \x1b[38;5;0m\x1b[48;5;14m U \x1b[0m In Use '
    : 'Info ->  U In Use ';
  const legendWidth = tty ? 21 : 18;
  let text = `${tty ? `\x1b[93m${warning}\x1b[0m` : warning}\n${' '.repeat(Math.max(0, columns - legendWidth))}${legend}\n\n`;
  const cells = (id: string, size: string, used: boolean) =>
    `${gap}${plain(id)}${' '.repeat(12 - id.length)}${gap}${' '.repeat(Math.max(0, 10 - size.length))}${plain(size)}${gap}${' '.repeat(10)}${plain('0B')}${gap}${used ? ' U ' : '   '}  `;
  text += `${heading('IMAGE')}${' '.repeat(width - 5)}${gap}${heading('ID')}${' '.repeat(10)}${gap}${heading('DISK USAGE')}${gap}${heading('CONTENT SIZE')}${gap}${heading('EXTRA')}\n`;
  for (const row of rows) {
    const names = row.names.length > 0 ? row.names : ['<untagged>'];
    for (const name of names.slice(0, -1)) text += `${title(name)}\n`;
    const last = names.at(-1)!;
    text += `${title(last)}${' '.repeat(width - last.length)}${cells(row.id, row.size, row.used)}\n`;
  }
  await out(text);
}
