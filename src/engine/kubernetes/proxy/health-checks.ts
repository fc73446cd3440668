import { AddressInUse, type Listener, type NetworkNamespace } from '../../network/index.ts';
import { textResponse } from '../../programs/servers/service.ts';
import { categorize, type ProxyNode, type ServiceModel } from './model.ts';

/** Ports on which load balancers ask whether a node has endpoints of a Service (`healthCheckNodePort`). */
export class HealthChecks {
  readonly #net: NetworkNamespace;
  readonly #model: ServiceModel;
  readonly #node: ProxyNode;
  readonly #open = new Map<number, Listener>();
  #revision = -1;

  constructor(net: NetworkNamespace, model: ServiceModel, node: ProxyNode) {
    this.#net = net;
    this.#model = model;
    this.#node = node;
  }

  /** Opens and closes ports as Services come and go. */
  update(): void {
    const model = this.#model;
    const keys = this.#revision < 0 ? model.keys() : model.changedSince(this.#revision);
    this.#revision = model.revision;
    for (const key of keys) {
      const port = model.healthCheckPort(key);
      for (const [open, listener] of this.#open)
        if (listener.owner?.name === key && open !== port) {
          listener.close();
          this.#open.delete(open);
        }
      if (port !== 0 && !this.#open.has(port)) this.#listen(key, port);
    }
  }

  #listen(key: string, port: number): void {
    const http = () => {
      const [first] = this.#model.ports(key);
      const local = first ? categorize(first, this.#node).local.length : 0;
      const [namespace, name] = key.split('/');
      const body = {
        service: { namespace, name },
        localEndpoints: local,
        serviceProxyHealthy: true,
      };
      return textResponse(local > 0 ? 200 : 503, JSON.stringify(body, undefined, '\t'), {
        'content-type': 'application/json',
        'x-load-balancing-endpoint-weight': String(local),
      });
    };
    try {
      this.#open.set(port, this.#net.listen(port, { protocol: 'http', http }, undefined, { pid: 1, name: key }));
    } catch (error) {
      // Somebody else has the port: the load balancer will find the node unhealthy.
      if (!(error instanceof AddressInUse)) throw error;
    }
  }

  close(): void {
    for (const listener of this.#open.values()) listener.close();
    this.#open.clear();
  }
}
