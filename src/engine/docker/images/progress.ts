import { humanSize } from '../../world/index.ts';
import type { Json } from '../router.ts';

/** A message with a bar, as clients show it on a terminal. */
export function progressMessage(id: string, status: string, current: number, total: number): Json {
  return {
    status,
    progressDetail: { current, total },
    progress: progressBar(current, total),
    id,
  };
}

function progressBar(current: number, total: number): string {
  const percent = total > 0 ? Math.min(100, Math.floor((current / total) * 100)) : 0;
  const filled = Math.floor(percent / 2);
  const bar = `[${'='.repeat(filled)}>${' '.repeat(50 - filled)}]`;
  return `${bar.length > 53 ? bar.slice(0, 53) : bar} ${humanSize(current).padStart(8)}/${humanSize(total)}`;
}
