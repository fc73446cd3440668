import type { SavedSession } from '../../session/protocol.ts';

/** A file that lets others see a failure again: the session replays to it. */
export function bugReport(message: string, build: string, saved: SavedSession | undefined): string {
  return JSON.stringify(
    { product: 'slipway', build, message, page: location.href, browser: navigator.userAgent, session: saved ?? null },
    null,
    2,
  );
}

export function download(name: string, text: string, type = 'application/json'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
