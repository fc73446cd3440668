import type { IIPAddress } from 'kubernetes-models/networking.k8s.io/v1/IPAddress';
import type { IIngressClass } from 'kubernetes-models/networking.k8s.io/v1/IngressClass';
import type { IServiceCIDR } from 'kubernetes-models/networking.k8s.io/v1/ServiceCIDR';
import { invalid, required } from '../../../apimachinery/field-error.ts';
import { invalidCidrMessage, parseCidr } from '../../../apimachinery/ip.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable } from '../common/validate.ts';
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
  validate: ({ spec }) =>
    spec?.cidrs?.length
      ? spec.cidrs.flatMap((cidr, i) =>
          parseCidr(cidr) ? [] : [invalid(`spec.cidrs[${i}]`, cidr, invalidCidrMessage)],
        )
      : [required('spec.cidrs', 'at least one CIDR required')],
  validateUpdate: (object, old) => checkImmutable(object.spec?.cidrs, old.spec?.cidrs, 'spec.cidrs'),
  columns: [
    nameColumn as Column<ServiceCidr>,
    column('CIDRs', 'Ranges for addresses of Services.', ({ spec }) => spec?.cidrs?.join(',') ?? ''),
    ageColumn as Column<ServiceCidr>,
  ],
});
