import type { IToleration } from 'kubernetes-models/v1/Toleration';
import type { ITopologySpreadConstraint } from 'kubernetes-models/v1/TopologySpreadConstraint';
import { compareStrings } from '../../../gotemplate/index.ts';
import { formatLabelSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import type { DescriptionWriter } from './writer.ts';

export function writeTolerations(w: DescriptionWriter, level: number, tolerations: readonly IToleration[] = []): void {
  const sorted = [...tolerations].sort((a, b) => compareStrings(a.key ?? '', b.key ?? ''));
  w.lines(level, 'Tolerations', sorted.map(tolerationText));
}

function tolerationText({ key, value, effect, operator, tolerationSeconds }: IToleration): string {
  let text = key ?? '';
  if (value) text += `=${value}`;
  if (effect) text += `:${effect}`;
  if (operator === 'Exists' && !value) text += key || effect ? ' op=Exists' : 'op=Exists';
  if (tolerationSeconds !== undefined) text += ` for ${tolerationSeconds}s`;
  return text;
}

/** `key=value:Effect`, without what is empty (Taint.ToString). */
export function taintText({ key, value, effect }: { key: string; value?: string; effect: string }): string {
  if (!effect) return value ? `${key}=${value}:` : key;
  return value ? `${key}=${value}:${effect}` : `${key}:${effect}`;
}

export function writeTopologySpread(
  w: DescriptionWriter,
  level: number,
  constraints: readonly ITopologySpreadConstraint[] = [],
): void {
  if (constraints.length === 0) return;
  const sorted = [...constraints].sort((a, b) => compareStrings(a.topologyKey, b.topologyKey));
  const texts = sorted.map((c) => {
    const selector = c.labelSelector ? ` for selector ${formatLabelSelector(c.labelSelector)}` : '';
    return `${c.topologyKey}:${c.whenUnsatisfiable} when max skew ${c.maxSkew} is exceeded${selector}`;
  });
  w.lines(level, 'Topology Spread Constraints', texts);
}
