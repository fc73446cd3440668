import { keyValueCommand } from '../metadata/command.ts';
import { isValidLabelValue } from '../../../kubernetes/apimachinery/names.ts';
import { CommandError } from '../framework/errors.ts';
import { quote } from '../framework/values.ts';

/** `kubectl label`. */
export const label = keyValueCommand({
  field: 'labels',
  noun: 'label',
  use: 'label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the labels on a resource',
  long: `Update the labels on a resource.

A key may have a prefix with a DNS name before a slash (example.com/my-app). Keys and values have at most 63 characters: letters, digits, dashes, dots and underscores. An existing label changes only with --overwrite; KEY- removes one.`,
  examples: `# A label on a Pod
kubectl label pods web tier=front

# Another value
kubectl label --overwrite pods web tier=back

# On all Pods
kubectl label pods --all status=unhealthy

# Without it again
kubectl label pods web tier-`,
  manager: 'kubectl-label',
  validate: (pair, value) => {
    if (value.includes('=')) throw new CommandError(`invalid label spec: ${pair}`);
    const problems = isValidLabelValue(value);
    if (problems.length > 0) throw new CommandError(`invalid label value: ${quote(pair)}: ${problems.join(';')}`);
  },
  conflict: (conflicts) => {
    const texts = conflicts.map(
      ({ key, value }) => `'${key}' already has a value (${value}), and --overwrite is false`,
    );
    return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
  },
  done: ({ changed, removedOnly }) => (!changed ? 'not labeled' : removedOnly ? 'unlabeled' : 'labeled'),
});
