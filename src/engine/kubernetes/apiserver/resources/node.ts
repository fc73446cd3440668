import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../apimachinery/field-error.ts';
import { invalidCidrMessage, parseCidr } from '../../apimachinery/ip.ts';
import { isQualifiedName, isValidLabelValue } from '../../apimachinery/names.ts';
import type { Node } from '../../types.ts';
import { ageColumn, column, nameColumn, wideColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import { goValueOf } from './common/go-dump.ts';
import { checkName, same } from './common/validate.ts';
import type { Column, Mutable } from './kind.ts';
import { taintEffects } from './pod/validation/scheduling.ts';

const rolePrefix = 'node-role.kubernetes.io/';

export const node = defineKind<Node>('', 'v1', 'nodes', {
  generation: false,

  defaults(draft) {
    const { status } = draft;
    if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
  },

  /** A kubelet registers its Node with the status that it has. */
  prepareForCreate(draft) {
    draft.status ??= {} as Mutable<Node>['status'];
  },

  prepareForUpdate(draft, old, { subresource }) {
    if (subresource !== 'status') draft.status = old.status as Mutable<Node>['status'];
  },

  validate({ spec }): FieldError[] {
    const seen = new Set<string>();
    const ranges = (spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])).flatMap((range, i) =>
      parseCidr(range) ? [] : [invalid(`spec.podCIDRs[${i}]`, range, invalidCidrMessage)],
    );
    const taints = (spec?.taints ?? []).flatMap((taint, i) => {
      const at = `spec.taints[${i}]`;
      const errors = checkName(taint.key ?? '', `${at}.key`, isQualifiedName);
      errors.push(...checkName(taint.value ?? '', `${at}.value`, isValidLabelValue));
      const effect: string = taint.effect ?? '';
      if (!effect) errors.push(required(`${at}.effect`));
      else if (!taintEffects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, taintEffects));
      const id = `${taint.key}:${effect}`;
      if (seen.has(id)) {
        errors.push({
          ...duplicate(at, goValueOf('core/v1/Taint', taint)),
          detail: 'taints must be unique by key and effect pair',
        });
      }
      seen.add(id);
      return errors;
    });
    return [...taints, ...ranges];
  },

  validateUpdate(object, old): FieldError[] {
    const errors: FieldError[] = [];
    const before = old.spec?.podCIDRs ?? (old.spec?.podCIDR ? [old.spec.podCIDR] : []);
    const after = object.spec?.podCIDRs ?? [];
    const single = object.spec?.podCIDR ?? '';
    const changed = !same(after, before) || (single !== '' && single !== (before[0] ?? ''));
    if (before.length > 0 && changed) {
      errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
    }
    if (old.spec?.providerID && object.spec?.providerID !== old.spec.providerID) {
      errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
    }
    if (single && after.length > 0 && after[0] !== single && before.length === 0) {
      errors.push(invalid('spec.podCIDRs', after, 'podCIDR must be the first of podCIDRs'));
    }
    return errors;
  },

  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },

  columns: [
    nameColumn as Column<Node>,
    column('Status', 'Ready or not, and whether new Pods are kept away.', statusText),
    column('Roles', 'From the labels node-role.kubernetes.io/….', roles),
    ageColumn as Column<Node>,
    column('Version', 'Version of its kubelet.', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
    wideColumn('Internal-IP', 'Address inside the cluster.', (object) => address(object, 'InternalIP')),
    wideColumn('External-IP', 'Address for the outside.', (object) => address(object, 'ExternalIP')),
    wideColumn('OS-Image', 'Its operating system.', ({ status }) => status?.nodeInfo?.osImage || '<unknown>'),
    wideColumn('Kernel-Version', 'Its kernel.', ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>'),
    wideColumn(
      'Container-Runtime',
      'What runs its containers.',
      ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    ),
  ],
});

function statusText({ spec, status }: Node): string {
  const ready = status?.conditions?.find((c) => c.type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function roles({ metadata }: Node): string {
  const names = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) names.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value) names.add(value);
  }
  return [...names].sort().join(',') || '<none>';
}

function address({ status }: Node, type: string): string {
  return status?.addresses?.find((a) => a.type === type)?.address ?? '<none>';
}
