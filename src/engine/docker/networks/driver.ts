import type { NetworkNamespace } from '../../network/index.ts';
import type { DockerNetwork } from './network.ts';

/**
 * What the Engine needs of the simulated network: a namespace for each container, bridges, and host ports that lead
 * to containers.
 */
export interface DockerNetworkDriver {
  createBridge(network: DockerNetwork): void;
  removeBridge(network: DockerNetwork): void;
  createNamespace(containerId: string): NetworkNamespace;
  removeNamespace(namespace: NetworkNamespace): void;
  /** Gives a container an interface in the network. */
  connect(namespace: NetworkNamespace, network: DockerNetwork, ip: string, mac: string): void;
  disconnect(namespace: NetworkNamespace, network: DockerNetwork, ip: string): void;
  /** Makes a host port lead to a container's. @throws AddressInUse when a program of the host has it */
  publish(port: {
    hostIp: string;
    hostPort: number;
    ip: string;
    containerPort: number;
    protocol: string;
    namespace: NetworkNamespace;
    /** The host's address in the container's network. */
    gateway: string;
  }): () => void;
}
