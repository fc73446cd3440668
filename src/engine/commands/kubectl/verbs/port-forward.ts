import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';
import type { Live } from '../describe/describer.ts';
import { live, wellKnown } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, NotSimulated, usageError } from '../framework/errors.ts';
import { completePods } from '../framework/pod-completion.ts';
import { findPod } from './exec.ts';

export const portForward: Command = {
  notSimulated: 'the forwarding itself; arguments, Pod and ports are checked',
  use: 'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  short: 'Forward one or more local ports to a pod',
  long: 'Forwards connections to local ports into a pod. With a workload or service as the target, one of its pods is chosen; forwarding ends with that pod.',
  examples: `# Local ports 5000 and 6000 to the same ports of the pod
kubectl port-forward pod/mypod 5000 6000

# Local port 8443 to the port of the service's pod that its port "https" targets
kubectl port-forward service/myservice 8443:https

# Local port 8888 to port 5000 of the pod, on all addresses
kubectl port-forward --address 0.0.0.0 pod/mypod 8888:5000`,
  flags: [
    {
      name: 'address',
      type: 'stringSlice',
      default: ['localhost'],
      usage: 'Addresses to listen on (IP addresses or localhost).',
    },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 60_000,
      usage: 'How long to wait for a pod to run (e.g. 5s, 2m, or 3h).',
    },
  ],
  complete: completePods,
  async run(context) {
    const { args, flags } = context;
    if (args.length < 2) throw usageError(context, 'TYPE/NAME and list of ports are required for port-forward');
    const [resource = '', ...ports] = args;
    for (const address of flags.strings('address'))
      if (address !== 'localhost' && !/^[0-9a-fA-F.:]+$/.test(address))
        throw new CommandError(`${address} is not a valid IP`);
    const pod = await findPod(context, resource, [], flags.duration('pod-running-timeout'));
    const { phase } = pod.status;
    for (const port of ports) await remotePort(context, resource, pod, port);
    if (phase !== 'Running')
      throw new CommandError(`unable to forward port because pod is not running. Current status=${phase}`);
    throw new NotSimulated('kubectl port-forward');
  },
};

/** The container port for `LOCAL:REMOTE`, where REMOTE may be a Service's port or a name. @throws CommandError */
async function remotePort({ factory }: Context, resource: string, pod: Live<IPod>, text: string): Promise<string> {
  const parts = text.split(':');
  if (parts.length > 2 || parts.at(-1) === '') throw new CommandError(`Invalid port format '${text}'`);
  const remote = parts.at(-1)!;
  const [type = '', name = ''] = resource.split('/');
  const byName = (wanted: string) =>
    pod.spec.containers.flatMap((c) => c.ports ?? []).find((port) => port.name === wanted)?.containerPort;
  if (/^(svc|services?)$/.test(type)) {
    const service = live<IService>(await factory.client().get(wellKnown.services, pod.metadata.namespace ?? '', name));
    const port = service.spec.ports?.find((p) => String(p.port) === remote || p.name === remote);
    if (!port) throw new CommandError(`Service ${name} does not have a service port ${remote}`);
    const target = port.targetPort ?? port.port;
    return String(typeof target === 'number' ? target : (byName(target) ?? target));
  }
  if (/^\d+$/.test(remote)) return remote;
  const port = byName(remote);
  if (port === undefined) throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${remote}'`);
  return String(port);
}
