import { parseSelector, SelectorError } from '../../../../kubernetes/apimachinery/label-selector.ts';
import { CommandError } from '../../framework/errors.ts';

/** The labels of a selector of equalities only. @throws CommandError */
export function matchLabelsOf(text: string): Record<string, string> {
  try {
    const labels: Record<string, string> = {};
    for (const { key, operator, values } of parseSelector(text)) {
      if (operator !== '=' && operator !== '==')
        throw new CommandError(
          `match expression [{${key} ${operator} [${values.join(' ')}]}] not supported on this object`,
        );
      labels[key] = values[0] ?? '';
    }
    return labels;
  } catch (error) {
    if (error instanceof SelectorError) throw new CommandError(error.message);
    throw error;
  }
}
