import { parseSelector, SelectorError } from '../../../../kubernetes/apimachinery/label-selector.ts';
import { CommandError } from '../../framework/errors.ts';

/** As metav1.LabelSelectorOperator calls them. */
const operatorNames: Readonly<Record<string, string>> = {
  in: 'In',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** The labels of a selector of equalities only. @throws CommandError */
export function matchLabelsOf(text: string): Record<string, string> {
  try {
    const labels: Record<string, string> = {};
    for (const { key, operator, values } of parseSelector(text)) {
      if (operator === '!=') throw new CommandError(`"!=" is not a valid label selector operator`);
      if (operator !== '=' && operator !== '==')
        throw new CommandError(
          `match expression [{${key} ${operatorNames[operator] ?? operator} [${values.join(' ')}]}] not supported on this object`,
        );
      labels[key] = values[0] ?? '';
    }
    return labels;
  } catch (error) {
    if (error instanceof SelectorError)
      throw new CommandError(`couldn't parse the selector string ${JSON.stringify(text)}: ${error.message}`);
    throw error;
  }
}
