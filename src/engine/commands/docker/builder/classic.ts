import { humanSize, tarOf, type DirectoryNode, type FileNode } from '../../../world/index.ts';
import { showMessages } from '../client/messages.ts';
import type { Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { isRemote, readContext } from './context.ts';
import { pairsOf } from './build.ts';

const deprecated = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0
            environment-variable.

`;
const withoutPlugin = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            Install the buildx component to build images with BuildKit:
            https://docs.docker.com/go/buildx/

`;

/** What the docker CLI says when it goes back to the builder of old. */
export async function legacyNote({ err }: Context, missingPlugin = false): Promise<void> {
  await err(missingPlugin ? withoutPlugin : deprecated);
}

/** `docker build` with the Engine's own builder: one image for each instruction. */
export async function buildClassic(context: Context, missingPlugin = false): Promise<void> {
  const { args, flags, process, client, out } = context;
  await legacyNote(context, missingPlugin);
  if (args.length !== 1)
    throw new CliError(
      "docker: 'docker build' requires 1 argument\n\nUsage:  docker build [OPTIONS] PATH | URL | -\n\nRun 'docker build --help' for more information",
    );
  const path = args[0]!;
  if (isRemote(path)) throw new CliError(`slipway: building from ${path} is not simulated`);
  const file = flags.string('file');
  const local = await readContext(process, path, file);
  if (!local.dockerfile) {
    const at = file === '' ? process.path(path === '-' ? 'Dockerfile' : `${path}/Dockerfile`) : process.path(file);
    throw new CliError(
      `unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${at}: no such file or directory`,
    );
  }
  const name = local.dockerfileName;
  const definition: FileNode = { type: 'file', data: local.dockerfile, mode: 0o600, uid: 0, gid: 0, mtime: 0 };
  const files: DirectoryNode = { ...local.files, entries: new Map([...local.files.entries, [name, definition]]) };
  const archive = tarOf('', files);
  const quiet = flags.bool('quiet');
  let collected = '';
  const write = (text: string) => {
    if (!quiet) return out(text);
    collected += text;
    return Promise.resolve();
  };
  await write(`Sending build context to Docker daemon  ${humanSize(archive.length)}\r\r\n`);
  const query = {
    dockerfile: name,
    ...(flags.list('tag').length > 0 ? { t: flags.list('tag') } : {}),
    buildargs: JSON.stringify(pairsOf(flags.list('build-arg'), process.env)),
    labels: JSON.stringify(pairsOf(flags.list('label'))),
    ...(flags.string('target') === '' ? {} : { target: flags.string('target') }),
    ...(flags.bool('no-cache') ? { nocache: true } : {}),
    ...(flags.bool('pull') ? { pull: true } : {}),
  };
  const body = await client.stream('POST', '/build', {
    query,
    data: archive,
    headers: { 'content-type': 'application/x-tar' },
  });
  let id = '';
  try {
    await showMessages(context, body, {
      write,
      terminal: process.isatty.stdout && !quiet,
      onAux: (aux) => (id = (aux as { ID?: string }).ID ?? id),
    });
  } catch (error) {
    if (quiet) await context.err(collected);
    throw error;
  }
  if (quiet) await out(`${id}\n`);
  const idFile = flags.string('iidfile');
  if (idFile !== '') process.machine.fs.writeFile(process.path(idFile), id);
}
