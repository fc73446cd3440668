import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isEmptySelector } from '../../../apimachinery/label-matcher.ts';
import { isPercentage, type IntOrString } from '../../../apimachinery/int-or-string.ts';
import {
  formatLabelSelector,
  matchesSelector,
  selectorFrom,
  type LabelSelector,
  type Selector,
} from '../../../apimachinery/label-selector.ts';
import { isValidPercent } from '../../../apimachinery/names.ts';
import type { KubeObject } from '../../../types.ts';
import type { Column } from '../kind.ts';
import { defaultPodSpec } from '../pod/defaults.ts';
import { validatePodTemplate } from '../pod/validation/index.ts';
import { wideColumn } from './columns.ts';
import { checkLabelSelector, checkName, checkNonNegative } from './validate.ts';

/** What controllers of Pods have in common: a selector, a template, and columns about them. */

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: IPodSpec;
}

/** @param template a mutable draft */
export function defaultTemplate(template: unknown): void {
  const draft = template as { metadata?: object; spec?: object } | undefined;
  if (!draft) return;
  draft.metadata ??= {};
  draft.spec ??= {};
  defaultPodSpec(draft.spec as Parameters<typeof defaultPodSpec>[0]);
}

/** `selector` in a spec of `kind` (lower case, as the message names it). */
export function validateSelector(selector: LabelSelector | undefined, path: string, kind: string): FieldError[] {
  if (!selector) return [required(path)];
  const errors = checkLabelSelector(selector, path);
  if (isEmptySelector(selector)) errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`));
  return errors;
}

/** ValidatePodTemplateSpecForReplicaSet: the template must match the selector and restart its containers always. */
export function validateTemplate(
  template: PodTemplate | undefined,
  selector: LabelSelector | undefined,
  path: string,
  kind = 'ReplicaSet',
): FieldError[] {
  const errors = validateTemplateLabels(template, selector, path);
  errors.push(...validatePodTemplate(template ?? {}, path));
  const policy = template?.spec?.restartPolicy;
  if (policy && policy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, policy, ['Always']));
  if (template?.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  }
  return errors;
}

export function validateTemplateLabels(
  template: PodTemplate | undefined,
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  let parsed: Selector | undefined;
  try {
    parsed = selectorFrom(selector);
  } catch {
    return [];
  }
  const labels = template?.metadata?.labels;
  if (parsed?.length === 0 || matchesSelector(parsed, labels)) return [];
  return [invalid(`${path}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`')];
}

/** ValidatePositiveIntOrPercent. */
export function validateIntOrPercent(value: IntOrString | undefined, path: string): FieldError[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? checkName(value, path, isValidPercent) : checkNonNegative(value, path);
}

/** IsNotMoreThan100Percent. */
export function validateAtMost100Percent(value: IntOrString | undefined, path: string): FieldError[] {
  if (!isPercentage(value) || Number.parseInt(value as string, 10) <= 100) return [];
  return [invalid(path, value, 'must not be greater than 100%')];
}

/** The number, or the percentage as a number: only good for comparing with 0. */
export function countOrPercent(value: IntOrString | undefined): number {
  return typeof value === 'string' ? Number.parseInt(value, 10) || 0 : (value ?? 0);
}

interface WithTemplate {
  spec?: { template?: unknown; selector?: unknown };
}

function templateOf(object: unknown): PodTemplate | undefined {
  return (object as WithTemplate).spec?.template as PodTemplate | undefined;
}

export function containerNames(template: PodTemplate | undefined): string {
  return (template?.spec?.containers ?? []).map((c) => c.name).join(',');
}

export function containerImages(template: PodTemplate | undefined): string {
  return (template?.spec?.containers ?? []).map((c) => c.image ?? '').join(',');
}

/** CONTAINERS and IMAGES, with `-o wide`. */
export function templateColumns<T extends KubeObject>(): Column<T>[] {
  return [
    wideColumn<T>('Containers', 'Names of the containers in the template.', (object) =>
      containerNames(templateOf(object)),
    ),
    wideColumn<T>('Images', 'Images of the containers in the template.', (object) =>
      containerImages(templateOf(object)),
    ),
  ];
}

/** SELECTOR, with `-o wide`. */
export function selectorColumn<T extends KubeObject>(): Column<T> {
  return wideColumn<T>('Selector', 'Which Pods belong to the object.', (object) =>
    formatLabelSelector((object as WithTemplate).spec?.selector as LabelSelector | undefined),
  );
}
