import type { IRuntimeClass } from 'kubernetes-models/node.k8s.io/v1/RuntimeClass';
import type { IDeviceClass } from 'kubernetes-models/resource.k8s.io/v1/DeviceClass';
import type { IResourceClaim } from 'kubernetes-models/resource.k8s.io/v1/ResourceClaim';
import type { IResourceClaimTemplate } from 'kubernetes-models/resource.k8s.io/v1/ResourceClaimTemplate';
import type { IResourceSlice } from 'kubernetes-models/resource.k8s.io/v1/ResourceSlice';
import type { IComponentStatus } from 'kubernetes-models/v1/ComponentStatus';
import type { IPodTemplate } from 'kubernetes-models/v1/PodTemplate';
import { required } from '../../../apimachinery/field-error.ts';
import { formatLabels } from '../../../apimachinery/label-selector.ts';
import { isDns1123Label } from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable, checkName } from '../common/validate.ts';
import { containerImages, containerNames, defaultTemplate, type PodTemplate as Template } from '../common/workload.ts';
import {
  validateFlowSchema,
  validatePriorityLevel,
  type FlowSchema,
  type PriorityLevel,
} from '../flowcontrol/validation.ts';
import type { Column } from '../kind.ts';
import { defaultClaim, validateClaim, validateDeviceClass } from '../resource/claims.ts';
import { validatePodTemplate } from '../pod/validation/index.ts';

/** Kinds with little behaviour of their own. */

type PodTemplate = Kind<IPodTemplate>;
type ComponentStatus = Kind<IComponentStatus>;
type RuntimeClass = Kind<IRuntimeClass>;
type DeviceClass = Kind<IDeviceClass>;
type ResourceClaim = Kind<IResourceClaim>;
type ResourceClaimTemplate = Kind<IResourceClaimTemplate>;
type ResourceSlice = Kind<IResourceSlice>;

export const podTemplate = defineKind<PodTemplate>('', 'v1', 'podtemplates', {
  defaults: ({ template }) => defaultTemplate(template),
  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },
  validate: ({ template }) => validatePodTemplate((template ?? {}) as Template, 'template'),
  columns: [
    nameColumn as Column<PodTemplate>,
    column('Containers', 'Names of the containers.', ({ template }) => containerNames(template as Template)),
    column('Images', 'Images of the containers.', ({ template }) => containerImages(template as Template)),
    column('Pod Labels', 'Labels of the Pods.', ({ template }) => formatLabels(template?.metadata?.labels)),
  ],
});

export const componentStatus = defineKind<ComponentStatus>('', 'v1', 'componentstatuses', {
  columns: [
    nameColumn as Column<ComponentStatus>,
    column('Status', 'Healthy or not.', ({ conditions }) => {
      const condition = conditions?.find((c) => c.type === 'Healthy');
      return condition?.status === 'True' ? 'Healthy' : condition ? 'Unhealthy' : 'Unknown';
    }),
    column(
      'Message',
      'What it says.',
      ({ conditions }) => conditions?.find((c) => c.type === 'Healthy')?.message ?? '',
    ),
    column('Error', 'What is wrong.', ({ conditions }) => conditions?.find((c) => c.type === 'Healthy')?.error ?? ''),
  ],
});

export const runtimeClass = defineKind<RuntimeClass>('node.k8s.io', 'v1', 'runtimeclasses', {
  validate: ({ handler }) => (handler ? checkName(handler, 'handler', isDns1123Label) : [required('handler')]),
  validateUpdate: (object, old) => checkImmutable(object.handler, old.handler, 'handler'),
  columns: [
    nameColumn as Column<RuntimeClass>,
    column('Handler', 'What the container runtime calls it.', ({ handler }) => handler),
    ageColumn as Column<RuntimeClass>,
  ],
});

