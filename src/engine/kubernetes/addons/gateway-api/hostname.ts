/** Hostnames of listeners and routes: exact, or `*.` and a suffix, which stands for one or more labels. */

export function hostMatches(pattern: string | undefined, host: string): boolean {
  if (pattern === undefined || pattern === '') return true;
  if (pattern.startsWith('*.')) return host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
  return pattern === host;
}

/** How closely a pattern names hosts: exact ones before wildcards, longer before shorter. */
export function specificity(pattern: string | undefined): number {
  if (!pattern) return 0;
  return pattern.startsWith('*.') ? pattern.length : 1000 + pattern.length;
}

/** The hostnames under which a route is served by a listener; undefined: the two have none in common. */
export function intersect(
  listener: string | undefined,
  route: readonly string[],
): readonly (string | undefined)[] | undefined {
  if (route.length === 0) return [listener];
  const common = route.flatMap((one) => {
    if (!listener || one === listener) return one;
    if (!one.startsWith('*.')) return hostMatches(listener, one) ? one : [];
    if (!listener.startsWith('*.')) return hostMatches(one, listener) ? listener : [];
    if (one.endsWith(listener.slice(1))) return one;
    return listener.endsWith(one.slice(1)) ? listener : [];
  });
  return common.length > 0 ? common : undefined;
}
