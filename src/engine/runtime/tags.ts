/** Which tags a repository has: rules, where real repositories follow rules. */
export interface TagScheme {
  /**
   * The newest release of each line, newest line first, e.g. `1.29.4`, `1.28.1`. Everything below in the last number
   * exists too (`1.29.0` … `1.29.4`), and so does each prefix (`1.29`, `1`), which stands for the first match.
   */
  releases: readonly string[];
  /** Names for releases, e.g. `{ latest: '1.29.4' }`; `latest` is the first release unless given here. */
  aliases?: Readonly<Record<string, string>>;
  /** Tags may end in `-VARIANT`; a variant alone means that variant of `latest`. */
  variants?: RegExp;
  /** Tags are written with a leading `v`. */
  prefix?: string;
}

/** The release and variant that a tag stands for, or undefined if there is no such tag. */
export function resolveTag(scheme: TagScheme, tag: string): { version: string; variant: string } | undefined {
  const exact = resolveVersion(scheme, tag);
  if (exact) return { version: exact, variant: '' };
  if (!scheme.variants) return undefined;
  const whole = new RegExp(`^(?:${scheme.variants.source})$`);
  if (whole.test(tag)) return { version: resolveVersion(scheme, 'latest')!, variant: tag };
  for (let dash = tag.indexOf('-'); dash > 0; dash = tag.indexOf('-', dash + 1)) {
    const version = resolveVersion(scheme, tag.slice(0, dash));
    if (version && dash + 1 < tag.length && whole.test(tag.slice(dash + 1)))
      return { version, variant: tag.slice(dash + 1) };
  }
  return undefined;
}

function resolveVersion(scheme: TagScheme, name: string): string | undefined {
  const alias = scheme.aliases?.[name] ?? (name === 'latest' ? scheme.releases[0] : undefined);
  if (alias !== undefined) return alias;
  const prefix = scheme.prefix ?? '';
  if (!name.startsWith(prefix)) return undefined;
  const wanted = name.slice(prefix.length);
  if (!/^\d+(\.\d+)*$/.test(wanted)) return undefined;
  for (const newest of scheme.releases) {
    if (newest === wanted || newest.startsWith(wanted + '.')) return newest;
    const dot = newest.lastIndexOf('.');
    if (dot < 0) continue;
    const line = newest.slice(0, dot + 1);
    const last = wanted.slice(line.length);
    if (wanted.startsWith(line) && /^(0|[1-9]\d*)$/.test(last) && Number(last) <= Number(newest.slice(dot + 1)))
      return wanted;
  }
  return undefined;
}
