import { policyResource, type PolicyView } from '../../topology/policies.ts';
import { gap, podSize, type Box } from '../../topology/sizes.ts';
import { middle, shorten, type Elements } from './elements.ts';

/** More arrows than this tell nothing any more. */
const mostArrows = 80;
/** Width of a letter on a fence's tag. */
const tagLetter = 5.2;
/** Between a fence and what it surrounds; fences of several policies lie around each other. */
const inset = 3;

/** A fence around the Pods that a policy isolates, and arrows for the ways it leaves open. */
export function addFences(elements: Elements, policies: readonly PolicyView[], enforced: boolean): void {
  const arrows = policies.reduce((sum, { open }) => sum + open.length, 0);
  policies.forEach((policy, depth) => {
    const inside = new Set(policy.isolates.flatMap((id) => elements.pods.get(id) ?? []));
    const distance = inset + (depth % 3) * 1.5;
    const around = regions(
      [...inside].flatMap((id) => elements.all.get(id)?.position ?? []),
      distance,
    );
    const { inwards, outwards, notEnforced } = elements.words;
    const ways = policy.directions.map((direction) => (direction === 'ingress' ? inwards : outwards)).join('+');
    const label = [shorten(policy.name, 18), ways, enforced ? '' : notEnforced].filter(Boolean).join(' · ');
    const ref = { resource: policyResource, key: policy.key };
    around.forEach((box, i) =>
      elements.node(`fence ${policy.id} ${i}`, middle(box), box, enforced ? 'fence' : 'fence idle', '', ref),
    );
    const [first] = around;
    if (first) {
      const size = { width: label.length * tagLetter + 8, height: 13 };
      const at = { x: first.x + size.width / 2 + 4, y: first.y };
      elements.node(`fence-tag ${policy.id}`, at, size, enforced ? 'fence-tag' : 'fence-tag idle', label, ref);
    }
    if (arrows > mostArrows || around.length === 0 || !enforced) return;
    for (const { direction, pod, ports } of policy.open) {
      const peer = pod === undefined ? 'outside' : elements.pods.get(pod);
      if (peer === undefined || inside.has(peer)) continue;
      around.forEach((_, i) => {
        const fence = `fence ${policy.id} ${i}`;
        if (direction === 'ingress') elements.edge('allows', peer, fence, ports);
        else elements.edge('allows', fence, peer, ports);
      });
    }
  });
}

/** Few rectangles around slots: neighbours in a row share one, and rows of the same width that follow each other too. */
function regions(points: readonly { x: number; y: number }[], distance: number): Box[] {
  const step = { x: podSize.width + gap, y: podSize.height + gap };
  const rows: Box[] = [];
  for (const { x, y } of [...points].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const left = x - podSize.width / 2;
    const top = y - podSize.height / 2;
    const last = rows.at(-1);
    if (last && last.y === top && Math.abs(last.x + last.width + gap - left) < 1) last.width += step.x;
    else rows.push({ x: left, y: top, width: podSize.width, height: podSize.height });
  }
  const boxes: Box[] = [];
  for (const row of rows) {
    const above = boxes.find(
      (box) => box.x === row.x && box.width === row.width && Math.abs(box.y + box.height + gap - row.y) < 1,
    );
    if (above) above.height += step.y;
    else boxes.push(row);
  }
  return boxes.map(({ x, y, width, height }) => ({
    x: x - distance,
    y: y - distance,
    width: width + 2 * distance,
    height: height + 2 * distance,
  }));
}
