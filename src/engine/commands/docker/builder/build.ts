import {
  FsError,
  InvalidReference,
  LineReader,
  parseReference,
  decodeBase64,
  readTar,
  type ByteReader,
} from '../../../world/index.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError, CliExit, ConnectionFailed, DaemonError } from '../framework/errors.ts';
import { buildClassic } from './classic.ts';
import { isRemote, readContext, sessionArchive } from './context.ts';
import { buildFlags } from './flags.ts';
import { PlainPrinter } from './plain.ts';
import type { BuildEnd, Printer, Trace } from './trace.ts';
import { TtyPrinter } from './tty.ts';
import { exportFiles, outputOf, type Output } from './output.ts';
import { unreachableGit } from './git.ts';

const usage =
  "\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -\n\nRun 'docker buildx build --help' for more information";

/** Where the CLI looks for its plugins. */
const plugins = '/usr/libexec/docker/cli-plugins';

const missingPlugin = `ERROR: BuildKit is enabled but the buildx component is missing or broken.
       Install the buildx component to build images with BuildKit:
       https://docs.docker.com/go/buildx/`;

export const build: Command = {
  use: 'build [OPTIONS] PATH | URL | -',
  short: 'Build an image from a Dockerfile',
  aliases: ['b'],
  group: 'common',
  plugin: 'docker buildx build',
  flags: buildFlags,
  run: async (context) => {
    const { args, path, process } = context;
    const { fs } = process.machine;
    const enabled = process.env.get('DOCKER_BUILDKIT');
    const hasPlugin = !fs.exists(plugins) || fs.exists(`${plugins}/docker-buildx`);
    if (!hasPlugin) {
      if (enabled === undefined || enabled === '0') return buildClassic(context, enabled === undefined);
      throw new CliError(missingPlugin);
    }
    if (process.env.get('DOCKER_BUILDKIT') === '0' && !path.startsWith('docker buildx')) return buildClassic(context);
    if (args.length !== 1) throw new CliError(`ERROR: docker: 'docker buildx build' requires 1 argument${usage}`);
    try {
      await runBuild(context, args[0]!);
    } catch (error) {
      if (error instanceof CliExit || error instanceof ConnectionFailed || !(error instanceof CliError)) throw error;
      if (error.message.startsWith('ERROR: ')) throw error;
      if (error instanceof DaemonError) throw new CliError(`ERROR: failed to build: ${error.reason}`);
      throw new CliError(`ERROR: failed to build: ${error.message}`, 1);
    }
  },
};

/** Names that the image gets. @throws CliError */
export function checkTags(tags: readonly string[]): void {
  for (const tag of tags)
    try {
      parseReference(tag);
    } catch (error) {
      if (!(error instanceof InvalidReference)) throw error;
      const reason = error.message.includes('must be lowercase') ? 'repository name must be lowercase' : error.message;
      throw new CliError(`invalid tag ${JSON.stringify(tag)}: ${reason}`);
    }
}

/** `--build-arg A=b` and `--build-arg A` (from the environment). */
export function pairsOf(list: readonly string[], env?: ReadonlyMap<string, string>): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const item of list) {
    const at = item.indexOf('=');
    if (at >= 0) pairs[item.slice(0, at)] = item.slice(at + 1);
    else if (!env) pairs[item] = '';
    else if (env.has(item)) pairs[item] = env.get(item)!;
  }
  return pairs;
}

/** `--secret id=x,src=file` and `id=x,env=NAME`. @throws CliError */
function secretsOf({ flags, process }: Context): Map<string, Uint8Array> {
  const secrets = new Map<string, Uint8Array>();
  for (const item of flags.list('secret')) {
    const fields = pairsOf(item.split(','));
    const id = fields.id ?? '';
    if (id === '')
      throw new CliError('secret missing "id" field'.replace('secret missing', 'failed to parse secret: missing'));
    const file = fields.src ?? fields.source;
    if (file === undefined) {
      const value = process.env.get(fields.env ?? id);
      if (value !== undefined) secrets.set(id, new TextEncoder().encode(value));
      continue;
    }
    try {
      secrets.set(id, process.machine.fs.readFile(process.path(file)));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new CliError(`failed to stat ${file}: stat ${file}: ${error.message.toLowerCase()}`);
    }
  }
  return secrets;
}

export function progressMode({ flags, process }: Context): 'plain' | 'tty' | 'quiet' | 'rawjson' {
  if (flags.bool('quiet')) return 'quiet';
  const given = flags.given('progress') ? flags.string('progress') : (process.env.get('BUILDKIT_PROGRESS') ?? 'auto');
  if (given === 'auto') return process.isatty.stderr ? 'tty' : 'plain';
  if (given !== 'plain' && given !== 'tty' && given !== 'quiet' && given !== 'rawjson')
    throw new CliError(
      `invalid progress mode ${given}`.replace(/^invalid progress mode (.*)$/, 'invalid value for progress: $1'),
    );
  if (given === 'tty' && !process.isatty.stderr)
    throw new CliError('failed to get console: provided file is not a console');
  return given;
}

