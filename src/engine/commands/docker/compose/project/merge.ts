import { isTree, type Tree } from './schema.ts';

/** Lists that a later file adds to, instead of replacing. */
const appended = new Set(['ports', 'expose', 'volumes', 'dns', 'dns_search', 'tmpfs', 'cap_add', 'cap_drop', 'env_file', 'external_links', 'devices', 'profiles', 'secrets', 'configs', 'extra_hosts', 'security_opt']); // prettier-ignore
const mappings = new Set(['environment', 'labels', 'args', 'depends_on', 'networks', 'sysctls', 'annotations']);
const replaced = new Set(['command', 'entrypoint', 'test']);

/** Lists of `KEY=value` (or names) as mappings, so that they can be merged. */
function asMapping(key: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.map((item) => {
      const text = String(item);
      if (key === 'depends_on') return [text, { condition: 'service_started', required: true }];
      if (key === 'networks') return [text, null];
      const at = text.indexOf('=');
      return at < 0 ? [text, key === 'labels' ? '' : null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** What identifies an item of a list: a port's or volume's target. */
function target(key: string, item: unknown): string {
  if (isTree(item)) return String(item.target ?? item.source ?? JSON.stringify(item));
  const text = String(item);
  if (key === 'volumes') return text.split(':')[1] ?? text;
  return text;
}

/** A Compose file with another one over it. */
export function merge(below: unknown, above: unknown, key = '', depth = 0): unknown {
  if (above === undefined) return below;
  if (below === undefined || below === null || replaced.has(key)) return above;
  if (mappings.has(key) && depth >= 2) [below, above] = [asMapping(key, below), asMapping(key, above)];
  if (isTree(below) && isTree(above)) {
    const merged: Tree = { ...below };
    for (const [name, value] of Object.entries(above)) merged[name] = merge(below[name], value, name, depth + 1);
    return merged;
  }
  if (appended.has(key)) {
    const lower = Array.isArray(below) ? below : [below];
    const upper = Array.isArray(above) ? above : [above];
    const targets = new Set(upper.map((item) => target(key, item)));
    return [...lower.filter((item) => !targets.has(target(key, item))), ...upper];
  }
  return above;
}
