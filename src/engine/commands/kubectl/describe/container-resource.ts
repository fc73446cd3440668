import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IResourceFieldSelector } from 'kubernetes-models/v1/ResourceFieldSelector';
import { parseQuantity, quantityMilliValue, quantityValue } from '../../../kubernetes/apimachinery/quantity.ts';

/** What a resourceFieldRef gives: the amount in units of the divisor, rounded up; '' for an unknown resource. */
export function containerResource({ resource, divisor }: IResourceFieldSelector, container: IContainer): string {
  const [list, ...rest] = resource.split('.');
  const name = rest.join('.');
  if (list !== 'limits' && list !== 'requests') return '';
  if (!/^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name)) return '';
  const amount = container.resources?.[list]?.[name] ?? 0;
  const isCpu = name === 'cpu';
  const measure = isCpu ? quantityMilliValue : quantityValue;
  const unit = divisor === undefined || parseQuantity(divisor).nanos === 0n ? measure('1') : measure(divisor);
  return String(Math.ceil(measure(amount) / unit));
}