async function runBuild(context: Context, path: string): Promise<void> {
  const { flags, process, out } = context;
  if (flags.bool('push')) throw new CliError('slipway: docker buildx build --push is not simulated: use docker push');
  const builder = flags.string('builder');
  if (builder !== '' && builder !== 'default') throw new CliError(`no builder ${JSON.stringify(builder)} found`);
  const tags = flags.list('tag');
  checkTags(tags);
  const output = outputOf(context);
  const mode = progressMode(context);
  if (isRemote(path)) return unreachableGit(context, path);
  const local = await readContext(process, path, flags.string('file'));
  const platforms = flags.list('platform').flatMap((text) => text.split(','));
  if (platforms.length > 1) throw new CliError('multiple platforms feature is currently not supported for docker driver. Please switch to a different driver (eg. "docker buildx create --use")'); // prettier-ignore
  const check = flags.bool('check') || flags.string('call') === 'check';
  const query = {
    version: 2,
    dockerfile: local.dockerfileName,
    ...(tags.length > 0 ? { t: tags } : {}),
    buildargs: JSON.stringify(pairsOf(flags.list('build-arg'), process.env)),
    labels: JSON.stringify(pairsOf(flags.list('label'))),
    ...(flags.string('target') === '' ? {} : { target: flags.string('target') }),
    ...(platforms[0] ? { platform: platforms[0] } : {}),
    ...(flags.bool('no-cache') ? { nocache: true } : {}),
    ...(flags.list('no-cache-filter').length > 0 ? { nocachefilter: flags.list('no-cache-filter').flatMap((t) => t.split(',')) } : {}),
    ...(flags.bool('pull') ? { pull: true } : {}),
    ...(check ? { output: 'check' } : output.kind === 'image' ? {} : { output: output.kind === 'none' ? 'none' : 'files' }),
  }; // prettier-ignore
  const archive = sessionArchive(local, secretsOf(context));
  const body = await context.client.stream('POST', '/build', {
    query,
    data: archive,
    headers: { 'content-type': 'application/x-tar' },
  });
  const end = await showBuild(context, body, mode, context.err);
  await finish(context, end, mode, output);
  if (end.id !== undefined) {
    if (flags.bool('quiet')) await out(`${end.id}\n`);
    const file = flags.string('iidfile');
    if (file !== '') process.machine.fs.writeFile(process.path(file), end.id);
    const metadata = flags.string('metadata-file');
    if (metadata !== '')
      process.machine.fs.writeFile(process.path(metadata), `${JSON.stringify({ 'containerimage.config.digest': end.id, 'containerimage.digest': end.id, 'image.name': tags.join(',') }, null, 2)}\n`); // prettier-ignore
  }
  if (check) {
    await checked(context, end);
    if (end.warnings.length > 0) throw new CliExit(1);
  }
}

async function checked({ out }: Context, { warnings }: BuildEnd): Promise<void> {
  if (warnings.length === 0) return out('Check complete, no warnings found.\n');
  await out(`Check complete, ${warnings.length} warning${warnings.length > 1 ? 's have' : ' has'} been found!\n`);
  for (const { short, description, url, excerpt } of warnings) {
    const [rule = '', message = ''] = [short.slice(0, short.indexOf(':')), short.slice(short.indexOf(':') + 2)];
    await out(`\nWARNING: ${rule} - ${url}\n${description}\n${message.replace(/ \(line \d+\)$/, '')}\n\n${excerpt}`);
  }
}

/** Shows a build's messages until they end. */
export async function showBuild(
  { process }: Pick<Context, 'process'>,
  body: ByteReader,
  mode: 'plain' | 'tty' | 'quiet' | 'rawjson',
  write: (text: string) => Promise<void>,
  printer: Printer | undefined = mode === 'tty'
    ? new TtyPrinter(process.tty?.columns ?? 80, () => process.world.clock.elapsed / 1000)
    : mode === 'plain'
      ? new PlainPrinter(true)
      : undefined,
): Promise<BuildEnd> {
  const reader = new LineReader(body);
  let end: BuildEnd | undefined;
  for (;;) {
    const line = await reader.next(process.cancel);
    if (line === undefined) break;
    if (line.trim() === '') continue;
    const message = JSON.parse(line) as { id?: string; aux?: unknown; error?: string };
    if (message.error !== undefined) throw new CliError(message.error);
    if (message.id === 'slipway.build.end') {
      end = message.aux as BuildEnd;
      continue;
    }
    if (mode === 'rawjson') await write(`${JSON.stringify(message.aux)}\n`);
    const text = printer?.take(message.aux as Trace) ?? '';
    if (text !== '') await write(text);
  }
  if (!end) throw new CliError('failed to solve: Canceled: context canceled');
  if (printer) {
    const text = printer.end(end.error !== undefined);
    if (text !== '') await write(text);
  }
  return end;
}

/** Warnings, then the error with its place in the Dockerfile. @throws CliError */
async function finish(context: Context, end: BuildEnd, mode: string, output: Output): Promise<void> {
  const { err, globals, flags } = context;
  if (mode !== 'quiet' && end.warnings.length > 0 && !flags.bool('check')) await err(warningTail(end.warnings, globals.bool('debug')));
  if (end.error !== undefined) {
    if (end.excerpt) await err(end.excerpt);
    throw new CliError(`failed to solve: ${end.error}`);
  }
  if (end.files !== undefined) await exportFiles(context, output, readTar(decodeBase64(end.files)), decodeBase64(end.files));
} // prettier-ignore

export function warningTail(warnings: BuildEnd['warnings'], debug: boolean): string {
  const count = `${warnings.length} warning${warnings.length > 1 ? 's' : ''} found`;
  let text = `\n \x1b[33m${count}${debug ? '' : ' (use docker --debug to expand)'}:\n\x1b[0m`;
  for (const { short, description, url, excerpt } of warnings) {
    text += ` - ${short}\n`;
    if (debug) text += `${description}\nMore info: ${url}\n${excerpt}\n`;
  }
  return text;
}
