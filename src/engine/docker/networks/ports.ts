import { AddressInUse } from '../../network/index.ts';
import type { DockerContainer, PublishedPort } from '../containers/container.ts';
import { serverError } from '../errors.ts';
import type { DockerNetworkDriver } from './driver.ts';

/** Ports that the kernel hands out: where random host ports come from. */
const ephemeral = { first: 32_768, last: 60_999 };

interface Taken {
  ip: string;
  port: number;
  protocol: string;
}

/** Which host ports lead to containers. */
export class PortAllocator {
  readonly #taken: Taken[] = [];
  /** Each address has its own counter. */
  readonly #next = new Map<string, number>();

  #conflicts(ip: string, port: number, protocol: string): boolean {
    const any = (address: string) => address === '0.0.0.0' || address === '';
    return this.#taken.some((t) => t.port === port && t.protocol === protocol && (t.ip === ip || any(t.ip) || any(ip)));
  }

  /** @throws EngineError when the port, or all of a range, are in use */
  allocate(ip: string, first: number, last: number, protocol: string): number {
    if (first === 0) {
      for (let tries = 0; tries <= ephemeral.last - ephemeral.first; tries++) {
        const port = this.#next.get(ip) ?? ephemeral.first;
        this.#next.set(ip, port === ephemeral.last ? ephemeral.first : port + 1);
        if (this.#conflicts(ip, port, protocol)) continue;
        this.#taken.push({ ip, port, protocol });
        return port;
      }
      throw serverError('all ports are allocated');
    }
    for (let port = first; port <= last; port++) {
      if (this.#conflicts(ip, port, protocol)) continue;
      this.#taken.push({ ip, port, protocol });
      return port;
    }
    if (last > first) throw serverError('all ports are allocated');
    throw serverError(`Bind for ${ip}:${first} failed: port is already allocated`);
  }

  release(ip: string, port: number, protocol: string): void {
    const at = this.#taken.findIndex((t) => t.ip === ip && t.port === port && t.protocol === protocol);
    if (at >= 0) this.#taken.splice(at, 1);
  }

  snapshot(): unknown {
    return [this.#taken, this.#next];
  }
}

export function splitPort(text: string): { port: number; protocol: string } {
  const [port = '', protocol = 'tcp'] = text.split('/');
  return { port: Number(port), protocol };
}

/** The order in which ports are published and shown: by number, then protocol. */
export function byPort(a: string, b: string): number {
  const left = splitPort(a);
  const right = splitPort(b);
  return left.port - right.port || (left.protocol < right.protocol ? -1 : left.protocol > right.protocol ? 1 : 0);
}

/**
 * Publishes a container's ports: those it asks for, and with `-P` those that are exposed.
 * @throws EngineError after giving back what had been taken
 */
export function publishPorts(
  allocator: PortAllocator,
  driver: DockerNetworkDriver,
  container: DockerContainer,
  { ip, gateway }: { ip: string; gateway: string },
): PublishedPort[] {
  const { hostConfig, config } = container;
  const published: PublishedPort[] = [];
  const wanted: { key: string; hostIp: string; hostPort: string }[] = [];
  for (const [key, bindings] of Object.entries(hostConfig.PortBindings))
    for (const { HostIp, HostPort } of bindings ?? []) wanted.push({ key, hostIp: HostIp, hostPort: HostPort });
  if (hostConfig.PublishAllPorts)
    for (const key of Object.keys(config.ExposedPorts ?? {}))
      if (!wanted.some((w) => w.key === key)) wanted.push({ key, hostIp: '', hostPort: '' });
  wanted.sort((a, b) => byPort(a.key, b.key));
  // Ports that were named are taken before any that may be chosen.
  const inOrder = [
    ...wanted.filter((w) => !['', '0'].includes(w.hostPort)),
    ...wanted.filter((w) => ['', '0'].includes(w.hostPort)),
  ];
  try {
    for (const { key, hostIp, hostPort } of inOrder) {
      const { port: containerPort, protocol } = splitPort(key);
      const [first = '0', last = first] = (hostPort || '0').split('-');
      const families = hostIp === '' ? ['0.0.0.0', '::'] : [hostIp];
      const port = allocator.allocate(families[0]!, Number(first), Number(last), protocol);
      let close = () => {};
      try {
        close = driver.publish({
          hostIp: families[0]!,
          hostPort: port,
          ip,
          containerPort,
          protocol,
          namespace: container.namespace!,
          gateway,
        });
      } catch (error) {
        allocator.release(families[0]!, port, protocol);
        if (!(error instanceof AddressInUse)) throw error;
        throw serverError(
          `failed to bind host port for ${families[0]!}:${port}:${ip}:${containerPort}/${protocol}: address already in use`,
        );
      }
      families.forEach((family, i) =>
        published.push({
          hostIp: family,
          hostPort: port,
          containerPort,
          protocol,
          close: () => {
            if (i > 0) return;
            close();
            allocator.release(family, port, protocol);
          },
        }),
      );
    }
  } catch (error) {
    for (const port of published) port.close();
    throw error;
  }
  return published.sort(
    (a, b) => a.containerPort - b.containerPort || (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0),
  );
}

/** `NetworkSettings.Ports`: all exposed and published ports, null for those that lead nowhere. */
export function portMap(container: DockerContainer): Record<string, { HostIp: string; HostPort: string }[] | null> {
  if (!container.running) return {};
  const keys = new Set([
    ...Object.keys(container.config.ExposedPorts ?? {}),
    ...Object.keys(container.hostConfig.PortBindings),
  ]);
  const map: Record<string, { HostIp: string; HostPort: string }[] | null> = {};
  for (const key of [...keys].sort(byPort)) {
    const { port, protocol } = splitPort(key);
    const own = container.published.filter((p) => p.containerPort === port && p.protocol === protocol);
    map[key] = own.length > 0 ? own.map((p) => ({ HostIp: p.hostIp, HostPort: String(p.hostPort) })) : null;
  }
  return map;
}
