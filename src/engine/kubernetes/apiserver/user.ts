/** Who makes a request. */
export interface User {
  name: string;
  uid?: string;
  groups: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
  /** A component inside the process: authorization is no matter for it. No request from outside has this. */
  readonly trusted?: true;
}

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The user that a component of the control plane acts as. */
export function systemUser(name: string): User {
  return { name, groups: ['system:authenticated'], trusted: true };
}

export function serviceAccountUser(namespace: string, name: string, uid?: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    ...(uid && { uid }),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
