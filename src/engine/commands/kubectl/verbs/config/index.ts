import type { Command } from '../../framework/command.ts';
import { currentContext, deleteContext, getContexts, renameContext, setContext, useContext } from './contexts.ts';
import { deleteCluster, deleteUser, getClusters, getUsers, setCluster, setCredentials } from './entries.ts';
import { set, unset } from './set.ts';
import { view } from './view.ts';

export const config: Command = {
  use: 'config SUBCOMMAND',
  short: 'Modify kubeconfig files',
  long: `Changes kubeconfig files by subcommands such as "kubectl config set current-context my-context".

Which files these are:

 1.  With --kubeconfig, only that file.
 2.  Otherwise those that $KUBECONFIG lists, merged. A value is changed in the file that has it; a new one goes into the first file that exists, or into the last of the list, which is made then.
 3.  Otherwise \${HOME}/.kube/config.`,
  commands: [
    currentContext,
    deleteCluster,
    deleteContext,
    deleteUser,
    getClusters,
    getContexts,
    getUsers,
    renameContext,
    set,
    setCluster,
    setContext,
    setCredentials,
    unset,
    useContext,
    view,
  ],
};
