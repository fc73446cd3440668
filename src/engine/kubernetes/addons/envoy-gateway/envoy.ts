import { AddressInUse, type HttpRequest, type Listener } from '../../../network/index.ts';
import type { Program } from '../../../process/index.ts';
import {
  httpSocket,
  requestTarget,
  textResponse,
  untilSignal,
  whileListening,
} from '../../../programs/servers/service.ts';
import type { Client } from '../../client.ts';
import { hostMatches, specificity } from '../gateway-api/hostname.ts';
import type { GatewayTable, PortTable } from '../gateway-api/table.ts';
import { ServiceEndpoints } from '../reverse-proxy/service-endpoints.ts';
import { containerPort, DataPlane } from './data-plane.ts';

/** What the control plane has for its proxies (xDS), by gateway. It outlives the control plane, as proxies' copies do. */
export class Tables {
  readonly #tables = new Map<string, { text: string; table: GatewayTable }>();
  readonly #listeners = new Set<() => void>();

  get(gateway: string): GatewayTable | undefined {
    return this.#tables.get(gateway)?.table;
  }

  set(gateway: string, table: GatewayTable | undefined): void {
    const text = table ? JSON.stringify(table) : '';
    if ((this.#tables.get(gateway)?.text ?? '') === text) return;
    if (table) this.#tables.set(gateway, { text, table });
    else this.#tables.delete(gateway);
    for (const listener of [...this.#listeners]) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** envoy: the data plane of one Gateway, named by `--service-cluster namespace/name`. */
export function envoyProgram(client: Client, tables: Tables): Program {
  return async (process) => {
    const { argv, machine } = process;
    const at = argv.indexOf('--service-cluster');
    const gateway = at >= 0 ? (argv[at + 1] ?? '') : '';
    const plane = new DataPlane(process, new ServiceEndpoints(client));
    const open = new Map<number, { listener: Listener; protocol: string }>();
    const log = (level: string, source: string, text: string) =>
      process.printError(`[${new Date(process.world.clock.now()).toISOString().slice(0, 23).replace('T', ' ')}][${process.pid}][${level}][${source}] ${text}\n`); // prettier-ignore
    const tableOf = (port: number): PortTable | undefined => tables.get(gateway)?.ports.find((p) => p.port === port);
    const update = () => {
      const wanted = new Map((tables.get(gateway)?.ports ?? []).map((p) => [p.port, p.protocol] as const));
      for (const [port, { listener, protocol }] of open)
        if (wanted.get(port) !== protocol) {
          listener.close();
          open.delete(port);
        }
      for (const [port, protocol] of wanted) {
        if (open.has(port)) continue;
        const http = (request: HttpRequest) => {
          const table = tableOf(port);
          return table ? plane.handle(table, request) : textResponse(404, '');
        };
        const certificateFor = (name: string) =>
          [...(tableOf(port)?.listeners ?? [])]
            .filter(({ hostname }) => hostMatches(hostname, name))
            .sort((a, b) => specificity(b.hostname) - specificity(a.hostname))[0]?.certificate;
        const server = protocol === 'HTTPS' ? { protocol: 'https' as const, http, certificateFor } : { protocol: 'http' as const, http }; // prettier-ignore
        try {
          const listener = machine.net.listen(containerPort(port), server, undefined, {
            pid: process.pid,
            name: 'envoy',
          });
          open.set(port, { listener, protocol });
        } catch (error) {
          if (!(error instanceof AddressInUse)) throw error;
          void log('warning', 'config', `listener: ${error.message}`);
        }
      }
      void log('info', 'upstream', `lds: add/update listeners ${[...open.keys()].join(', ')}`);
    };
    await log('info', 'main', 'initializing epoch 0 (base id=0, hot restart version=disabled)');
    const undo = tables.onChange(update);
    const ready = httpSocket(
      19_003,
      (request) =>
      requestTarget(request).path === '/ready' ? (tables.get(gateway) ? textResponse(200, 'LIVE\n') : textResponse(503, 'PRE_INITIALIZING\n')) : textResponse(404, ''), // prettier-ignore
    );
    try {
      return await whileListening(process, [ready], async () => {
        update();
        await log('info', 'main', 'all dependencies initialized. starting workers');
        await untilSignal(process, ['SIGTERM', 'SIGINT']);
        await log('warning', 'main', 'caught ENVOY_SIGTERM');
        await log('info', 'main', 'exiting');
        return 0;
      });
    } finally {
      undo();
      for (const { listener } of open.values()) listener.close();
    }
  };
}
