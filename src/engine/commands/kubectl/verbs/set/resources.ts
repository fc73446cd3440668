import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { resourceList } from '../create/quota.ts';
import { matches, podSpecOf, withPodSpec, type Container } from './pod-template.ts';
import { update, updateFlags } from './updater.ts';

/** `kubectl set resources`. */
export const setResources: Command = {
  use: 'resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  short: 'Update resource requests/limits on objects with pod templates',
  long: `Specify compute resource requirements (CPU, memory) for any resource that defines a pod template.

Possible resources include (case insensitive): those that "kubectl api-resources" lists and that have a pod template.`,
  examples: `# Limits for a container
kubectl set resources deployment web -c=web --limits=cpu=200m,memory=512Mi

# Requests and limits for all containers
kubectl set resources deployment web --limits=cpu=200m,memory=512Mi --requests=cpu=100m,memory=256Mi`,
  flags: [
    ...updateFlags,
    {
      name: 'containers',
      shorthand: 'c',
      type: 'string',
      default: '*',
      usage: 'Names of the containers to change; * stands for any letters.',
    },
    { name: 'limits', type: 'string', usage: "Limits for the containers, e.g. 'cpu=100m,memory=256Mi'." },
    { name: 'requests', type: 'string', usage: "Requests of the containers, e.g. 'cpu=100m,memory=256Mi'." },
  ],
  run: async (context) => {
    const { flags } = context;
    let limits: ReturnType<typeof resourceList>;
    let requests: ReturnType<typeof resourceList>;
    await update(context, context.args, {
      done: 'resource requirements updated',
      quietIfSame: true,
      patchFailure: 'failed to patch resources update to pod template ',
      validate: () => {
        if (flags.string('limits') === '' && flags.string('requests') === '')
          throw new CommandError(
            'you must specify an update to requests or limits (in the form of --requests/--limits)',
          );
        limits = resourceList(flags.string('limits'));
        requests = resourceList(flags.string('requests'));
      },
      change: (object) => {
        const fits = (c: Container) => matches(c.name, flags.string('containers'));
        if (!(podSpecOf(object).containers ?? []).some(fits))
          throw new CommandError(`unable to find container named ${flags.string('containers')}`);
        const apply = (c: Container): Container => {
          if (!fits(c)) return c;
          return {
            ...c,
            resources: {
              ...c.resources,
              ...(limits ? { limits: { ...c.resources?.limits, ...limits } } : {}),
              ...(requests ? { requests: { ...c.resources?.requests, ...requests } } : {}),
            },
          };
        };
        return withPodSpec(object, (old) => ({
          ...old,
          ...(old.containers ? { containers: old.containers.map(apply) } : {}),
          ...(old.initContainers ? { initContainers: old.initContainers.map(apply) } : {}),
        }));
      },
    });
  },
};
