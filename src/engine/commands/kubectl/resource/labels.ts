import { matchesSelector, parseSelector, SelectorError } from '../../../kubernetes/apimachinery/label-selector.ts';
import { CommandError } from '../framework/errors.ts';

/** A test for labels. @throws CommandError in the words of labels.Parse */
export function parseLabelSelector(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  try {
    const selector = parseSelector(text);
    return (labels) => matchesSelector(selector, labels);
  } catch (error) {
    if (error instanceof SelectorError) throw new CommandError(error.message);
    throw error;
  }
}

/** Objects of files are chosen here, not by the server. */
export function parseFileSelector(text: string): ReturnType<typeof parseLabelSelector> {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`the provided selector ${JSON.stringify(text)} is not valid: ${error.message}`);
  }
}
