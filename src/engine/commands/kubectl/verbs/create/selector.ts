import { parseSelector, SelectorError } from '../../../../kubernetes/apimachinery/label-selector.ts';
import { CommandError } from '../../framework/errors.ts';

const operators: Record<string, string> = {
  in: 'In',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
  '!=': 'NotIn',
};

/** A selector's text in the API's form (metav1.ParseToLabelSelector). @throws CommandError */
export function selectorFrom(text: string): Record<string, unknown> {
  try {
    const matchLabels: Record<string, string> = {};
    const matchExpressions: Record<string, unknown>[] = [];
    for (const { key, operator, values } of parseSelector(text)) {
      if (operator === '=' || operator === '==') matchLabels[key] = values[0] ?? '';
      else if (operators[operator])
        matchExpressions.push({
          key,
          operator: operators[operator],
          ...(values.length > 0 ? { values: [...values] } : {}),
        });
      else throw new CommandError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    }
    return {
      ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
      ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
    };
  } catch (error) {
    if (error instanceof SelectorError)
      throw new CommandError(`couldn't parse the selector string ${JSON.stringify(text)}: ${error.message}`);
    throw error;
  }
}
