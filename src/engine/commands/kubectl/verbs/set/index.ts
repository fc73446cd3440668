import type { Command } from '../../framework/command.ts';
import { setEnv } from './env.ts';
import { setImage } from './image.ts';
import { setResources } from './resources.ts';
import { setSelector } from './selector.ts';
import { setServiceAccount } from './serviceaccount.ts';
import { setSubject } from './subject.ts';

/** `kubectl set …`. */
export const set: Command = {
  use: 'set SUBCOMMAND',
  short: 'Set specific features on objects',
  long: 'Configure application resources.\n\nThese commands help you make changes to existing application resources.',
  commands: [setEnv, setImage, setResources, setSelector, setServiceAccount, setSubject],
};
