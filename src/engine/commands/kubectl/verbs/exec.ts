import type { IPod } from 'kubernetes-models/v1/Pod';
import { live, type Live } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, usageError } from '../framework/errors.ts';
import { filenameFlags, hasFilenames } from '../framework/file-flags.ts';
import { completePods } from '../framework/completion.ts';
import { defaultContainer } from '../workloads/containers.ts';
import { byActivity, selectorOf, selectPods } from '../workloads/pods.ts';
import { openStream, runStream, usableTty } from '../workloads/upgrade.ts';

export const exec: Command = {
  use: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  short: 'Execute a command in a container',
  examples: `# Run 'date' in pod mypod, in its first container
kubectl exec mypod -- date

# In the container ruby-container
kubectl exec mypod -c ruby-container -- date

# A shell in the container ruby-container, with this terminal
kubectl exec mypod -c ruby-container -i -t -- bash -il

# In the first pod of the deployment mydeployment
kubectl exec deploy/mydeployment -- date`,
  flags: [
    {
      name: 'container',
      shorthand: 'c',
      type: 'string',
      usage:
        'The container to use; by default that of the annotation kubectl.kubernetes.io/default-container, or the first.',
    },
    ...filenameFlags('to exec into').filter((flag) => flag.name === 'filename'),
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 60_000,
      usage: 'How long to wait for a pod to run (e.g. 5s, 2m, or 3h).',
    },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: "Print nothing but the command's output" },
    { name: 'stdin', shorthand: 'i', type: 'bool', usage: 'Pass stdin to the container' },
    { name: 'tty', shorthand: 't', type: 'bool', usage: 'Stdin is a TTY' },
  ],
  complete: completePods,
  completesContainers: true,
  async run(context) {
    const { args, flags, dashAt, factory, process } = context;
    const files = { filenames: flags.strings('filename'), recursive: false, kustomize: '' };
    const hasFiles = hasFilenames(files);
    if (args.length === 0 && !hasFiles) throw usageError(context, 'pod, type/name or --filename must be specified');
    if (dashAt === undefined && args.length > 1)
      throw usageError(context, 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead');
    const command = hasFiles ? args : args.slice(1);
    if (command.length === 0) throw new CommandError('you must specify at least one command for the container');
    const pod = await findPod(context, args[0] ?? '', files.filenames, flags.duration('pod-running-timeout'));
    const { phase } = pod.status;
    if (phase === 'Succeeded' || phase === 'Failed')
      throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
    const container = flags.string('container') || (await defaultContainer(context, pod, flags.bool('quiet'))).name;
    const stdin = flags.bool('stdin');
    const { tty, complaint } = usableTty(process, { stdin, tty: flags.bool('tty') });
    if (!flags.bool('quiet')) await context.err(complaint);
    const { namespace, name } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/exec`;
    const on = (wanted: boolean) => wanted || undefined;
    const query = {
      container,
      command,
      stdin: on(stdin),
      stdout: true,
      stderr: on(!tty),
      tty: on(tty),
    };
    const socket = await openStream(process, factory.client(), path, query, 'exec');
    await runStream(process, socket, { stdin, tty });
  },
};

/** The Pod that is named, or one of the named workload. @throws StatusError, CommandError */
export async function findPod(
  context: Context,
  resource: string,
  filenames: readonly string[],
  timeout: number,
): Promise<Live<IPod>> {
  const { factory } = context;
  const { namespace, explicit } = factory.namespace();
  const builder = factory.builder().namespaceParam(namespace).defaultNamespace();
  if (filenames.length > 0) builder.filenameParam(explicit, { filenames });
  else if (resource.includes('/')) builder.resourceTypeOrNameArgs(true, [resource]);
  else builder.resourceNames('pods', resource);
  const { infos, error } = await (await builder.do()).infos();
  if (error !== undefined) throw error;
  const [info] = infos;
  if (!info || infos.length !== 1) throw new CommandError('expected a resource');
  if (info.mapping.kind === 'Pod') return live<IPod>(info.object);
  const selector = selectorOf(info, 'attach to');
  const [first] = await selectPods(context, info.namespace, selector, byActivity, timeout);
  return first!;
}
