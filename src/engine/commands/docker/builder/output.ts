import { applyTarEntries, type TarEntry } from '../../../world/index.ts';
import type { Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { pairsOf } from './build.ts';

/** `--output`: where a build's result goes. */
export interface Output {
  kind: 'image' | 'none' | 'local' | 'tar';
  destination: string;
}

/** @throws CliError */
export function outputOf({ flags }: Context): Output {
  const given = flags.list('output').at(-1);
  if (given === undefined) return { kind: 'image', destination: '' };
  if (!given.includes('='))
    return given === '-' ? { kind: 'tar', destination: '-' } : { kind: 'local', destination: given };
  const fields = pairsOf(given.split(','));
  const destination = fields.dest ?? '';
  switch (fields.type) {
    case undefined:
    case '':
      throw new CliError('type is required for output');
    case 'image':
    case 'docker':
      return { kind: 'image', destination };
    case 'cacheonly':
      return { kind: 'none', destination };
    case 'local':
      if (destination === '') throw new CliError('dest is required for local output');
      return { kind: 'local', destination };
    case 'tar':
      return { kind: 'tar', destination: destination || '-' };
    default:
      throw new CliError(`slipway: docker buildx build --output type=${fields.type} is not simulated`);
  }
}

/** Writes the files of a build to the host. */
export async function exportFiles({ process }: Context, output: Output, entries: readonly TarEntry[], archive: Uint8Array): Promise<void> {
  const { fs } = process.machine;
  if (output.kind === 'tar') {
    if (output.destination === '-') await process.stdout.write(archive, process.cancel);
    else fs.writeFile(process.path(output.destination), archive);
    return;
  }
  const target = process.path(output.destination);
  if (!fs.exists(target)) fs.mkdir(target, { recursive: true });
  const tree = applyTarEntries(entries.filter((entry) => !/^(dev|proc|sys)(\/|$)/.test(entry.name)));
  for (const [name, node] of tree.entries) fs.putNode(`${target === '/' ? '' : target}/${name}`, node);
} // prettier-ignore
