import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { quote } from '../../framework/values.ts';
import { podSpecOf, withPodSpec, type Container } from './pod-template.ts';
import { completeTypes } from '../../framework/completion.ts';
import { splitPairs, update, updateFlags } from './updater.ts';

/** `kubectl set image`. */
export const setImage: Command = {
  use: 'image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  short: 'Update the image of a pod template',
  long: `Update existing container image(s) of resources.

Possible resources include (case insensitive):

pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)`,
  examples: `# One container of a Deployment
kubectl set image deployment/web web=nginx:1.28

# All containers
kubectl set image deployment/web *=nginx:1.28

# In a file, without a server
kubectl set image -f web.yaml web=nginx:1.28 --local -o yaml`,
  flags: updateFlags,
  complete: completeTypes(
    ['daemonsets', 'deployments', 'pods', 'cronjobs', 'replicasets', 'replicationcontrollers', 'statefulsets'],
    { repeat: false },
  ),
  run: async (context) => {
    const { resources, pairs } = splitPairs(context.args);
    const images = new Map<string, string>();
    for (const pair of pairs) {
      const at = pair.indexOf('=');
      if (at < 0) throw new CommandError(`invalid argument: ${pair}`);
      images.set(pair.slice(0, at), pair.slice(at + 1));
    }
    await update(context, resources, {
      done: 'image updated',
      quietIfSame: true,
      patchFailure: 'failed to patch image update to pod template: ',
      validate: () => {
        if (images.size === 0) throw new CommandError('at least one image update is required');
        if (images.size > 1 && images.has('*'))
          throw new CommandError(
            'all containers are already specified by *, but saw more than one container_name=container_image pairs',
          );
      },
      change: (object, _info, complain) => {
        const spec = podSpecOf(object);
        const names = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => c.name);
        for (const name of images.keys())
          if (name !== '*' && !names.includes(name))
            complain(new CommandError(`unable to find container named ${quote(name)}`));
        const withImage = (container: Container): Container => {
          const image = images.get(container.name) ?? images.get('*');
          return image === undefined ? container : { ...container, image };
        };
        return withPodSpec(object, (old) => ({
          ...old,
          ...(old.containers ? { containers: old.containers.map(withImage) } : {}),
          ...(old.initContainers ? { initContainers: old.initContainers.map(withImage) } : {}),
        }));
      },
    });
  },
};
