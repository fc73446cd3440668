import { forbidden, invalid as invalidField, type FieldError } from '../../apimachinery/field-error.ts';
import { invalid } from '../errors.ts';
import { isRecord } from '../objects.ts';
import type { SubresourceHandler } from './registry.ts';

interface Condition {
  type: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
}

const decisions = ['Approved', 'Denied'];

/** A decision stands, and there is one. */
function validateConditions(conditions: readonly Condition[], old: readonly Condition[]): FieldError[] {
  const at = 'status.conditions';
  const has = (list: readonly Condition[], type: string) => list.some((condition) => condition.type === type);
  const errors: FieldError[] = decisions
    .filter((type) => has(old, type) && !has(conditions, type))
    .map((type) => forbidden(at, `updates may not remove a condition of type ${JSON.stringify(type)}`));
  if (decisions.every((type) => has(conditions, type))) {
    const index = conditions.findLastIndex(({ type }) => decisions.includes(type));
    const { type } = conditions[index]!;
    errors.push(invalidField(`${at}[${index}].type`, type, 'Approved and Denied conditions are mutually exclusive'));
  }
  return errors;
}

/** certificatesigningrequests/approval: sets the Approved and Denied conditions. */
export const approval: SubresourceHandler = {
  name: 'approval',
  get: (_served, object) => object as unknown as Record<string, unknown>,
  update(core, served, object, body, options) {
    const status = isRecord(body['status']) ? body['status'] : {};
    const entry = served.storage.update(
      undefined,
      object.metadata.name,
      (existing) => {
        const old = (existing as { status?: Record<string, unknown> }).status ?? {};
        const conditions = (Array.isArray(status['conditions']) ? status['conditions'] : []) as Condition[];
        const errors = validateConditions(conditions, (old['conditions'] ?? []) as Condition[]);
        if (errors.length > 0) {
          const kind = { group: 'certificates.k8s.io', kind: 'CertificateSigningRequest' };
          throw invalid(kind, existing.metadata.name, errors);
        }
        const now = core.around.timestamp;
        const timed = conditions.map((condition) => ({
          ...condition,
          lastUpdateTime: condition.lastUpdateTime ?? now,
          lastTransitionTime: condition.lastTransitionTime ?? now,
        }));
        return { ...existing, status: { ...old, conditions: timed } };
      },
      options,
    );
    return entry.object as unknown as Record<string, unknown>;
  },
};
