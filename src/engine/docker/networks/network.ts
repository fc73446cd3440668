import { rfc3339Nano } from '../time.ts';
import { AddressPool, formatIp, formatSubnet } from './ipam.ts';

/** A container's place in a network. */
export interface Endpoint {
  networkName: string;
  networkId: string;
  /** '' while the container doesn't run. */
  endpointId: string;
  /** Dotted; '' while the container doesn't run. */
  ip: string;
  mac: string;
  /** What the user asked for. */
  aliases: string[];
  links: string[];
  ipamConfig: { IPv4Address?: string } | null;
  driverOpts: Record<string, string> | null;
  /** Asked for with `network connect`: lists come back empty instead of null. */
  connectedLater: boolean;
  wantedMac: string;
}

export interface IpamBlock {
  Subnet: string;
  Gateway?: string;
  IPRange?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

/** A Docker network. */
export class DockerNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly created: number;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly options: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly ipamOptions: Record<string, string> | null;
  readonly blocks: readonly IpamBlock[];
  /** The user chose the subnet, so that containers may choose addresses. */
  readonly userSubnet: boolean;
  /** Undefined for host and none. */
  readonly pool: AddressPool | undefined;

  constructor(options: {
    id: string;
    name: string;
    driver: string;
    created: number;
    internal?: boolean;
    attachable?: boolean;
    options?: Record<string, string>;
    labels?: Record<string, string>;
    ipamOptions?: Record<string, string> | null;
    blocks?: readonly IpamBlock[];
    userSubnet?: boolean;
    pool?: AddressPool;
  }) {
    this.id = options.id;
    this.name = options.name;
    this.driver = options.driver;
    this.created = options.created;
    this.internal = options.internal ?? false;
    this.attachable = options.attachable ?? false;
    this.options = options.options ?? {};
    this.labels = options.labels ?? {};
    this.ipamOptions = options.ipamOptions === undefined ? {} : options.ipamOptions;
    this.userSubnet = options.userSubnet ?? false;
    this.pool = options.pool;
    const { pool } = options;
    this.blocks =
      options.blocks ?? (pool ? [{ Subnet: formatSubnet(pool.subnet), Gateway: formatIp(pool.gateway) }] : []);
  }

  get predefined(): boolean {
    return ['bridge', 'host', 'none'].includes(this.name);
  }

  /** Has name resolution of its own. */
  get userDefined(): boolean {
    return !this.predefined;
  }

  get gateway(): string {
    return this.pool ? formatIp(this.pool.gateway) : '';
  }

  get bits(): number {
    return this.pool?.subnet.bits ?? 0;
  }

  json(containers: Record<string, unknown>): Record<string, unknown> {
    return {
      Name: this.name,
      Id: this.id,
      Created: rfc3339Nano(this.created),
      Scope: 'local',
      Driver: this.driver,
      EnableIPv4: true,
      EnableIPv6: false,
      IPAM: { Driver: 'default', Options: this.ipamOptions, Config: this.blocks.length > 0 ? this.blocks : null },
      Internal: this.internal,
      Attachable: this.attachable,
      Ingress: false,
      ConfigFrom: { Network: '' },
      ConfigOnly: false,
      Containers: containers,
      Options: this.options,
      Labels: this.labels,
    };
  }
}
