import type { WebhookConversion } from './conversion-webhook.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/field-error.ts';
import { isDns1035Label, isDns1123Subdomain } from '../../apimachinery/names.ts';
import { JsonPathError, JsonPathTemplate } from '../../apimachinery/jsonpath/index.ts';
import { deepEqual } from '../objects.ts';
import { createdAtColumn, nameColumn } from '../resources/common/columns.ts';
import { defineKind } from '../resources/common/define.ts';
import { checkImmutable, checkName } from '../resources/common/validate.ts';
import type { Column } from '../resources/kind.ts';
import { validateSchema } from './schema-validation.ts';
import { cleanupFinalizer, isTrue, withCondition, type CustomResourceDefinition, type CustomVersion } from './types.ts';

/** The kind CustomResourceDefinition; `serving.ts` does what it says. */
export const customResourceDefinition = defineKind<CustomResourceDefinition>(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  {
    defaults(draft) {
      const spec = draft.spec as unknown as Record<string, unknown> | undefined;
      if (!spec) return;
      spec['conversion'] ??= { strategy: 'None' };
      const names = spec['names'] as Record<string, unknown> | undefined;
      if (names) {
        names['singular'] ||= String(names['kind'] ?? '').toLowerCase();
        names['listKind'] ||= `${String(names['kind'] ?? '')}List`;
      }
    },

    prepareForCreate(draft) {
      draft.metadata.generation = 1;
      const storedVersions = draft.spec?.versions?.filter((v) => v.storage).map((v) => v.name) ?? [];
      Object.assign(draft, { status: { acceptedNames: { kind: '', plural: '' }, conditions: null, storedVersions } });
    },

    prepareForUpdate(draft) {
      const stored = draft.spec?.versions?.find((v) => v.storage)?.name;
      const known = draft.status?.storedVersions ?? [];
      if (stored === undefined || known.includes(stored)) return;
      Object.assign(draft, { status: { ...draft.status, storedVersions: [...known, stored] } });
    },

    prepareForDelete(draft, { now }) {
      const { metadata } = draft;
      if (!metadata.finalizers?.includes(cleanupFinalizer)) {
        metadata.finalizers = [...(metadata.finalizers ?? []), cleanupFinalizer];
      }
      const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';
      const condition = { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message } as const;
      const conditions = withCondition(draft.status?.conditions ?? [], condition, now);
      Object.assign(draft, { status: { ...draft.status, conditions } });
    },

    // The first deletion only marks it, so that its objects go before it.
    holdsDeletion: ({ metadata }) => metadata.deletionTimestamp === undefined,

    validate: validateDefinition,

    validateUpdate(object, old): FieldError[] {
      if (!isTrue(old, 'Established')) return [];
      const errors = [
        ...checkImmutable(object.spec.group, old.spec.group, 'spec.group'),
        ...checkImmutable(object.spec.scope, old.spec.scope, 'spec.scope'),
        ...checkImmutable(object.spec.names.kind, old.spec.names.kind, 'spec.names.kind'),
        ...checkImmutable(object.spec.names.plural, old.spec.names.plural, 'spec.names.plural'),
      ];
      (old.status?.storedVersions ?? []).forEach((version, i) => {
        if (object.spec.versions.some(({ name }) => name === version)) return;
        const why = 'must appear in spec.versions';
        errors.push(invalid(`status.storedVersions[${i}]`, version, why));
      });
      return errors;
    },

    columns: [nameColumn, createdAtColumn] as Column<CustomResourceDefinition>[],
  },
);

const approvalAnnotation = 'api-approved.kubernetes.io';

