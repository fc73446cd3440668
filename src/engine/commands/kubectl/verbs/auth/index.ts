import type { Command } from '../../framework/command.ts';
import { canI } from './can-i.ts';
import { reconcile } from './reconcile.ts';
import { whoami } from './whoami.ts';

export const auth: Command = {
  use: 'auth [flags]',
  short: 'Inspect authorization',
  commands: [canI, reconcile, whoami],
};
