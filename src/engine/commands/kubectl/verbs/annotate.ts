import { keyValueCommand } from '../metadata/command.ts';

/** `kubectl annotate`. */
export const annotate = keyValueCommand({
  field: 'annotations',
  noun: 'annotation',
  use: 'annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the annotations on a resource',
  long: `Update the annotations on one or more resources.

Annotations are for programs: keys like those of labels, values of any text. An existing one changes only with --overwrite; KEY- removes one.`,
  examples: `# An annotation on a Pod
kubectl annotate pods web description='the front page'

# Another value
kubectl annotate --overwrite pods web description='the front page, with nginx'

# On all Pods
kubectl annotate pods --all description='all of them'

# Without it again
kubectl annotate pods web description-`,
  manager: 'kubectl-annotate',
  validate: () => {},
  conflict: (conflicts) =>
    `--overwrite is false but found the following declared annotation(s): ${conflicts.map(({ key, value }) => `'${key}' already has a value (${value})`).join('; ')}`,
  done: () => 'annotated',
});
