import type { IPod } from 'kubernetes-models/v1/Pod';
import { allContainers } from '../workloads/containers.ts';
import { live } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, NotSimulated } from '../framework/errors.ts';
import { completePods } from '../framework/pod-completion.ts';

const profiles = ['legacy', 'general', 'baseline', 'netadmin', 'restricted', 'sysadmin'];

export const debug: Command = {
  use: 'debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  long: `Adds a container with debugging tools to a running pod, as an ephemeral container.`,
  examples: `# Add a container with a shell to the pod mypod
kubectl debug mypod --image=busybox

# Give the container a name and a command
kubectl debug mypod -c debugger --image=busybox -- sleep 1d`,
  flags: [
    { name: 'container', shorthand: 'c', type: 'string', usage: 'Name for the debug container.' },
    {
      name: 'copy-to',
      notSimulated: 'copies of Pods',
      type: 'string',
      usage: 'Make a copy of the pod with this name.',
    },
    { name: 'env', type: 'stringToString', usage: 'Environment variables of the container.' },
    { name: 'image', type: 'string', usage: 'Image of the debug container.' },
    { name: 'image-pull-policy', type: 'string', usage: "When to pull the image; the server's default if not given." },
    {
      name: 'profile',
      notSimulated: 'netadmin, restricted and sysadmin',
      type: 'string',
      default: 'legacy',
      usage: `One of ${profiles.join(', ')}.`,
      values: profiles,
    },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: 'Say nothing about what is done.' },
    {
      name: 'stdin',
      notSimulated: 'attached containers',
      shorthand: 'i',
      type: 'bool',
      usage: 'Keep stdin of the container open.',
    },
    { name: 'target', type: 'string', usage: 'Share the processes of this container.' },
    {
      name: 'tty',
      notSimulated: 'attached containers',
      shorthand: 't',
      type: 'bool',
      usage: 'Give the container a TTY.',
    },
  ],
  notSimulated: 'debugging nodes',
  complete: completePods,
  run,
};

async function run(context: Context): Promise<void> {
  const { args, flags, dashAt, factory } = context;
  const names = dashAt === undefined ? args : args.slice(0, dashAt);
  const command = dashAt === undefined ? [] : args.slice(dashAt);
  if (names.length === 0) throw new CommandError('NAME or filename is required for debug');
  const image = flags.string('image');
  if (image === '' && flags.string('copy-to') === '')
    throw new CommandError('you must specify --image when not using --copy-to.');
  if (flags.string('copy-to') !== '') throw new NotSimulated('kubectl debug --copy-to');
  if (flags.bool('stdin') || flags.bool('tty')) throw new NotSimulated('kubectl debug -i and -t');
  const profile = flags.string('profile');
  if (!profiles.includes(profile)) throw new CommandError(`unknown profile: ${profile}`);
  if (profile === 'legacy')
    await context.err(
      '--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".\n',
    );
  if (profile !== 'legacy' && profile !== 'general' && profile !== 'baseline')
    throw new NotSimulated(`kubectl debug --profile=${profile}`);
  const { namespace } = factory.namespace();
  const builder = factory.builder().namespaceParam(namespace).defaultNamespace();
  const plain = names.filter((name) => !name.includes('/'));
  if (plain.length === names.length) builder.resourceNames('pods', ...plain);
  else builder.resourceTypeOrNameArgs(true, names);
  await (
    await builder.do()
  ).visit(async ({ mapping, object, name, namespace: where }) => {
    if (mapping.kind === 'Node') throw new NotSimulated('kubectl debug of a node');
    if (mapping.kind !== 'Pod') throw new CommandError(`"${mapping.resource}" not supported by debug`);
    const pod = live<IPod>(object);
    const target = flags.string('target');
    if (target !== '' && !flags.bool('quiet'))
      await context.out(
        `Targeting container "${target}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
      );
    const containerName = flags.string('container') || (await newName(context, pod));
    const container = {
      name: containerName,
      image,
      ...(command.length > 0 ? { command } : {}),
      ...(Object.keys(flags.map('env')).length > 0
        ? { env: Object.entries(flags.map('env')).map(([key, value]) => ({ name: key, value })) }
        : {}),
      ...(flags.string('image-pull-policy') !== '' ? { imagePullPolicy: flags.string('image-pull-policy') } : {}),
      ...(target !== '' ? { targetContainerName: target } : {}),
      ...(profile === 'general' ? { securityContext: { capabilities: { add: ['SYS_PTRACE'] } } } : {}),
      terminationMessagePolicy: 'File',
    };
    const before = (pod.spec.ephemeralContainers ?? []).map((c) => ({ name: c.name }));
    const patch = {
      spec: {
        '$setElementOrder/ephemeralContainers': [...before, { name: containerName }],
        ephemeralContainers: [container],
      },
    };
    await factory.client().patch(mapping, where, name, 'strategic', patch, { subresource: 'ephemeralcontainers' });
  });
}

/** A name that no container of the Pod has. */
async function newName(context: Context, pod: ReturnType<typeof live<IPod>>): Promise<string> {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const random = context.process.world.random.stream('kubectl debug');
  const taken = new Set(allContainers(pod).map((container) => container.name));
  let name: string;
  do {
    name = `debugger-${Array.from({ length: 5 }, () => letters[random.int(letters.length)]).join('')}`;
  } while (taken.has(name));
  if (!context.flags.bool('quiet')) await context.out(`Defaulting debug container name to ${name}.\n`);
  return name;
}
