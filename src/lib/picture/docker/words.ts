import type { ContainerTone, ImageView } from '../../../topology/docker/model.ts';

/** A sign that says the same as the colour. */
export const toneSign: Record<ContainerTone, string> = {
  created: '○',
  starting: '◔',
  running: '●',
  healthy: '✓',
  paused: '‖',
  exited: '■',
  failing: '✕',
};

/** Decimal units, as docker shows sizes. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}

export function shortName({ names, id }: ImageView): string {
  return names[0] ?? id.replace('sha256:', '').slice(0, 12);
}
