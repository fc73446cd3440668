import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice';
import type { Live } from './describer.ts';
import { joinHostPort } from './format.ts';

const shown = 3;

/** `10.244.1.2:80,10.244.2.2:80 + 1 more...`: the ready endpoints of a Service's port. */
export function endpointsText(slices: readonly Live<IEndpointSlice>[], portName: string): string {
  if (slices.length === 0) return '<none>';
  const addresses: string[] = [];
  let isCut = false;
  for (const { endpoints, ports = [] } of slices) {
    // Headless Services may have no ports.
    const targets = ports.length === 0 ? [undefined] : ports.filter((port) => (port.name ?? '') === portName);
    for (const port of targets)
      for (const { addresses: list, conditions } of endpoints ?? []) {
        if (addresses.length >= shown) isCut = true;
        if (conditions?.ready === false) continue;
        addresses.push(port ? joinHostPort(list[0] ?? '', port.port ?? 0) : (list[0] ?? ''));
      }
  }
  const text = addresses.slice(0, shown).join(',');
  return isCut ? `${text} + ${addresses.length - shown} more...` : text;
}