export const flowSchema = defineKind<FlowSchema>('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas', {
  defaults({ spec }) {
    if (spec && !spec.matchingPrecedence) spec.matchingPrecedence = 1000;
  },
  validate: validateFlowSchema,
  columns: [
    nameColumn as Column<FlowSchema>,
    column(
      'PriorityLevel',
      'Where its requests queue.',
      ({ spec }) => spec?.priorityLevelConfiguration?.name ?? '<none>',
    ),
    column('MatchingPrecedence', 'Lower comes first.', ({ spec }) => spec?.matchingPrecedence ?? 0, 'integer'),
    column('DistinguisherMethod', 'What tells flows apart.', ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>'),
    ageColumn as Column<FlowSchema>,
    column(
      'MissingPL',
      'Whether the priority level is missing.',
      ({ status }) => status?.conditions?.find((c) => c.type === 'Dangling')?.status ?? '?',
    ),
  ],
});

export const priorityLevelConfiguration = defineKind<PriorityLevel>(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'prioritylevelconfigurations',
  {
    defaults({ spec }) {
      if (spec?.limited) {
        spec.limited.nominalConcurrencyShares ??= 30;
        spec.limited.lendablePercent ??= 0;
        const { queuing } = spec.limited.limitResponse ?? {};
        if (queuing) {
          queuing.queues ||= 64;
          queuing.handSize ||= 8;
          queuing.queueLengthLimit ||= 50;
        }
      }
      if (spec?.exempt) {
        spec.exempt.nominalConcurrencyShares ??= 0;
        spec.exempt.lendablePercent ??= 0;
      }
    },
    validate: validatePriorityLevel,
    columns: [
      nameColumn as Column<PriorityLevel>,
      column('Type', 'Exempt or Limited.', ({ spec }) => spec?.type ?? ''),
      column(
        'NominalConcurrencyShares',
        'Its share of the requests at work.',
        ({ spec }) => spec?.limited?.nominalConcurrencyShares ?? '<none>',
      ),
      column('Queues', 'Number of queues.', ({ spec }) => spec?.limited?.limitResponse?.queuing?.queues ?? '<none>'),
      column(
        'HandSize',
        'Queues a flow may use.',
        ({ spec }) => spec?.limited?.limitResponse?.queuing?.handSize ?? '<none>',
      ),
      column(
        'QueueLengthLimit',
        'Longest queue.',
        ({ spec }) => spec?.limited?.limitResponse?.queuing?.queueLengthLimit ?? '<none>',
      ),
      ageColumn as Column<PriorityLevel>,
    ],
  },
);

export const deviceClass = defineKind<DeviceClass>('resource.k8s.io', 'v1', 'deviceclasses', {
  validate: ({ spec }) => validateDeviceClass(spec),
  columns: [nameColumn as Column<DeviceClass>, ageColumn as Column<DeviceClass>],
});

export const resourceClaim = defineKind<ResourceClaim>('resource.k8s.io', 'v1', 'resourceclaims', {
  generation: false,
  defaults: ({ spec }) => defaultClaim(spec),
  validate: ({ spec }) => validateClaim(spec, 'spec'),
  validateUpdate: (object, old) => checkImmutable(object.spec, old.spec, 'spec'),
  columns: [
    nameColumn as Column<ResourceClaim>,
    column('State', 'pending, or allocated and reserved.', ({ metadata, status }) => {
      const words: string[] = [];
      if (metadata.deletionTimestamp) words.push('deleted');
      if (!status?.allocation) words.push('pending');
      else words.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []));
      return words.join(',');
    }),
    ageColumn as Column<ResourceClaim>,
  ],
});

export const resourceClaimTemplate = defineKind<ResourceClaimTemplate>(
  'resource.k8s.io',
  'v1',
  'resourceclaimtemplates',
  {
    generation: false,
    defaults: ({ spec }) => defaultClaim(spec?.spec),
    validate: ({ spec }) => validateClaim(spec?.spec, 'spec.spec'),
    validateUpdate: (object, old) => checkImmutable(object.spec, old.spec, 'spec'),
    columns: [nameColumn as Column<ResourceClaimTemplate>, ageColumn as Column<ResourceClaimTemplate>],
  },
);

export const resourceSlice = defineKind<ResourceSlice>('resource.k8s.io', 'v1', 'resourceslices', {
  columns: [
    nameColumn as Column<ResourceSlice>,
    column('Node', 'Node that has the devices.', ({ spec }) => spec?.nodeName ?? '<unset>'),
    column('Driver', 'Driver of the devices.', ({ spec }) => spec?.driver ?? ''),
    column('Pool', 'Pool they are part of.', ({ spec }) => spec?.pool?.name ?? ''),
    ageColumn as Column<ResourceSlice>,
  ],
});
