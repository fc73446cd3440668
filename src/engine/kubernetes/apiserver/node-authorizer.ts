import type { AuthorizationAttributes, Decision } from './authorization.ts';
import { RbacAuthorizer } from './rbac/index.ts';
import { nodeReferences } from './node-references.ts';
import { nodeRules } from './rbac/default-roles.ts';
import { ruleAllows } from './rbac/rules.ts';
import type { Store } from './store.ts';

/**
 * Kubelets may do what kubelets do, and of Secrets and the like they may read only what the Pods bound to their node refer to
 * (plugin/pkg/auth/authorizer/node). Whatever it does not allow is left to the roles.
 */

const userPrefix = 'system:node:';
const nodesGroup = 'system:nodes';
const leaseNamespace = 'kube-node-lease';

/** Why not; undefined: allowed. */
type Verdict = string | undefined;
type Rule = (asked: AuthorizationAttributes, node: string, store: Store) => Verdict;

/** The authorization mode `Node,RBAC`. */
export class NodeAndRbacAuthorizer extends RbacAuthorizer {
  readonly #store: Store;

  constructor(store: Store) {
    super(store);
    this.#store = store;
  }

  override authorize(attributes: AuthorizationAttributes): Decision {
    const { user } = attributes;
    const isNode = !user.trusted && user.name.startsWith(userPrefix) && user.groups.includes(nodesGroup);
    if (!isNode) return super.authorize(attributes);
    const why = nodeVerdict(attributes, user.name.slice(userPrefix.length), this.#store);
    if (why === undefined) return { allowed: true };
    const byRole = super.authorize(attributes);
    if (byRole.allowed) return byRole;
    const reason = [why, byRole.reason].filter(Boolean).join('\n');
    return { allowed: false, ...(reason && { reason }) };
  }
}

function nodeVerdict(asked: AuthorizationAttributes, node: string, store: Store): Verdict {
  const rule = asked.path === undefined ? rules[`${asked.group ?? ''}/${asked.resource}`] : undefined;
  if (rule) return rule(asked, node, store);
  return nodeRules.some((allowed) => ruleAllows(allowed, asked)) ? undefined : '';
}

const related =
  (resource: string): Rule =>
  ({ namespace, name }, node, store) => {
    if (!name) return 'No Object name found';
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    if (nodeReferences(store, node, resource).has(key)) return undefined;
    return `no relationship found between node '${node}' and this object`;
  };

const readRelated =
  (resource: string): Rule =>
  (asked, node, store) => {
    if (!['get', 'list', 'watch'].includes(asked.verb)) return 'can only read resources of this type';
    if (asked.subresource) return 'cannot read subresource';
    if (!asked.namespace) return 'can only read namespaced object of this type';
    return related(resource)(asked, node, store);
  };

const getRelated =
  (resource: string): Rule =>
  (asked, node, store) => {
    if (asked.verb !== 'get') return 'can only get individual resources of this type';
    if (asked.subresource) return 'cannot get subresource';
    return related(resource)(asked, node, store);
  };

const objectVerbs = ['get', 'create', 'update', 'patch', 'delete'];

const rules: Readonly<Record<string, Rule>> = {
  '/secrets': readRelated('secrets'),
  '/configmaps': readRelated('configmaps'),
  '/persistentvolumes': getRelated('persistentvolumes'),
  'storage.k8s.io/volumeattachments': getRelated('volumeattachments'),
  'resource.k8s.io/resourceclaims': getRelated('resourceclaims'),

  '/persistentvolumeclaims': (asked, node, store) => {
    if (asked.subresource !== 'status') return getRelated('persistentvolumeclaims')(asked, node, store);
    if (asked.verb !== 'update' && asked.verb !== 'patch') return 'can only get/update/patch this type';
    return related('persistentvolumeclaims')(asked, node, store);
  },

  '/serviceaccounts': (asked, node, store) => {
    if (asked.verb !== 'create' || asked.subresource !== 'token') {
      return 'can only create tokens for individual service accounts';
    }
    return related('serviceaccounts')(asked, node, store);
  },

  'coordination.k8s.io/leases': ({ verb, namespace, name }, node) => {
    if (!objectVerbs.includes(verb)) return 'can only get, create, update, patch, or delete a node lease';
    if (namespace !== leaseNamespace) return `can only access leases in the "${leaseNamespace}" system namespace`;
    if (verb !== 'create' && name !== node) {
      return 'can only access node lease with the same name as the requesting node';
    }
    return undefined;
  },

  'storage.k8s.io/csinodes': ({ verb, subresource, name }, node) => {
    if (!objectVerbs.includes(verb)) return 'can only get, create, update, patch, or delete a CSINode';
    if (subresource) return 'cannot authorize CSINode subresources';
    if (verb !== 'create' && name !== node) return 'can only access CSINode with the same name as the requesting node';
    return undefined;
  },

  // What changes is NodeRestriction's business, which sees the object.
  '/nodes': ({ verb, subresource = '', name }, node) => {
    if (subresource === 'status') return verb === 'update' || verb === 'patch' ? undefined : '';
    if (subresource !== '') return '';
    if (['create', 'update', 'patch'].includes(verb)) return undefined;
    if (!['get', 'list', 'watch'].includes(verb)) return '';
    if (name === node) return undefined;
    return `node '${node}' cannot read ${name ? `'${name}'` : 'all nodes'}, only its own Node object`;
  },

  '/pods': (asked, node, store) => {
    const { verb, subresource = '' } = asked;
    if (subresource === 'status') return verb === 'update' || verb === 'patch' ? undefined : '';
    if (subresource === 'eviction') return verb === 'create' ? undefined : '';
    if (subresource !== '') return '';
    switch (verb) {
      case 'get':
        return related('pods')(asked, node, store);
      case 'list':
      case 'watch':
        if (asked.name || asked.fieldSelector?.['spec.nodeName'] === node) {
          return asked.name ? related('pods')(asked, node, store) : undefined;
        }
        return `can only list/watch pods with spec.nodeName field selector`;
      case 'create':
      case 'delete':
        return undefined;
      default:
        return '';
    }
  },
};
