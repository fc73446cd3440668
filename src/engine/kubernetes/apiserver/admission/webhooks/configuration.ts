import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import type { KubeObject } from '../../../types.ts';
import type { AdmissionAttributes } from '../plugin.ts';
import { matches, type ResourceRule } from '../validating-policy/match.ts';

/** Webhooks as their configurations describe them, and which requests they are asked about. */

export const group = 'admissionregistration.k8s.io';

export interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** Base64 of PEM. */
  readonly caBundle?: string;
}

export interface Webhook {
  readonly name: string;
  readonly clientConfig: ClientConfig;
  readonly rules?: readonly ResourceRule[];
  readonly failurePolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly timeoutSeconds?: number;
  readonly reinvocationPolicy?: string;
  readonly admissionReviewVersions?: readonly string[];
}

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

export interface ConfiguredWebhook {
  /** Tells it from all others: several may have one name. */
  readonly id: string;
  readonly webhook: Webhook;
}

/** Webhooks do not judge what could mend them (IsExemptAdmissionConfigurationResource). */
const exempt = new Set([
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

/** The webhooks of all configurations that a request is for, by the configurations' names. */
export function webhooksFor(attributes: AdmissionAttributes, resource: string): ConfiguredWebhook[] {
  if (attributes.group === group && exempt.has(attributes.resource)) return [];
  const configurations = [...(attributes.context.list(group, resource) as readonly WebhookConfiguration[])];
  configurations.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return configurations.flatMap(({ metadata, webhooks = [] }) =>
    webhooks.flatMap((webhook, i) => {
      const { rules = [], namespaceSelector, objectSelector } = webhook;
      const match = {
        resourceRules: rules,
        ...(namespaceSelector && { namespaceSelector }),
        ...(objectSelector && { objectSelector }),
      };
      return matches(match, attributes, false) ? [{ id: `${metadata.uid}/${i}/${webhook.name}`, webhook }] : [];
    }),
  );
}
