import { own } from '../../../../world/index.ts';
import type { ILimitRange } from 'kubernetes-models/v1/LimitRange';
import { duplicate, forbidden, invalid, type FieldError } from '../../../apimachinery/field-error.ts';
import { isQualifiedName } from '../../../apimachinery/names.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../../../apimachinery/quantity.ts';
import { createdAtColumn, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName } from '../common/validate.ts';
import { validateResourceName } from '../pod/validation/resources.ts';

type LimitRange = Kind<ILimitRange>;
type Amounts = Readonly<Record<string, string | number>>;

const limitTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];

export const limitRange = defineKind<LimitRange>('', 'v1', 'limitranges', {
  generation: false,

  /** What is given for one bound stands in for those it implies (SetDefaults_LimitRangeItem). */
  defaults({ spec }) {
    for (const limit of spec?.limits ?? []) {
      if (limit.type !== 'Container') continue;
      limit.default = { ...limit.max, ...limit.default };
      limit.defaultRequest = { ...limit.min, ...limit.default, ...limit.defaultRequest };
      if (Object.keys(limit.default).length === 0) delete limit.default;
      if (Object.keys(limit.defaultRequest).length === 0) delete limit.defaultRequest;
    }
  },

  validate({ spec }): FieldError[] {
    const seen = new Set<string>();
    return (spec?.limits ?? []).flatMap((limit, i) => {
      const at = `spec.limits[${i}]`;
      const errors: FieldError[] = [];
      errors.push(...checkName(limit.type, `${at}.type`, isQualifiedName));
      if (limit.type && !limit.type.includes('/') && !limitTypes.includes(limit.type))
        errors.push(invalid(`${at}.type`, limit.type, 'must be a standard limit type or fully qualified'));
      if (seen.has(limit.type)) errors.push(duplicate(`${at}.type`, limit.type));
      seen.add(limit.type);
      const {
        min = {},
        max = {},
        default: limits = {},
        defaultRequest = {},
      } = limit as unknown as Record<string, Amounts>;
      if (limit.type === 'Pod') {
        if (limit.default) errors.push(forbidden(`${at}.default`, "may not be specified when `type` is 'Pod'"));
        if (limit.defaultRequest)
          errors.push(forbidden(`${at}.defaultRequest`, "may not be specified when `type` is 'Pod'"));
      }
      const names = new Set([min, max, limits, defaultRequest].flatMap((amounts) => Object.keys(amounts)));
      for (const name of [...names].sort()) {
        errors.push(...validateResourceName(name, `${at}.max`));
        errors.push(...notAbove(own(min, name), own(max, name), `${at}.min[${name}]`, 'min', 'max'));
        errors.push(
          ...notAbove(
            own(min, name),
            own(defaultRequest, name),
            `${at}.defaultRequest[${name}]`,
            'min',
            'default request',
          ),
        );
        errors.push(
          ...notAbove(
            own(defaultRequest, name),
            own(max, name),
            `${at}.defaultRequest[${name}]`,
            'default request',
            'max',
          ),
        );
        errors.push(
          ...notAbove(
            own(defaultRequest, name),
            own(limits, name),
            `${at}.defaultRequest[${name}]`,
            'default request',
            'default limit',
          ),
        );
        errors.push(...notAbove(own(min, name), own(limits, name), `${at}.default[${name}]`, 'min', 'default'));
        errors.push(...notAbove(own(limits, name), own(max, name), `${at}.default[${name}]`, 'default', 'max'));
      }
      return errors;
    });
  },

  columns: [nameColumn, createdAtColumn],
});

function notAbove(
  low: string | number | undefined,
  high: string | number | undefined,
  path: string,
  lowName: string,
  highName: string,
): FieldError[] {
  if (low === undefined || high === undefined) return [];
  const [a, b] = [parseQuantity(low), parseQuantity(high)];
  if (compareQuantities(a, b) <= 0) return [];
  const shown = path.includes(lowName === 'default request' ? 'defaultRequest' : lowName) ? a : b;
  const message = `${lowName} value ${formatQuantity(a)} is greater than ${highName} value ${formatQuantity(b)}`;
  return [invalid(path, formatQuantity(shown), message)];
}
