import type { AdmissionPlugin } from '../admission/plugin.ts';
import type { Authorizer } from '../authorization.ts';
import type { RbacAuthorizer } from './authorizer.ts';
import { certificateChecks } from './certificates.ts';
import { escalationCheck } from './escalation.ts';

export { RbacAuthorizer } from './authorizer.ts';
export { aggregatedRules } from './aggregation.ts';
export { bootstrapKubeadmRbac, bootstrapRbac } from './bootstrap.ts';

/** Checks of writes that need to know what their user may do. */
export function authorizationChecks(authorizer: () => Authorizer): readonly AdmissionPlugin[] {
  return [escalationCheck(authorizer as () => RbacAuthorizer), ...certificateChecks(authorizer)];
}
