import type { IMutatingWebhookConfiguration } from 'kubernetes-models/admissionregistration.k8s.io/v1/MutatingWebhookConfiguration';
import type { IValidatingWebhookConfiguration } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration';
import { duplicate, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isDns1035Label, isDns1123Subdomain, isValidPortNumber } from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName } from '../common/validate.ts';
import type { Column, KindDefinition } from '../kind.ts';
import { validateMatchConditions, validateMatching, validateRule } from './match.ts';

/** Webhooks that judge or change requests: stored and validated. */

const group = 'admissionregistration.k8s.io';

type AnyWebhooks = Kind<IMutatingWebhookConfiguration> | Kind<IValidatingWebhookConfiguration>;

function webhooks(resource: string): KindDefinition<AnyWebhooks> {
  return defineKind<AnyWebhooks>(group, 'v1', resource, {
    prepareForCreate(draft) {
      draft.metadata.generation = 1;
    },
    defaults(draft) {
      for (const webhook of draft.webhooks ?? []) {
        webhook.failurePolicy ??= 'Fail';
        webhook.matchPolicy ??= 'Equivalent';
        webhook.namespaceSelector ??= {};
        webhook.objectSelector ??= {};
        webhook.timeoutSeconds ??= 10;
        if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
        for (const rule of webhook.rules ?? []) rule.scope ??= '*';
        if ('reinvocationPolicy' in webhook || resource.startsWith('mutating')) {
          (webhook as { reinvocationPolicy?: string }).reinvocationPolicy ??= 'Never';
        }
      }
    },
    validate(object): FieldError[] {
      const names = new Set<string>();
      return (object.webhooks ?? []).flatMap((webhook, i) => {
        const at = `webhooks[${i}]`;
        const errors = validateWebhook(webhook, at);
        errors.push(...validateReviewVersions(webhook.admissionReviewVersions ?? [], `${at}.admissionReviewVersions`));
        if (webhook.name && names.has(webhook.name)) errors.push(duplicate(`${at}.name`, webhook.name));
        names.add(webhook.name);
        return errors;
      });
    },
    columns: [
      nameColumn as Column<AnyWebhooks>,
      column('Webhooks', 'Number of webhooks.', (object) => object.webhooks?.length ?? 0, 'integer'),
      ageColumn as Column<AnyWebhooks>,
    ],
  });
}

export const mutatingWebhookConfiguration = webhooks('mutatingwebhookconfigurations');
export const validatingWebhookConfiguration = webhooks('validatingwebhookconfigurations');

type AnyWebhook = NonNullable<AnyWebhooks['webhooks']>[number];

const failurePolicies = ['Fail', 'Ignore'];
const sideEffects = ['None', 'NoneOnDryRun'];
const reviewVersions = ['v1', 'v1beta1'];
const urlForm = '; desired format: https://host[/path]';

/** validateValidatingWebhook, validateMutatingWebhook. */
function validateWebhook(webhook: AnyWebhook, at: string): FieldError[] {
  const errors = validateName(webhook.name, `${at}.name`);
  webhook.rules?.forEach((rule, i) => errors.push(...validateRule(rule, `${at}.rules[${i}]`)));
  const failure: string | undefined = webhook.failurePolicy;
  if (failure !== undefined && !failurePolicies.includes(failure))
    errors.push(notSupported(`${at}.failurePolicy`, failure, failurePolicies));
  errors.push(...validateMatching(webhook, at));
  const effects: string | undefined = webhook.sideEffects;
  if (!effects) errors.push(required(`${at}.sideEffects`, `must specify one of ${sideEffects.join(', ')}`));
  else if (!sideEffects.includes(effects)) errors.push(notSupported(`${at}.sideEffects`, effects, sideEffects));
  const seconds = webhook.timeoutSeconds;
  if (seconds !== undefined && (seconds < 1 || seconds > 30)) {
    errors.push(invalid(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'));
  }
  const { url, service } = webhook.clientConfig ?? {};
  if ((url === undefined) === (service === undefined)) {
    errors.push(required(`${at}.clientConfig`, 'exactly one of url or service is required'));
  } else if (url !== undefined) {
    errors.push(...validateUrl(url, `${at}.clientConfig.url`));
  } else if (service) {
    const path = `${at}.clientConfig.service`;
    if (!service.name) errors.push(required(`${path}.name`, 'service name is required'));
    if (!service.namespace) errors.push(required(`${path}.namespace`, 'service namespace is required'));
    const port = service.port ?? 443;
    for (const message of isValidPortNumber(port))
      errors.push(invalid(`${path}.port`, port, `port is not valid: ${message}`));
    if (service.path && !service.path.startsWith('/'))
      errors.push(invalid(`${path}.path`, service.path, "must start with a '/'"));
  }
  errors.push(...validateMatchConditions(webhook.matchConditions, `${at}.matchConditions`));
  const reinvocation = (webhook as { reinvocationPolicy?: string }).reinvocationPolicy;
  if (reinvocation !== undefined && reinvocation !== 'Never' && reinvocation !== 'IfNeeded')
    errors.push(notSupported(`${at}.reinvocationPolicy`, reinvocation, ['IfNeeded', 'Never']));
  return errors;
}

/** IsFullyQualifiedName. */
function validateName(name: string | undefined, at: string): FieldError[] {
  if (!name) return [required(at)];
  const errors = checkName(name, at, isDns1123Subdomain);
  if (errors.length > 0 || name.split('.').length >= 3) return errors;
  return [invalid(at, name, 'should be a domain with at least three segments separated by dots')];
}

function validateUrl(url: string, at: string): FieldError[] {
  const [, scheme = '', authority = '', query, fragment] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(\?[^#]*)?(#.*)?$/.exec(url) ?? [];
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalid(at, scheme, `'https' is the only allowed URL scheme${urlForm}`));
  const [user, host] = authority.includes('@') ? authority.split('@') : [undefined, authority];
  if (!host) errors.push(invalid(at, host ?? '', `host must be specified${urlForm}`));
  if (user !== undefined) errors.push(invalid(at, user, 'user information is not permitted in the URL'));
  if (fragment) errors.push(invalid(at, fragment.slice(1), 'fragments are not permitted in the URL'));
  if (query) errors.push(invalid(at, query.slice(1), 'query parameters are not permitted in the URL'));
  return errors;
}

function validateReviewVersions(versions: readonly string[], at: string): FieldError[] {
  if (versions.length === 0) return [required(at, `must specify one of ${reviewVersions.join(', ')}`)];
  const seen = new Set<string>();
  const errors = versions.flatMap((version, i) => {
    if (seen.has(version)) return [invalid(`${at}[${i}]`, version, 'duplicate version')];
    seen.add(version);
    return checkName(version, `${at}[${i}]`, isDns1035Label);
  });
  if (!versions.some((version) => reviewVersions.includes(version)))
    errors.push(invalid(at, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  return errors;
}
