import type { Job, Pod } from '../../types.ts';
import { IndexSet, parseIndexes } from './indexes.ts';

type FailurePolicy = NonNullable<Job['spec']['podFailurePolicy']>;
type Rule = FailurePolicy['rules'][number];
type ContainerStatus = NonNullable<Pod['status']['containerStatuses']>[number];

export interface PolicyMatch {
  /** Why the whole Job fails. */
  failure?: string;
  /** Whether the failure counts towards the back-off limit. */
  counts: boolean;
  action?: string;
}

/** What the Pod failure policy makes of a failed Pod (pkg/controller/job, pod_failure_policy.go). */
export function matchFailurePolicy(job: Job, pod: Pod): PolicyMatch {
  const rules = job.spec.podFailurePolicy?.rules ?? [];
  for (const [i, rule] of rules.entries()) {
    const { action } = rule;
    const cause = rule.onExitCodes ? exitCodeCause(rule, pod) : conditionCause(rule, pod);
    if (cause === undefined) continue;
    if (action === 'FailJob') return { failure: `${cause} matching FailJob rule at index ${i}`, counts: true, action };
    return { counts: action !== 'Ignore', action };
  }
  return { counts: true };
}

function exitCodeCause({ onExitCodes }: Rule, { metadata, status }: Pod): string | undefined {
  const { containerName, operator, values } = onExitCodes!;
  const matches = ({ name, state }: ContainerStatus) => {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (containerName !== undefined && containerName !== name)) return false;
    return values.includes(code) === (operator === 'In');
  };
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  const found = statuses.find(matches);
  if (!found) return undefined;
  const code = found.state!.terminated!.exitCode;
  return `Container ${found.name} for pod ${metadata.namespace}/${metadata.name} failed with exit code ${code}`;
}

function conditionCause({ onPodConditions = [] }: Rule, { metadata, status }: Pod): string | undefined {
  const found = (status.conditions ?? []).find((condition) =>
    onPodConditions.some(({ type, status = 'True' }) => type === condition.type && status === condition.status),
  );
  return found && `Pod ${metadata.namespace}/${metadata.name} has condition ${found.type}`;
}

/** The success policy's message if enough indexes succeeded (success_policy.go). */
export function matchSuccessPolicy(job: Job, succeeded: IndexSet): string | undefined {
  if (succeeded.size === 0) return undefined;
  const rules = job.spec.successPolicy?.rules ?? [];
  const met = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount;
    const wanted = parseIndexes(succeededIndexes, job.spec.completions ?? 0);
    return wanted.common(succeeded) >= (succeededCount ?? wanted.size);
  });
  return met < 0 ? undefined : `Matched rules at index ${met}`;
}
