import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';
import type { Live } from '../describe/describer.ts';
import { live, wellKnown } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, usageError } from '../framework/errors.ts';
import { completePods } from '../framework/completion.ts';
import { forward, listenAddresses, type ForwardedPort } from '../workloads/forward.ts';
import { findPod } from './exec.ts';

export const portForward: Command = {
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
    const addresses = listenAddresses(flags.strings('address'));
    const pod = await findPod(context, resource, [], flags.duration('pod-running-timeout'));
    const translated: ForwardedPort[] = [];
    for (const port of ports) translated.push(await forwardedPort(context, resource, pod, port));
    const { phase } = pod.status;
    if (phase !== 'Running')
      throw new CommandError(`unable to forward port because pod is not running. Current status=${phase}`);
    await forward(context, pod, addresses, translated);
  },
};

/** What `LOCAL:REMOTE` means, where REMOTE may be a Service's port or a name. @throws CommandError */
async function forwardedPort(
  { factory }: Context,
  resource: string,
  pod: Live<IPod>,
  text: string,
): Promise<ForwardedPort> {
  const parts = text.split(':');
  // Anything but a pair is one port, twice: that of the front.
  let [local = '', remote = ''] = parts.length === 2 ? parts : [parts[0]!, parts[0]!];
  const byName = (wanted: string) =>
    pod.spec.containers.flatMap((c) => c.ports ?? []).find((port) => port.name === wanted)?.containerPort;
  const [type = '', name = ''] = resource.split('/');
  const isNumber = /^\d+$/.test(remote);
  if (/^(svc|services?)$/.test(type)) {
    const service = live<IService>(await factory.client().get(wellKnown.services, pod.metadata.namespace ?? '', name));
    const ports = service.spec.ports ?? [];
    const port = ports.find((p) => (isNumber ? p.port === Number(remote) : p.name === remote));
    if (!port)
      throw new CommandError(
        isNumber
          ? `Service ${name} does not have a service port ${remote}`
          : `Service '${name}' does not have a named port '${remote}'`,
      );
    if (port.protocol === 'UDP') throw new CommandError(`UDP protocol is not supported for ${remote}`);
    if (local === remote) local = String(port.port);
    const target = port.targetPort ?? port.port;
    // Without a proxy in between, a headless Service's own port is the Pod's.
    const number = service.spec.clusterIP === 'None' ? port.port : typeof target === 'number' ? target : byName(target);
    if (number === undefined)
      throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${target}'`);
    remote = String(number);
  } else if (!isNumber && remote !== '') {
    const number = byName(remote);
    if (number === undefined)
      throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${remote}'`);
    if (local === remote) local = String(number);
    remote = String(number);
  }
  return { local: portNumber('local', local === '' && parts.length === 2 ? '0' : local), remote: remotePort(remote) };
}

function remotePort(text: string): number {
  const port = portNumber('remote', text);
  if (port === 0) throw new CommandError('remote port must be > 0');
  return port;
}

function portNumber(which: string, text: string): number {
  const problem = !/^[+-]?\d+$/.test(text)
    ? 'invalid syntax'
    : Number(text) < 0 || Number(text) > 65_535
      ? 'value out of range'
      : undefined;
  if (!problem) return Number(text);
  if (Number(text) < 0) return portNumber(which, '-');
  throw new CommandError(
    `error parsing ${which} port '${text}': strconv.ParseUint: parsing ${JSON.stringify(text)}: ${problem}`,
  );
}
