/** IntOrString values (k8s.io/apimachinery/pkg/util/intstr): ports by number or name, counts or percentages. */

export type IntOrString = number | string;

/**
 * `GetScaledValueFromIntOrPercent`: a percentage of `total`, or the number itself. Throws for text that is no percentage.
 */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  const percent = /^([-+]?[0-9]+)%$/.exec(value);
  if (!percent) {
    throw new Error('invalid value for IntOrString: invalid type: string is not a percentage');
  }
  const exact = (Number(percent[1]) * total) / 100;
  return roundUp ? Math.ceil(exact) : Math.floor(exact);
}

export function isPercentage(value: IntOrString | undefined): boolean {
  return typeof value === 'string' && /^[0-9]+%$/.test(value);
}
