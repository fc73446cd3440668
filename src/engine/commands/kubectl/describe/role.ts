import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { type AnyDescriber, describer } from './describer.ts';
import { writeMetadata } from './format.ts';
import { breakdownRule, compactRules, ruleCells, ruleHeader, sortRules } from './policy-rules.ts';

function roleDescriber(kind: string): AnyDescriber {
  return describer<Pick<IRole, 'rules'>>({
    group: 'rbac.authorization.k8s.io',
    kind,
    describe(w, { metadata, rules }) {
      w.field(0, 'Name', metadata.name);
      writeMetadata(w, metadata);
      w.line(0, 'PolicyRule:');
      w.table(1, ruleHeader, sortRules(compactRules((rules ?? []).flatMap(breakdownRule))).map(ruleCells));
    },
  });
}

export const role = roleDescriber('Role');
export const clusterRole = roleDescriber('ClusterRole');
