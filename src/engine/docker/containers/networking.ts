import type { DockerEngine } from '../engine.ts';
import { conflict, EngineError } from '../errors.ts';
import { serveDns } from '../networks/embedded-dns.ts';
import { publishPorts } from '../networks/ports.ts';
import type { DockerContainer } from './container.ts';

/** @throws EngineError `failed to set up container networking: …` */
export function connectNetworks(engine: DockerEngine, container: DockerContainer): void {
  const mode = container.hostConfig.NetworkMode;
  if (mode.startsWith('container:')) {
    let other: DockerContainer;
    try {
      other = engine.containers.find(mode.slice('container:'.length));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw new EngineError(error.status, `joining network namespace of container: ${error.message}`);
    }
    if (!other.running)
      throw conflict(
        `cannot join network namespace of a non running container: container ${other.name} is ${other.status}`,
      );
    container.namespace = other.namespace;
    return;
  }
  container.sandboxId = engine.world.random.stream('docker networks').hex(64);
  container.namespace = mode === 'host' ? engine.host.net : engine.networks.driver.createNamespace(container.id);
  if (mode !== 'host') serveDns(engine, container, container.namespace);
  const wrap = (status: number, text: string) =>
    new EngineError(status, `failed to set up container networking: ${text}`);
  try {
    for (const endpoint of container.endpoints.values()) engine.networks.attach(container, endpoint);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw wrap(error.status, error.message);
  }
  if (mode === 'host' || mode === 'none') return;
  const bridge = [...container.endpoints.values()].find((endpoint) => endpoint.ip !== '');
  if (!bridge) return;
  try {
    container.published = publishPorts(engine.ports, engine.networks.driver, container, {
      ip: bridge.ip,
      gateway: engine.networks.find(bridge.networkName).gateway,
    });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw wrap(
      error.status,
      `driver failed programming external connectivity on endpoint ${container.name} (${bridge.endpointId}): ${error.message}`,
    );
  }
  engine.updateNames(container);
}

/** Gives back ports and addresses. */
export function disconnectNetworks(engine: DockerEngine, container: DockerContainer): void {
  for (const port of container.published) port.close();
  container.published = [];
  container.sandboxId = '';
  for (const endpoint of container.endpoints.values()) engine.networks.detach(container, endpoint);
  const mode = container.hostConfig.NetworkMode;
  if (container.namespace && mode !== 'host' && !mode.startsWith('container:'))
    engine.networks.driver.removeNamespace(container.namespace);
  container.namespace = undefined;
}
