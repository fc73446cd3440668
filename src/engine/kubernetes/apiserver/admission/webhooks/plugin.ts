import { jsonPatch } from '../../patch/json-patch.ts';
import { ApiError } from '../../../client.ts';
import { decode } from '../../../schema/decode.ts';
import { typeForKind } from '../../../schema/index.ts';
import { forbidden, internalError } from '../../errors.ts';
import { deepCopy, deepEqual } from '../../objects.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { matchConditionsHold, requestOf } from '../validating-policy/evaluate.ts';
import { webhooksFor, type ConfiguredWebhook } from './configuration.ts';
import type { Question } from './conversation.ts';
import type { Verdict } from './verdict.ts';

/** Asks webhooks about requests (k8s.io/apiserver/pkg/admission/plugin/webhook). */

const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

/** One after the other, each sees what those before it made of the object. */
export const mutatingWebhooks: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  operations,
  subresources: 'all',
  dormant: true,
  admit: (attributes) => mutate(attributes),
  // What is deleted or connected to is not changed, but may be refused.
  validate(attributes) {
    if (attributes.operation === 'DELETE' || attributes.operation === 'CONNECT') mutate(attributes);
  },
};

function mutate(attributes: AdmissionAttributes): void {
  if (!attributes.conversation) return;
  const round = attributes.reinvocation?.round ?? 0;
  for (const configured of webhooksFor(attributes, 'mutatingwebhookconfigurations')) {
    const { webhook, id } = configured;
    if (round > 0 && webhook.reinvocationPolicy !== 'IfNeeded') continue;
    if (round > 0 && !attributes.reinvocation!.isDue(id)) continue;
    if (!isMeant(configured, attributes)) continue;
    const [verdict] = attributes.conversation.verdicts([question(configured, attributes, round)]);
    const patch = judge(configured, verdict!, attributes);
    attributes.reinvocation?.called(id);
    if (patch === undefined || attributes.operation === 'DELETE' || attributes.operation === 'CONNECT') continue;
    if (applyPatch(attributes, patch, webhook.name)) attributes.reinvocation?.changed(id);
  }
}

/** All at once, and the first refusal counts. */
export const validatingWebhooks: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  operations,
  subresources: 'all',
  dormant: true,
  validate(attributes) {
    const { conversation } = attributes;
    if (!conversation) return;
    const meant = webhooksFor(attributes, 'validatingwebhookconfigurations').filter((one) => isMeant(one, attributes));
    if (meant.length === 0) return;
    const verdicts = conversation.verdicts(meant.map((one) => question(one, attributes, 0)));
    meant.forEach((one, i) => void judge(one, verdicts[i]!, attributes));
  },
};

/** @throws ApiError Forbidden if that cannot be told and failures count */
function isMeant({ webhook }: ConfiguredWebhook, attributes: AdmissionAttributes): boolean {
  if (!webhook.matchConditions?.length) return true;
  const holds = matchConditionsHold(webhook.matchConditions, attributes);
  if (typeof holds === 'boolean') return holds;
  if (webhook.failurePolicy === 'Ignore') return false;
  throw forbidden(attributes, attributes.name, holds);
}

function question({ id, webhook }: ConfiguredWebhook, attributes: AdmissionAttributes, round: number): Question {
  const { object = null, old = null } = attributes;
  const request = { ...requestOf(attributes), object: object && deepCopy(object), oldObject: old };
  // An update that is tried again after another write is another question.
  const version = old?.metadata.resourceVersion ?? '';
  return attributes.webhooks!.question(`${id}/${round}/${version}`, webhook, request, attributes.context);
}

/** @returns the patch. @throws ApiError */
function judge({ webhook }: ConfiguredWebhook, verdict: Verdict, { warn }: AdmissionAttributes): unknown {
  if (verdict.kind === 'failure') {
    if (webhook.failurePolicy === 'Ignore') return undefined;
    throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: ${verdict.text}`);
  }
  for (const text of verdict.warnings) warn(text);
  if (verdict.allowed) return verdict.patch;
  throw denial(webhook.name, verdict.result);
}

/** webhook/errors.ToStatusErr. */
function denial(name: string, result: (Verdict & { kind: 'answer' })['result']): ApiError {
  const { code = 400, message, reason, details } = result ?? {};
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message || reason ? `${by}: ${message || reason}` : `${by} without explanation`,
    ...(reason ? { reason } : undefined),
    ...(details ? { details: details as never } : undefined),
    code: Math.max(code, 400),
  });
}

/** @returns whether the object is another now. @throws ApiError InternalError for a patch that does not fit */
function applyPatch({ object, context }: AdmissionAttributes, patch: unknown, name: string): boolean {
  const before = deepCopy(object!) as unknown as Record<string, unknown>;
  let patched: Record<string, unknown> = deepCopy(before);
  try {
    jsonPatch(patched, patch);
    const type = typeForKind(object!.apiVersion ?? '', object!.kind ?? '');
    if (type) patched = decode(patched, type).value;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw internalError(`admission webhook ${JSON.stringify(name)} attempted to apply an invalid patch: ${text}`);
  }
  const target = object as unknown as Record<string, unknown>;
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, patched);
  context.applyDefaults?.(object as never);
  return !deepEqual(before, target);
}
