import { CommandError } from '../../framework/errors.ts';
import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create deployment`. */
export const createDeployment = generator({
  use: 'deployment NAME --image=image -- [COMMAND] [args...]',
  aliases: ['deploy'],
  short: 'Create a deployment with the specified name',
  long: 'Create a deployment with the specified name.',
  examples: `# A Deployment that runs nginx
kubectl create deployment web --image=nginx

# With three replicas and a port
kubectl create deployment web --image=nginx --replicas=3 --port=80

# With a command
kubectl create deployment clock --image=busybox -- date

# With two containers
kubectl create deployment pair --image=nginx:1.27 --image=redis:7`,
  flags: [
    { name: 'image', type: 'stringSlice', required: true, usage: 'Images to run: a container for each.' },
    { name: 'port', type: 'int32', default: -1, usage: 'Port that the container listens on.' },
    { name: 'replicas', shorthand: 'r', type: 'int32', default: 1, usage: 'How many replicas to run.' },
  ],
  mapping: mappings.deployments,
  failure: 'failed to create deployment: ',
  build: ({ flags, args, dashAt }, name) => {
    const images = flags.strings('image');
    const command = dashAt === undefined ? [] : args.slice(dashAt);
    if (images.length > 1 && command.length > 0)
      throw new CommandError('cannot specify multiple --image options and command');
    const port = flags.int('port');
    const labels = { app: name };
    return {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name, labels },
      spec: {
        replicas: flags.int('replicas'),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: images.map((image, i) => ({
              name: containerName(image),
              image,
              ...(command.length > 0 ? { command } : {}),
              ...(port >= 0 && i === 0 ? { ports: [{ containerPort: port }] } : {}),
              resources: {},
            })),
          },
        },
        strategy: {},
      },
      status: {},
    };
  },
});

/** `nginx` for `docker.io/library/nginx:1.27`; characters that a name can't have become dashes or go. */
function containerName(image: string): string {
  let name = image.split('/').at(-1)!;
  if (name.includes(':')) name = name.split(':')[0]!;
  else if (name.includes('@')) name = name.split('@')[0]!;
  return name
    .replaceAll('_', '-')
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '');
}
