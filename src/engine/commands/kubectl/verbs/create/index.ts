import type { Command } from '../../framework/command.ts';
import { createClusterRole } from './clusterrole.ts';
import { createConfigMap } from './configmap.ts';
import { createCronJob } from './cronjob.ts';
import { createDeployment } from './deployment.ts';
import { createFlags, runCreate } from './from-files.ts';
import { createIngress } from './ingress.ts';
import { createJob } from './job.ts';
import { createNamespace } from './namespace.ts';
import { createPodDisruptionBudget } from './pdb.ts';
import { createPriorityClass } from './priorityclass.ts';
import { createQuota } from './quota.ts';
import { createRole } from './role.ts';
import { createClusterRoleBinding, createRoleBinding } from './rolebinding.ts';
import { createSecret } from './secret.ts';
import { createService } from './service.ts';
import { createServiceAccount } from './serviceaccount.ts';
import { createToken } from './token.ts';

/** `kubectl create`: from files, or by a generator for one type. */
export const create: Command = {
  use: 'create -f FILENAME',
  short: 'Create a resource from a file or from stdin',
  long: 'Create a resource from a file or from stdin.\n\nFiles are JSON or YAML.',
  examples: `# What a file describes
kubectl create -f pod.yaml

# What another program prints
cat pod.json | kubectl create -f -

# Change it in the editor first
kubectl create -f registry.yaml --edit`,
  flags: createFlags,
  commands: [
    createClusterRole,
    createClusterRoleBinding,
    createConfigMap,
    createCronJob,
    createDeployment,
    createIngress,
    createJob,
    createNamespace,
    createPodDisruptionBudget,
    createPriorityClass,
    createQuota,
    createRole,
    createRoleBinding,
    createSecret,
    createService,
    createServiceAccount,
    createToken,
  ],
  run: runCreate,
};
