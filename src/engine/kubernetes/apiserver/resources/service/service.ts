import type { FieldError } from '../../../apimachinery/field-error.ts';
import { formatSelector, selectorFromLabels } from '../../../apimachinery/label-selector.ts';
import type { Service } from '../../../types.ts';
import { ageColumn, column, joined, nameColumn, wideColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Column, Mutable } from '../kind.ts';
import { allocate, keepAllocated, validateAllocation } from './allocation.ts';
import { validateService, validateServiceUpdate } from './validation.ts';

export const service = defineKind<Service>('', 'v1', 'services', {
  nameFormat: 'dns1035',
  generation: false,

  defaults({ spec }) {
    if (!spec) return;
    spec.sessionAffinity ||= 'None';
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
    if (spec.sessionAffinity === 'ClientIP') {
      const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800;
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: seconds } };
    }
    spec.type ||= 'ClusterIP';
    for (const port of spec.ports ?? []) {
      port.protocol ||= 'TCP';
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
    }
    const isExternal = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
    if (isExternal || (spec.type === 'ClusterIP' && spec.externalIPs?.length)) spec.externalTrafficPolicy ||= 'Cluster';
    if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ||= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  },

  prepareForCreate(draft, context) {
    draft.status = { loadBalancer: {} };
    allocate(draft as Mutable<Service>, context);
  },

  prepareForUpdate(draft, old, context) {
    draft.status = old.status as Mutable<Service>['status'];
    keepAllocated(draft, old);
    allocate(draft as Mutable<Service>, context);
  },

  validate(object, context): FieldError[] {
    const errors = validateService(object);
    return errors.length > 0 ? errors : validateAllocation(object, context);
  },

  validateUpdate: validateServiceUpdate,

  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },

  columns: [
    nameColumn as Column<Service>,
    column('Type', 'How the Service is reached.', ({ spec }) => spec.type ?? ''),
    column('Cluster-IP', 'Its address inside the cluster.', ({ spec }) => spec.clusterIPs?.[0] ?? '<none>'),
    column('External-IP', 'Its address outside the cluster.', externalIp),
    column('Port(s)', 'Ports, with the node port after a colon.', ({ spec }) =>
      joined((spec.ports ?? []).map(portText)),
    ),
    ageColumn as Column<Service>,
    wideColumn(
      'Selector',
      'Which Pods serve.',
      ({ spec }) => formatSelector(selectorFromLabels(spec.selector)) || '<none>',
    ),
  ],
});

function portText({ port, nodePort, protocol }: { port: number; nodePort?: number; protocol?: string }): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

function externalIp({ spec, status }: Service): string {
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const assigned = (status?.loadBalancer?.ingress ?? []).map((i) => i.ip || i.hostname || '').filter(Boolean);
      return [...new Set([...assigned, ...own])].join(',') || '<pending>';
    }
    default:
      return joined(own);
  }
}
