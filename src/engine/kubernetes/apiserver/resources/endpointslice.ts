import {
  duplicate,
  invalid,
  notSupported,
  required,
  tooMany,
  type FieldError,
} from '../../apimachinery/field-error.ts';
import { invalidIpMessage, parseIp } from '../../apimachinery/ip.ts';
import { isDns1123Label, isDns1123Subdomain, isValidPortNumber } from '../../apimachinery/names.ts';
import type { EndpointSlice } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import { checkImmutable, checkName } from './common/validate.ts';
import type { Column } from './kind.ts';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

export const endpointSlice = defineKind<EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', {
  defaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ||= 'TCP';
    }
  },

  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },

  validate({ addressType, endpoints = [], ports = [] }): FieldError[] {
    const errors: FieldError[] = [];
    const type: string = addressType ?? '';
    if (!type) errors.push(required('addressType'));
    else if (!addressTypes.includes(type)) errors.push(notSupported('addressType', type, addressTypes));
    const list = endpoints ?? [];
    if (list.length > 1000) errors.push(tooMany('endpoints', list.length, 1000));
    list.forEach((endpoint, i) => {
      const at = `endpoints[${i}]`;
      if (!endpoint.addresses?.length) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'));
      endpoint.addresses?.forEach((address, j) =>
        errors.push(...validateAddress(address, type, `${at}.addresses[${j}]`)),
      );
      if (endpoint.nodeName !== undefined)
        errors.push(...checkName(endpoint.nodeName, `${at}.nodeName`, isDns1123Subdomain));
      if (endpoint.hostname !== undefined)
        errors.push(...checkName(endpoint.hostname, `${at}.hostname`, isDns1123Label));
    });
    const names = new Set<string>();
    ports?.forEach((port, i) => {
      const at = `ports[${i}]`;
      const name = port.name ?? '';
      if (name) errors.push(...checkName(name, `${at}.name`, isDns1123Label));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
      if (port.port !== undefined)
        errors.push(...isValidPortNumber(port.port).map((m) => invalid(`${at}.port`, port.port, m)));
      const protocol: string = port.protocol ?? '';
      if (!['SCTP', 'TCP', 'UDP'].includes(protocol))
        errors.push(notSupported(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
    });
    return errors;
  },

  validateUpdate: (object, old) => checkImmutable(object.addressType, old.addressType, 'addressType'),

  columns: [
    nameColumn as Column<EndpointSlice>,
    column('AddressType', 'What its addresses are.', ({ addressType }) => addressType),
    column('Ports', 'Port numbers.', ({ ports }) =>
      ports?.length ? upToThree(ports.map((p) => (p.port === undefined ? '*' : String(p.port)))) : '<unset>',
    ),
    column('Endpoints', 'Addresses.', ({ endpoints }) =>
      endpoints?.length ? upToThree(endpoints.flatMap((e) => e.addresses ?? [])) : '<unset>',
    ),
    ageColumn as Column<EndpointSlice>,
  ],
});

function validateAddress(address: string, type: string, path: string): FieldError[] {
  if (type === 'FQDN') return checkName(address, path, isDns1123Subdomain);
  const ip = parseIp(address);
  if (!ip) return [invalid(path, address, invalidIpMessage)];
  if (type === 'IPv4' && ip.family !== 4) return [invalid(path, address, 'must be an IPv4 address')];
  if (type === 'IPv6' && ip.family !== 6) return [invalid(path, address, 'must be an IPv6 address')];
  return [];
}

function upToThree(items: readonly string[]): string {
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}
