import type { IIPAddress } from 'kubernetes-models/networking.k8s.io/v1/IPAddress';
import type { IIngressClass } from 'kubernetes-models/networking.k8s.io/v1/IngressClass';
import type { IServiceCIDR } from 'kubernetes-models/networking.k8s.io/v1/ServiceCIDR';
import { invalid, required, type FieldError } from '../../../apimachinery/field-error.ts';
import {
  formatIp,
  invalidCidrMessage,
  invalidIpMessage,
  parseCidr,
  parseIp,
  type ParsedCidr,
} from '../../../apimachinery/ip.ts';
import { isDns1123Subdomain, isPathSegmentName } from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable, checkName, checkRequiredName } from '../common/validate.ts';
import type { Column } from '../kind.ts';

/** Small kinds of the networking group. */

type IngressClass = Kind<IIngressClass>;
type IpAddress = Kind<IIPAddress>;
type ServiceCidr = Kind<IServiceCIDR>;

export const ingressClass = defineKind<IngressClass>('networking.k8s.io', 'v1', 'ingressclasses', {
  defaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },
  validate: ({ spec }) => (spec?.controller ? [] : [required('spec.controller')]),
  validateUpdate: (object, old) => checkImmutable(object.spec?.controller, old.spec?.controller, 'spec.controller'),
  columns: [
    nameColumn as Column<IngressClass>,
    column('Controller', 'Which controller serves the class.', ({ spec }) => spec?.controller ?? ''),
    column('Parameters', 'Object with further settings.', ({ spec }) => {
      const parameters = spec?.parameters;
      if (!parameters) return '<none>';
      const kind = parameters.apiGroup ? `${parameters.kind}.${parameters.apiGroup}` : parameters.kind;
      return `${kind}/${parameters.name}`;
    }),
    ageColumn as Column<IngressClass>,
  ],
});

export const ipAddress = defineKind<IpAddress>('networking.k8s.io', 'v1', 'ipaddresses', {
  generation: false,
  validate({ metadata, spec }) {
    const errors: FieldError[] = [];
    const ip = parseIp(metadata.name);
    if (!ip) errors.push(invalid('metadata.name', metadata.name, invalidIpMessage));
    else if (formatIp(ip) !== metadata.name)
      errors.push(invalid('metadata.name', metadata.name, 'not a valid address in canonical form (RFC 5952)'));
    const parent = spec?.parentRef;
    if (!parent) return [...errors, required('spec.parentRef')];
    const { group, resource, name, namespace } = parent;
    if (group) errors.push(...checkName(group, 'spec.parentRef.group', isDns1123Subdomain));
    errors.push(...checkRequiredName(resource, 'spec.parentRef.resource', isPathSegmentName));
    errors.push(...checkRequiredName(name, 'spec.parentRef.name', isPathSegmentName));
    if (namespace) errors.push(...checkName(namespace, 'spec.parentRef.namespace', isPathSegmentName));
    return errors;
  },
  validateUpdate: (object, old) => checkImmutable(object.spec?.parentRef, old.spec?.parentRef, 'spec.parentRef'),
  columns: [
    nameColumn as Column<IpAddress>,
    column('ParentRef', 'What uses the address.', ({ spec }) => {
      const parent = spec?.parentRef;
      if (!parent) return '<none>';
      return [parent.group, parent.resource, parent.namespace, parent.name].filter(Boolean).join('/');
    }),
  ],
});

export const serviceCidr = defineKind<ServiceCidr>('networking.k8s.io', 'v1', 'servicecidrs', {
  generation: false,
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate({ spec }) {
    const cidrs = spec?.cidrs ?? [];
    if (cidrs.length === 0) return [required('spec.cidrs', 'at least one CIDR required')];
    const errors: FieldError[] = [];
    if (cidrs.length > 2) errors.push(invalid('spec', spec, 'may only hold up to 2 values'));
    const parsed = cidrs.map(parseCidr);
    if (cidrs.length === 2 && parsed[0] && parsed[0].family === parsed[1]?.family)
      errors.push(
        invalid(
          'spec',
          spec,
          'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
        ),
      );
    cidrs.forEach((cidr, i) => {
      const found = parsed[i];
      if (!found) errors.push(invalid(`spec.cidrs[${i}]`, cidr, invalidCidrMessage));
      else if (canonical(found) !== cidr)
        errors.push(
          invalid(`spec.cidrs[${i}]`, cidr, `must be in canonical form (${JSON.stringify(canonical(found))})`),
        );
    });
    return errors;
  },
  validateUpdate: (object, old) => checkImmutable(object.spec?.cidrs, old.spec?.cidrs, 'spec.cidrs'),
  columns: [
    nameColumn as Column<ServiceCidr>,
    column('CIDRs', 'Ranges for addresses of Services.', ({ spec }) => spec?.cidrs?.join(',') ?? ''),
    ageColumn as Column<ServiceCidr>,
  ],
});

/** A range as it is written: its first address and its bits. */
function canonical({ family, value, bits, size }: ParsedCidr): string {
  return `${formatIp({ family, value: value - (value % size) })}/${bits}`;
}
