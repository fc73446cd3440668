import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import type { IIngressBackend } from 'kubernetes-models/networking.k8s.io/v1/IngressBackend';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { parseIp } from '../../../apimachinery/ip.ts';
import {
  isDns1035Label,
  isDns1123Subdomain,
  isValidPortName,
  isValidPortNumber,
  isWildcardDns1123Subdomain,
} from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName } from '../common/validate.ts';
import type { Column } from '../kind.ts';

type Ingress = Kind<IIngress>;

const classAnnotation = 'kubernetes.io/ingress.class';
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEndings = ['/..', '/.'];

export const ingress = defineKind<Ingress>('networking.k8s.io', 'v1', 'ingresses', {
  prepareForCreate(draft) {
    draft.status = { loadBalancer: {} };
    draft.metadata.generation = 1;
  },

  validate(object): FieldError[] {
    const { spec } = object;
    const errors: FieldError[] = [];
    if (!spec?.rules?.length && !spec?.defaultBackend) {
      errors.push(invalid('spec', spec?.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
    }
    if (spec?.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
    spec?.rules?.forEach((rule, i) => {
      const at = `spec.rules[${i}]`;
      if (rule.host) errors.push(...validateHost(rule.host, `${at}.host`));
      if (!rule.http) return;
      if (!rule.http.paths?.length) errors.push(required(`${at}.http.paths`));
      rule.http.paths?.forEach((path, j) => errors.push(...validatePath(path, `${at}.http.paths[${j}]`)));
    });
    spec?.tls?.forEach((tls, i) => {
      if (tls.secretName) errors.push(...checkName(tls.secretName, `spec.tls[${i}].secretName`, isDns1123Subdomain));
      tls.hosts?.forEach((host, j) => errors.push(...validateHost(host, `spec.tls[${i}].hosts[${j}]`, false)));
    });
    if (spec?.ingressClassName !== undefined) {
      errors.push(...checkName(spec.ingressClassName, 'spec.ingressClassName', isDns1123Subdomain));
      const annotated = object.metadata.annotations?.[classAnnotation];
      if (annotated !== undefined && annotated !== spec.ingressClassName) {
        const path = `annotations[${classAnnotation}]`;
        errors.push(invalid(path, annotated, 'must match `ingressClassName` when both are specified'));
      }
    }
    return errors;
  },

  warnings: ({ metadata }) =>
    metadata.annotations?.[classAnnotation] === undefined
      ? []
      : [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`],

  columns: [
    nameColumn as Column<Ingress>,
    column(
      'Class',
      'Which controller serves it.',
      ({ metadata, spec }) => spec?.ingressClassName ?? metadata.annotations?.[classAnnotation] ?? '<none>',
    ),
    column('Hosts', 'Host names it answers to.', hosts),
    column('Address', 'Where it is reached.', ({ status }) =>
      (status?.loadBalancer?.ingress ?? [])
        .map((i) => i.ip || i.hostname || '')
        .filter(Boolean)
        .join(','),
    ),
    column('Ports', 'Ports it listens on.', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    ageColumn as Column<Ingress>,
  ],
});

function validateHost(host: string, path: string, refuseIp = true): FieldError[] {
  if (refuseIp && parseIp(host)) return [invalid(path, host, 'must be a DNS name, not an IP address')];
  return checkName(host, path, host.includes('*') ? isWildcardDns1123Subdomain : isDns1123Subdomain);
}

function validatePath(
  { path = '', pathType, backend }: { path?: string; pathType?: string; backend: IIngressBackend },
  at: string,
): FieldError[] {
  if (!pathType) return [required(`${at}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) errors.push(invalid(`${at}.path`, path, 'must be an absolute path'));
    if (path !== '') {
      for (const sequence of forbiddenSequences) {
        if (path.includes(sequence)) errors.push(invalid(`${at}.path`, path, `must not contain '${sequence}'`));
      }
      for (const ending of forbiddenEndings) {
        if (path.endsWith(ending)) errors.push(invalid(`${at}.path`, path, `cannot end with '${ending}'`));
      }
    }
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) errors.push(invalid(`${at}.path`, path, 'must be an absolute path'));
  } else {
    errors.push(notSupported(`${at}.pathType`, pathType, pathTypes));
  }
  return [...errors, ...validateBackend(backend ?? {}, `${at}.backend`)];
}

function validateBackend(backend: IIngressBackend, at: string): FieldError[] {
  const { service, resource } = backend;
  if (service && resource) return [invalid(at, '', 'cannot set both resource and service backends')];
  if (resource) return [];
  if (!service) return [invalid(at, '', 'resource or service backend is required')];
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(`${at}.service.name`));
  else errors.push(...checkName(service.name, `${at}.service.name`, isDns1035Label));
  const name = service.port?.name;
  const number = service.port?.number;
  if (name && number) errors.push(invalid(at, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...checkName(name, `${at}.service.port.name`, isValidPortName));
  else if (number)
    errors.push(...isValidPortNumber(number).map((m) => invalid(`${at}.service.port.number`, number, m)));
  else errors.push(required(at, 'port name or number is required'));
  return errors;
}

/** Three at most, `*` for rules without host (formatHosts). */
function hosts({ spec }: Ingress): string {
  const names = (spec?.rules ?? []).map((rule) => rule.host ?? '').filter(Boolean);
  if (names.length === 0) return '*';
  const shown = names.slice(0, 3).join(',');
  return names.length > 3 ? `${shown} + ${names.length - 3} more...` : shown;
}
