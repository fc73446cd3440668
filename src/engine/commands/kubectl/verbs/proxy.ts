import type { Command } from '../framework/command.ts';
import { NotSimulated } from '../framework/errors.ts';

export const proxy: Command = {
  notSimulated: 'all of it',
  use: 'proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  short: 'Run a proxy to the Kubernetes API server',
  long: 'Makes the API server reachable on a local port, with the credentials of the kubeconfig.',
  examples: `# The whole API on port 8001
kubectl proxy`,
  run: () => Promise.reject(new NotSimulated('kubectl proxy')),
};