function validateDefinition({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = [];
  const { group, names, versions = [] } = spec;
  const expected = `${names?.plural ?? ''}.${group ?? ''}`;
  if (metadata.name !== expected) {
    errors.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (!group) errors.push(required('spec.group'));
  else {
    errors.push(...checkName(group, 'spec.group', isDns1123Subdomain));
    if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
    const isProtected = /(^|\.)(k8s|kubernetes)\.io$/.test(group);
    if (isProtected && !metadata.annotations?.[approvalAnnotation]) {
      const why = `protected groups must have approval annotation "${approvalAnnotation}", see https://github.com/kubernetes/enhancements/pull/1111`;
      errors.push(required(`metadata.annotations[${approvalAnnotation}]`, why));
    }
  }
  const scope: string = spec.scope ?? '';
  if (scope === '') errors.push(required('spec.scope'));
  else if (!['Cluster', 'Namespaced'].includes(scope)) {
    errors.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
  }
  errors.push(...validateConversion(spec.conversion));
  const shared = versions.length > 0 && versions.every((v) => deepEqual(v.schema, versions[0]!.schema));
  versions.forEach((version, i) => {
    const at = `spec.versions[${i}]`;
    errors.push(...checkName(version.name ?? '', `${at}.name`, isDns1035Label));
    if (versions.findIndex(({ name }) => name === version.name) < i) {
      errors.push(invalid('spec.versions', versions, 'must contain unique version names'));
    }
    errors.push(...validateVersion(version, at, shared ? 'spec.validation' : `${at}.schema`, !shared || i === 0));
  });
  if (versions.length === 0) errors.push(required('spec.versions'));
  if (versions.filter((v) => v.storage).length !== 1) {
    errors.push(invalid('spec.versions', versions, 'must have exactly one version marked as storage version'));
  }
  return [...errors, ...validateNames(names ?? { plural: '', kind: '' })];
}

function validateConversion(conversion: CustomResourceDefinition['spec']['conversion']): FieldError[] {
  const strategy = conversion?.strategy ?? '';
  if (strategy === '') return [required('spec.conversion.strategy')];
  const webhook = conversion?.webhook;
  if (strategy === 'Webhook') return validateWebhook(webhook);
  if (strategy === 'None' && webhook)
    return [forbidden('spec.conversion.webhook', 'should not be set when strategy is not set to Webhook')];
  return strategy === 'None' ? [] : [notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
}

function validateWebhook(webhook: WebhookConversion | undefined): FieldError[] {
  const at = 'spec.conversion.webhook';
  const client = webhook?.clientConfig;
  const errors: FieldError[] = [];
  if (!client) errors.push(required(`${at}.clientConfig`, 'required when strategy is set to Webhook'));
  else if ((client.url === undefined) === (client.service === undefined))
    errors.push(required(`${at}.clientConfig`, 'exactly one of url or service is required'));
  else if (client.service) {
    if (!client.service.name) errors.push(required(`${at}.clientConfig.service.name`, 'service name is required'));
    if (!client.service.namespace)
      errors.push(required(`${at}.clientConfig.service.namespace`, 'service namespace is required'));
  }
  const versions = webhook?.conversionReviewVersions ?? [];
  if (versions.length === 0) errors.push(required(`${at}.conversionReviewVersions`));
  else if (!versions.some((version) => version === 'v1' || version === 'v1beta1'))
    errors.push(invalid(`${at}.conversionReviewVersions`, versions, 'must include at least one of v1, v1beta1'));
  return errors;
}

function validateVersion(version: CustomVersion, at: string, schemaAt: string, withSchema: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const schema = version.schema?.openAPIV3Schema;
  if (!schema) errors.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
  else if (withSchema) errors.push(...validateSchema(schema, `${schemaAt}.openAPIV3Schema`));
  const { status, scale } = version.subresources ?? {};
  if (status && Object.keys(status).length > 0)
    errors.push(invalid(`${at}.subresources.status`, status, 'must be empty'));
  if (scale) {
    const paths = { specReplicasPath: 'spec', statusReplicasPath: 'status' } as const;
    for (const [name, under] of Object.entries(paths) as [keyof typeof paths, string][]) {
      const path = scale[name];
      const field = `${at}.subresources.scale.${name}`;
      if (!path) errors.push(required(field));
      else if (!isSimplePath(path) || !path.startsWith(`.${under}.`)) {
        errors.push(invalid(field, path, `should be a json path under .${under}`));
      }
    }
    const selector = scale.labelSelectorPath;
    if (selector && !(isSimplePath(selector) && /^\.(spec|status)\./.test(selector))) {
      errors.push(
        invalid(
          `${at}.subresources.scale.labelSelectorPath`,
          selector,
          'should be a json path under either .spec or .status',
        ),
      );
    }
  }
  version.additionalPrinterColumns?.forEach((column, i) => {
    const path = `${at}.additionalPrinterColumns[${i}]`;
    if (!column.name) errors.push(required(`${path}.name`));
    const types = ['boolean', 'date', 'integer', 'number', 'string'];
    if (!column.type) errors.push(required(`${path}.type`, `must be one of ${types.join(',')}`));
    else if (!types.includes(column.type))
      errors.push(invalid(`${path}.type`, column.type, `must be one of ${types.join(',')}`));
    const formats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'name', 'password'];
    if (column.format && !formats.includes(column.format)) {
      errors.push(invalid(`${path}.format`, column.format, `must be one of ${formats.join(',')}`));
    }
    if (!column.jsonPath) errors.push(required(`${path}.jsonPath`));
    else errors.push(...validateJsonPath(column.jsonPath, `${path}.jsonPath`));
  });
  version.selectableFields?.forEach(({ jsonPath }, i) => {
    const path = `${at}.selectableFields[${i}].jsonPath`;
    if (!jsonPath) errors.push(required(path));
    else if (!isSimplePath(jsonPath))
      errors.push(invalid(path, jsonPath, 'is an invalid path: does not point to a valid field'));
    else if (/^\.metadata(\.|$)/.test(jsonPath))
      errors.push(invalid(path, jsonPath, 'must not point to fields in metadata'));
  });
  return errors;
}

function validateJsonPath(text: string, field: string): FieldError[] {
  if (!text.startsWith('.') && !text.startsWith('[')) {
    return [invalid(field, text, 'is an invalid path: must be a simple json path starting with .')];
  }
  try {
    new JsonPathTemplate(`{${text}}`);
    return [];
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    return [invalid(field, text, `is an invalid path: ${error.message}`)];
  }
}

/** `.spec.replicas`: names only. */
function isSimplePath(path: string): boolean {
  return /^(\.[A-Za-z_$][\w$-]*)+$/.test(path);
}

function validateNames(names: CustomResourceDefinition['spec']['names']): FieldError[] {
  const errors: FieldError[] = [];
  const label = (value: string, field: string) => errors.push(...checkName(value, field, isDns1035Label));
  if (!names.plural) errors.push(required('spec.names.plural'));
  else label(names.plural, 'spec.names.plural');
  if (names.singular) label(names.singular, 'spec.names.singular');
  if (!names.kind) errors.push(required('spec.names.kind'));
  else label(names.kind.toLowerCase(), 'spec.names.kind');
  names.shortNames?.forEach((name, i) => label(name, `spec.names.shortNames[${i}]`));
  if (names.listKind && names.kind && names.listKind === names.kind) {
    errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  }
  if (names.listKind) label(names.listKind.toLowerCase(), 'spec.names.listKind');
  names.categories?.forEach((name, i) => label(name, `spec.names.categories[${i}]`));
  return errors;
}
