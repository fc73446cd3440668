import type { Command } from '../framework/command.ts';
import { NotSimulated } from '../framework/errors.ts';

/** `kubectl alpha`: holds what may still go away. */
export const alpha: Command = {
  use: 'alpha',
  short: 'Commands for features in alpha',
  long: 'These commands correspond to alpha features that are not enabled in Kubernetes clusters by default.',
  commands: [
    {
      use: 'kuberc SUBCOMMAND',
      short: 'Manage kuberc configuration files',
      long: 'Changes and shows the file with preferences for kubectl.',
      notSimulated: 'all of it',
      run: () => Promise.reject(new NotSimulated('kubectl alpha kuberc')),
    },
  ],
};
