import { invalid, notSupported, required, type FieldError } from '../../apimachinery/field-error.ts';
import { invalidIpMessage, parseIp } from '../../apimachinery/ip.ts';
import { isDns1123Label, isDns1123Subdomain, isValidPortNumber } from '../../apimachinery/names.ts';
import type { Endpoints } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import { checkName } from './common/validate.ts';
import type { Column } from './kind.ts';

const deprecation = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';

export const endpoints = defineKind<Endpoints>('', 'v1', 'endpoints', {
  defaults({ subsets }) {
    for (const subset of subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
  },

  validate({ subsets = [] }): FieldError[] {
    return subsets.flatMap((subset, i) => {
      const at = `subsets[${i}]`;
      const errors: FieldError[] = [];
      const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
      if (addresses.length + notReadyAddresses.length === 0) {
        errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
      }
      for (const [name, list] of Object.entries({ addresses, notReadyAddresses })) {
        list.forEach((address, j) => errors.push(...validateAddress(address, `${at}.${name}[${j}]`)));
      }
      ports.forEach((port, j) => {
        const where = `${at}.ports[${j}]`;
        if (ports.length > 1 && !port.name) errors.push(required(`${where}.name`));
        else if (port.name) errors.push(...checkName(port.name, `${where}.name`, isDns1123Label));
        errors.push(...isValidPortNumber(port.port).map((m) => invalid(`${where}.port`, port.port, m)));
        if (port.protocol && !['SCTP', 'TCP', 'UDP'].includes(port.protocol)) {
          errors.push(notSupported(`${where}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
        }
      });
      return errors;
    });
  },

  warnings: () => [deprecation],

  columns: [
    nameColumn as Column<Endpoints>,
    column('Endpoints', 'Addresses with ports that serve.', formatEndpoints),
    ageColumn as Column<Endpoints>,
  ],
});

function validateAddress(address: { ip: string; hostname?: string; nodeName?: string }, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const ip = parseIp(address.ip ?? '');
  if (!ip) errors.push(invalid(`${path}.ip`, address.ip, invalidIpMessage));
  else if (ip.family === 4 && ip.value >> 24n === 127n) {
    errors.push(invalid(`${path}.ip`, address.ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  } else if (ip.family === 4 && ip.value >> 16n === 0xa9fen) {
    errors.push(invalid(`${path}.ip`, address.ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  }
  if (address.hostname) errors.push(...checkName(address.hostname, `${path}.hostname`, isDns1123Label));
  if (address.nodeName) errors.push(...checkName(address.nodeName, `${path}.nodeName`, isDns1123Subdomain));
  return errors;
}

/** Three at most, then how many more (formatEndpoints of the printers). */
function formatEndpoints({ subsets = [] }: Endpoints): string {
  const shown: string[] = [];
  let count = 0;
  let more = false;
  for (const { ports = [], addresses = [] } of subsets) {
    const suffixes = ports.length === 0 ? [''] : ports.map((port) => `:${port.port}`);
    for (const suffix of suffixes) {
      for (const { ip } of addresses) {
        const text = ip.includes(':') && suffix ? `[${ip}]${suffix}` : `${ip}${suffix}`;
        if (shown.length === 3) more = true;
        else shown.push(text);
        count++;
      }
    }
  }
  if (shown.length === 0) return '<none>';
  return more ? `${shown.join(',')} + ${count - 3} more...` : shown.join(',');
}
