/**
 * Where the API server keeps objects in etcd: `/registry/<resource>/<namespace>/<name>`, with the names that some
 * resources had before they were called what they are today (pkg/registry, ResourcePrefix).
 */

export const root = '/registry/';

const special: Readonly<Record<string, string>> = {
  '/nodes': 'minions',
  '/services': 'services/specs',
  '/endpoints': 'services/endpoints',
  '/replicationcontrollers': 'controllers',
  'networking.k8s.io/ingresses': 'ingress',
};

/** Servers of their own, which put their group into the path. */
const withGroup = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/**
 * The prefix of a resource's keys.
 * @param id of its store: `group/resource`
 * @param custom whether a CustomResourceDefinition declares it
 */
export function prefixOf(id: string, custom: boolean): string {
  const [group = '', resource = ''] = id.split('/');
  if (custom || withGroup.has(group)) return `${root}${group}/${resource}/`;
  return `${root}${special[id] ?? resource}/`;
}

/** The end of the range of all keys that begin with a prefix; what etcdctl asks for with `--prefix`. */
export function prefixEnd(prefix: string): string {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const code = prefix.charCodeAt(i);
    if (code < 0xff) return prefix.slice(0, i) + String.fromCharCode(code + 1);
  }
  return '\u0000';
}

/** Does a key lie in a range as etcd means it: one key, [key, end), or everything from key on with end `\0`? */
export function inRange(key: string, from: string, end: string | undefined): boolean {
  if (end === undefined) return key === from;
  return key >= from && (end === '\u0000' || key < end);
}
