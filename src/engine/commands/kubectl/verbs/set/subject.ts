import type { Command } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { subjectFlags, subjectsOf } from '../create/rbac.ts';
import { NoPodTemplate } from './pod-template.ts';
import { update, updateFlags } from './updater.ts';

/** `kubectl set subject`. */
export const setSubject: Command = {
  use: 'subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  long: 'Update the user, group, or service account in a role binding or cluster role binding.',
  examples: '# A user for a binding\nkubectl set subject rolebinding admins --user=user1 --group=group1',
  flags: [...updateFlags, ...subjectFlags],
  run: async (context) => {
    const { flags } = context;
    let wanted: ReturnType<typeof subjectsOf> = [];
    await update(context, context.args, {
      done: 'subjects updated',
      quietIfSame: true,
      patchFailure: 'failed to patch subjects to rolebinding: ',
      validate: () => {
        const count = ['user', 'group', 'serviceaccount'].reduce((n, f) => n + flags.strings(f).length, 0);
        if (count === 0) throw new CommandError('you must specify at least one value of user, group or serviceaccount');
        wanted = subjectsOf(context);
      },
      change: (object) => {
        if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding')
          throw new NoPodTemplate('setting subjects is only supported for RoleBinding/ClusterRoleBinding');
        const subjects = [...((object.subjects ?? []) as Record<string, string>[])];
        for (const subject of wanted) {
          const same = (s: Record<string, string>) =>
            s.kind === subject.kind && s.name === subject.name && (s.namespace ?? '') === (subject.namespace ?? '');
          if (!subjects.some(same)) subjects.push(subject);
        }
        return { ...object, subjects };
      },
    });
  },
};
