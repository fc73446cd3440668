import type { IPod } from 'kubernetes-models/v1/Pod';
import { live, wellKnown } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, NotSimulated, usageError } from '../framework/errors.ts';
import { findContainer } from '../workloads/containers.ts';

interface FileSpec {
  namespace: string;
  pod: string;
  path: string;
}

export const cp: Command = {
  notSimulated: 'the copying itself; arguments, Pod and container are checked',
  use: 'cp <file-spec-src> <file-spec-dest>',
  short: 'Copy files and directories to and from containers',
  long: 'Copies files between this machine and a container, as tar does on both sides: the container must have a tar.',
  examples: `# /tmp/foo to /tmp/bar of the pod some-pod in namespace some-namespace
kubectl cp /tmp/foo some-namespace/some-pod:/tmp/bar

# /tmp/foo of a pod to /tmp/bar here
kubectl cp some-namespace/some-pod:/tmp/foo /tmp/bar

# To a certain container
kubectl cp /tmp/foo some-pod:/tmp/bar -c specific-container`,
  flags: [
    { name: 'container', shorthand: 'c', type: 'string', usage: 'The container to use.' },
    { name: 'no-preserve', type: 'bool', usage: "Don't keep owner and permissions of the files" },
  ],
  async run(context) {
    const { args, flags, factory, process } = context;
    if (args.length !== 2) throw usageError(context, 'source and destination are required');
    const source = parse(context, args[0]!);
    const target = parse(context, args[1]!);
    if (source.pod !== '' && target.pod !== '')
      throw new CommandError('one of src or dest must be a local file specification');
    if (source.path === '' || target.path === '') throw new CommandError('filepath can not be empty');
    const remote = source.pod !== '' ? source : target;
    if (remote.pod === '') throw new CommandError('one of src or dest must be a remote file specification');
    if (remote === target && !process.machine.fs.exists(process.path(source.path)))
      throw new CommandError(`${source.path} doesn't exist in local filesystem`);
    const pod = live<IPod>(await factory.client().get(wellKnown.pods, remote.namespace, remote.pod));
    await findContainer(context, pod, flags.string('container'));
    throw new NotSimulated('kubectl cp');
  },
};

/** `[NAMESPACE/]POD:PATH`, or a local path. @throws CommandError */
function parse({ factory }: Context, text: string): FileSpec {
  const colon = text.indexOf(':');
  if (colon < 0 || text.startsWith('.') || text.startsWith('/')) return { namespace: '', pod: '', path: text };
  const parts = text.slice(0, colon).split('/');
  const path = text.slice(colon + 1);
  if (parts.length === 1) return { namespace: factory.namespace().namespace, pod: parts[0]!, path };
  if (parts.length === 2) return { namespace: parts[0]!, pod: parts[1]!, path };
  throw new CommandError('filespec must match the canonical format: [[namespace/]pod:]file/path');
}
