import type { BrowsedPage } from './protocol.ts';
import type { Host } from './room.ts';

/** A page may be so large, bytes. */
const most = 512 << 10;
/** Stands between what the server sent and what curl adds. */
const mark = '\x1e';
const patience = 15;

/**
 * Fetches a page as a browser on this host would. It is curl that does it, so names, routes, certificates and what is in
 * the way count as they do at the prompt.
 * @param insecure takes certificates that nobody vouches for
 */
export async function browse(host: Host, url: string, insecure: boolean): Promise<BrowsedPage> {
  const address = /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`;
  const out = new Text();
  const complaint = new Text();
  const began = host.machine.world.queue.now;
  const child = host.start(
    [
      'curl',
      '-sS',
      '-i',
      '-L',
      '-m',
      String(patience),
      ...(insecure ? ['-k'] : []),
      '-A',
      'Mozilla/5.0 (Slipway)',
      '-w',
      `${mark}%{url_effective}`,
      address,
    ],
    { env: host.environment, cwd: host.home, stdout: out, stderr: complaint, group: 'new' },
  );
  const exit = await child.wait();
  const took = host.machine.world.queue.now - began;
  const at = out.text.lastIndexOf(mark);
  const finalUrl = at < 0 ? address : out.text.slice(at + 1);
  if (exit !== 0) return { url: finalUrl, took, error: { exit, text: complaint.text.trim() } };
  return { url: finalUrl, took, ...parseAnswer(out.text.slice(0, at)) };
}

/** The last of the answers: those before it were redirects. */
function parseAnswer(text: string): Pick<BrowsedPage, 'status' | 'reason' | 'contentType' | 'body'> {
  let rest = text;
  for (;;) {
    const end = rest.search(/\r?\n\r?\n/);
    const head = end < 0 ? rest : rest.slice(0, end);
    const body = end < 0 ? '' : rest.slice(end).replace(/^\r?\n\r?\n/, '');
    const [, status = '0', reason = ''] = /^HTTP\/[\d.]+ (\d+) ?(.*)/.exec(head) ?? [];
    const redirected = /^3/.test(status) && /^location:/im.test(head) && body.startsWith('HTTP/');
    if (redirected) {
      rest = body;
      continue;
    }
    const contentType = /^content-type: *([^\r\n]*)/im.exec(head)?.[1] ?? 'text/plain';
    return { status: Number(status), reason: reason.trim(), contentType, body };
  }
}

class Text {
  readonly #decoder = new TextDecoder();
  text = '';

  write(data: Uint8Array | string): Promise<void> {
    if (this.text.length < most)
      this.text += typeof data === 'string' ? data : this.#decoder.decode(data, { stream: true });
    return Promise.resolve();
  }

  close(): void {}
}
