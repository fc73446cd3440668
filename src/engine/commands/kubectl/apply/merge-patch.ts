/** The value with a JSON merge patch (RFC 7386) applied. */
export function mergePatch(value: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const source =
    value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  const out: Record<string, unknown> = { ...source };
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete out[key];
    else out[key] = mergePatch(source[key], change);
  }
  return out;
}
