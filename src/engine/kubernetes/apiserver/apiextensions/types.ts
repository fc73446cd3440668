import type { WebhookConversion } from './conversion-webhook.ts';
import type { KubeObject } from '../../types.ts';
import type { JsonSchema } from './schema.ts';

/** CustomResourceDefinitions (apiextensions.k8s.io/v1), as far as the server reads them. */

export interface CustomNames {
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind: string;
  readonly listKind?: string;
  readonly categories?: readonly string[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface CustomVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: JsonSchema };
  readonly subresources?: {
    readonly status?: object;
    readonly scale?: {
      readonly specReplicasPath: string;
      readonly statusReplicasPath: string;
      readonly labelSelectorPath?: string;
    };
  };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface CrdCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface CrdStatus {
  readonly conditions?: readonly CrdCondition[] | null;
  readonly acceptedNames?: CustomNames;
  readonly storedVersions?: readonly string[];
}

export interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: CustomNames;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly CustomVersion[];
    readonly conversion?: { readonly strategy: string; readonly webhook?: WebhookConversion };
    readonly preserveUnknownFields?: boolean;
  };
  readonly status?: CrdStatus;
}

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function conditionOf(crd: CustomResourceDefinition, type: string): CrdCondition | undefined {
  return crd.status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(crd: CustomResourceDefinition, type: string): boolean {
  return conditionOf(crd, type)?.status === 'True';
}

/** The conditions with one set; its time stays where its status does. */
export function withCondition(
  conditions: readonly CrdCondition[],
  condition: Omit<CrdCondition, 'lastTransitionTime'>,
  now: string,
): CrdCondition[] {
  const old = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
  const { type, status, ...rest } = condition;
  const next = { type, status, lastTransitionTime, ...rest };
  return old ? conditions.map((one) => (one === old ? next : one)) : [...conditions, next];
}
