import { structuredPatch } from 'diff';
import { goDump } from './go-dump.ts';

/**
 * The change between two specs as the server shows it when a field must not change: a unified diff of their Go
 * structures in JSON, without file names.
 */
export function goDiff(type: string, before: unknown, after: unknown): string {
  const { hunks } = structuredPatch('', '', `${goDump(type, before)}\n`, `${goDump(type, after)}\n`, '', '', {
    context: 3,
  });
  return hunks
    .map((hunk) => {
      const range = (start: number, lines: number) => (lines === 1 ? `${start}` : `${start},${lines}`);
      const head = `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`;
      return [head, ...hunk.lines.filter((line) => !line.startsWith('\\'))].join('\n') + '\n';
    })
    .join('');
}
