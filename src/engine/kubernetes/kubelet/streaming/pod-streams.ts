import type { Network } from '../../../network/network.ts';
import type { HttpResponse } from '../../../network/http.ts';
import type { Container } from '../../../runtime/index.ts';
import type { World } from '../../../world/index.ts';
import { badRequest, internalError } from '../../apiserver/errors.ts';
import type { Query } from '../../apiserver/request-info.ts';
import { containerOf, type PodStreams } from '../../apiserver/subresources/streams.ts';
import type { Pod } from '../../types.ts';
import type { Kubelet } from '../kubelet.ts';
import { runAttach, runExec } from './exec.ts';
import { forwardOverSpdy, forwardOverWebSocket, portForwardProtocols } from './port-forward.ts';
import { openRemoteStreams, remoteCommandProtocols, type WantedStreams } from './remote-command.ts';
import { negotiateUpgrade, spdyOver, upgradeResponse } from './upgrade.ts';

/** `pods/exec`, `pods/attach` and `pods/portforward` for all nodes of a cluster. */
export function podStreams(world: World, network: Network, kubelets: ReadonlyMap<string, Kubelet>): PodStreams {
  return {
    exec(pod, query, request) {
      const container = findContainer(pod, query, kubelets);
      const command = query.all('command');
      if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
      const wanted = wantedStreams(query);
      const agreement = negotiateUpgrade(request, remoteCommandProtocols);
      return upgradeResponse(request, agreement, async (connection, cancel) => {
        const streams = await openRemoteStreams(world, agreement, connection, wanted, cancel);
        if (streams) await runExec(world, container, command, streams, wanted, cancel);
      });
    },
    attach(pod, query, request) {
      const container = findContainer(pod, query, kubelets);
      const wanted = wantedStreams(query);
      const agreement = negotiateUpgrade(request, remoteCommandProtocols);
      return upgradeResponse(request, agreement, async (connection, cancel) => {
        const streams = await openRemoteStreams(world, agreement, connection, wanted, cancel);
        if (streams) await runAttach(container, streams, wanted, cancel);
      });
    },
    portforward(pod, query, request): HttpResponse {
      const kubelet = kubeletOf(pod, kubelets);
      const sandbox = kubelet.worker(pod)?.sandbox;
      if (!sandbox) throw internalError(`unable to upgrade connection: pod does not exist`);
      const target = { world, network, net: sandbox.net };
      const agreement = negotiateUpgrade(request, portForwardProtocols);
      if (agreement.transport !== 'websocket')
        return upgradeResponse(request, agreement, (connection, cancel) =>
          forwardOverSpdy(target, spdyOver(world, agreement, connection), cancel),
        );
      const ports = forwardedPorts(query);
      return upgradeResponse(request, agreement, (connection, cancel) =>
        forwardOverWebSocket(target, agreement.protocol, ports, connection, cancel),
      );
    },
  };
}

/** Streams that the query asks for; a terminal has no separate stderr. @throws ApiError BadRequest */
function wantedStreams(query: Query): WantedStreams {
  const tty = query.bool('tty');
  const wanted = {
    stdin: query.bool('stdin'),
    stdout: query.bool('stdout'),
    stderr: query.bool('stderr') && !tty,
    tty,
  };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr)
    throw badRequest('you must specify at least one of stdin, stdout, stderr');
  return wanted;
}

function forwardedPorts(query: Query): number[] {
  const texts = query.all('ports').flatMap((text) => text.split(','));
  if (texts.length === 0) throw badRequest('query parameter "ports" is required');
  return texts.map((text) => {
    const port = /^\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(port)) throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`);
    if (port < 1 || port > 65_535) throw badRequest(`port ${JSON.stringify(text)} must be > 0`);
    return port;
  });
}

function kubeletOf(pod: Pod, kubelets: ReadonlyMap<string, Kubelet>): Kubelet {
  const node = pod.spec.nodeName;
  if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const kubelet = kubelets.get(node);
  if (!kubelet?.running)
    throw internalError(
      `error dialing backend: dial tcp ${kubelet?.ip ?? pod.status.hostIP ?? node}:10250: connect: no route to host`,
    );
  return kubelet;
}

function findContainer(pod: Pod, query: Query, kubelets: ReadonlyMap<string, Kubelet>): Container {
  const name = containerOf(pod, query.get('container'));
  const container = kubeletOf(pod, kubelets).worker(pod)?.records.get(name)?.current;
  if (container?.state !== 'running')
    throw internalError(`unable to upgrade connection: container not found ("${name}")`);
  return container;
}
