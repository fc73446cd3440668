/** What curl tells about its transfers: `-w` and the progress meter. */

/** What is known of one transfer. Times are virtual ms since its start, but `started`. */
export interface Transfer {
  status: number;
  url: string;
  started: number;
  connected: number;
  looked: number;
  firstByte: number;
  size: number;
  headerSize: number;
  uploaded: number;
  redirects: number;
  redirectUrl: string;
  contentType: string;
  localIP: string;
  localPort: number;
  remoteIP: string;
  remotePort: number;
  method: string;
  scheme: string;
  retries: number;
}

/** The text that `--write-out` stands for. @param now virtual ms */
export function writeOutText(format: string, t: Transfer | undefined, now: number, exitCode: number): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(6);
  const total = t ? now - t.started : 0;
  const values: Record<string, string> = !t ? {} : {
    http_code: String(t.status).padStart(3, '0'), response_code: String(t.status).padStart(3, '0'), http_connect: '000', size_download: String(t.size),
    size_header: String(t.headerSize), size_upload: String(t.uploaded), time_total: seconds(total), time_connect: seconds(t.connected),
    time_namelookup: seconds(t.looked), time_starttransfer: seconds(t.firstByte), time_pretransfer: seconds(t.connected), time_redirect: seconds(0),
    time_appconnect: seconds(t.scheme === 'https' ? t.connected : 0), url: t.url, url_effective: t.url.replace(/^([a-z]+:\/\/[^/?#]+)$/i, '$1/'), redirect_url: t.redirectUrl, num_redirects: String(t.redirects),
    content_type: t.contentType, local_ip: t.localIP, local_port: String(t.localPort), remote_ip: t.remoteIP, remote_port: String(t.remotePort),
    method: t.method, scheme: t.scheme, http_version: t.status === 0 ? '0' : '1.1', num_connects: t.connected > 0 ? '1' : '0', num_retries: String(t.retries),
    speed_download: String(Math.round(t.size / Math.max(0.001, total / 1000))), speed_upload: '0', exitcode: String(exitCode), ssl_verify_result: '0', errormsg: '',
  }; // prettier-ignore
  return format
    .replace(/\\([nrt\\])/g, (_, c: string) => ({ n: '\n', r: '\r', t: '\t', '\\': '\\' })[c]!)
    .replace(/%%|%\{(\w+)\}/g, (_, name?: string) => {
      if (name === undefined) return '%';
      if (name === 'json') return JSON.stringify(values);
      return Object.hasOwn(values, name) ? values[name]! : '';
    });
}

/** The progress meter at the end of a transfer. @param now virtual ms */
export function meterText(transfer: Transfer, now: number): string {
  const size = String(transfer.size).padStart(5);
  const speed = short(transfer.size / Math.max(0.001, (now - transfer.started) / 1000)).padStart(6);
  const row = (total: string, rate: string) => {
    const percent = total === '    0' ? '  0' : '100';
    return `\r${percent} ${total}  ${percent} ${total}    0     0  ${rate}      0 --:--:-- --:--:-- --:--:-- ${rate}`;
  };
  return (
    '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
    '                                 Dload  Upload   Total   Spent    Left  Speed\n' +
    `${row('    0', '     0')}${row(size, speed)}\n`
  );
}

function short(n: number): string {
  if (n < 100_000) return String(Math.round(n));
  return n < 10_240_000 ? `${Math.round(n / 1024)}k` : `${(n / 1_048_576).toFixed(1)}M`;
}
