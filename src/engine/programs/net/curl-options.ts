/** curl's command line. */

export interface CurlOptions {
  urls: string[];
  outputs: (string | true)[];
  method: string | undefined;
  headers: string[];
  data: { text: string; kind: 'form' | 'raw' | 'binary' | 'json' | 'urlencode' }[];
  uploads: string[];
  forms: string[];
  head: boolean;
  include: boolean;
  verbose: boolean;
  silent: boolean;
  showError: boolean;
  fail: boolean;
  failWithBody: boolean;
  location: boolean;
  maxRedirects: number;
  insecure: boolean;
  get: boolean;
  writeOut: string | undefined;
  dumpHeader: string | undefined;
  user: string | undefined;
  userAgent: string | undefined;
  referer: string | undefined;
  cookie: string | undefined;
  connectTimeout: number;
  maxTime: number;
  retry: number;
  retryDelay: number | undefined;
  retryConnRefused: boolean;
  retryAllErrors: boolean;
  resolve: string[];
  connectTo: string[];
  cacert: string | undefined;
  proxy: string | undefined;
  remoteName: boolean;
  createDirs: boolean;
  http10: boolean;
  noProgress: boolean;
  help: boolean;
  version: boolean;
}

/** What is wrong with the command line; `code` is curl's exit status. */
export class CurlUsage extends Error {
  readonly code: number;
  constructor(message: string, code = 2) {
    super(message);
    this.code = code;
  }
}

type Setter = (options: CurlOptions, value: string) => void;

const seconds = (text: string): number => {
  const n = Number(text);
  if (Number.isNaN(n)) throw new CurlUsage(`expected a proper numerical parameter`);
  return n * 1000;
};

const withValue: Readonly<Record<string, Setter>> = {
  request: (o, v) => void (o.method = v),
  header: (o, v) => void o.headers.push(v),
  data: (o, v) => void o.data.push({ text: v, kind: 'form' }),
  'data-ascii': (o, v) => void o.data.push({ text: v, kind: 'form' }),
  'data-raw': (o, v) => void o.data.push({ text: v, kind: 'raw' }),
  'data-binary': (o, v) => void o.data.push({ text: v, kind: 'binary' }),
  'data-urlencode': (o, v) => void o.data.push({ text: v, kind: 'urlencode' }),
  json: (o, v) => void o.data.push({ text: v, kind: 'json' }),
  form: (o, v) => void o.forms.push(v),
  'upload-file': (o, v) => void o.uploads.push(v),
  output: (o, v) => void o.outputs.push(v),
  'write-out': (o, v) => void (o.writeOut = v),
  'dump-header': (o, v) => void (o.dumpHeader = v),
  user: (o, v) => void (o.user = v),
  'user-agent': (o, v) => void (o.userAgent = v),
  referer: (o, v) => void (o.referer = v),
  cookie: (o, v) => void (o.cookie = v),
  'connect-timeout': (o, v) => void (o.connectTimeout = seconds(v)),
  'max-time': (o, v) => void (o.maxTime = seconds(v)),
  'max-redirs': (o, v) => void (o.maxRedirects = Number(v)),
  retry: (o, v) => void (o.retry = Number(v)),
  'retry-delay': (o, v) => void (o.retryDelay = seconds(v)),
  'retry-max-time': () => {},
  resolve: (o, v) => void o.resolve.push(v),
  'connect-to': (o, v) => void o.connectTo.push(v),
  cacert: (o, v) => void (o.cacert = v),
  proxy: (o, v) => void (o.proxy = v),
  url: (o, v) => void o.urls.push(v),
};

const flags: Readonly<Record<string, (options: CurlOptions, on: boolean) => void>> = {
  head: (o, on) => void (o.head = on),
  include: (o, on) => void (o.include = on),
  'show-headers': (o, on) => void (o.include = on),
  verbose: (o, on) => void (o.verbose = on),
  silent: (o, on) => void (o.silent = on),
  'show-error': (o, on) => void (o.showError = on),
  fail: (o, on) => void (o.fail = on),
  'fail-with-body': (o, on) => void (o.fail = o.failWithBody = on),
  location: (o, on) => void (o.location = on),
  insecure: (o, on) => void (o.insecure = on),
  get: (o, on) => void (o.get = on),
  'remote-name': (o, on) => void (on ? o.outputs.push(true) : undefined),
  'create-dirs': (o, on) => void (o.createDirs = on),
  'retry-connrefused': (o, on) => void (o.retryConnRefused = on),
  'retry-all-errors': (o, on) => void (o.retryAllErrors = on),
  'http1.0': (o, on) => void (o.http10 = on),
  'progress-meter': (o, on) => void (o.noProgress = !on),
  help: (o, on) => void (o.help = on),
  version: (o, on) => void (o.version = on),
  // No effect that could be seen here: there is one protocol version, one address family, no buffering.
  'http1.1': () => {},
  http2: () => {},
  ipv4: () => {},
  globoff: () => {},
  buffer: () => {},
  compressed: () => {},
  keepalive: () => {},
  'tcp-nodelay': () => {},
};

const letters: Readonly<Record<string, string>> = {
  X: 'request', H: 'header', d: 'data', F: 'form', T: 'upload-file', o: 'output', w: 'write-out', D: 'dump-header', u: 'user',
  A: 'user-agent', e: 'referer', b: 'cookie', m: 'max-time', x: 'proxy', I: 'head', i: 'include', v: 'verbose', s: 'silent',
  S: 'show-error', f: 'fail', L: 'location', k: 'insecure', G: 'get', O: 'remote-name', h: 'help', V: 'version', 4: 'ipv4',
  0: 'http1.0', g: 'globoff', N: 'no-buffer',
}; // prettier-ignore

/** @throws CurlUsage */
export function parseCurl(args: readonly string[]): CurlOptions {
  const options: CurlOptions = {
    urls: [], outputs: [], method: undefined, headers: [], data: [], uploads: [], forms: [], head: false, include: false,
    verbose: false, silent: false, showError: false, fail: false, failWithBody: false, location: false, maxRedirects: 50,
    insecure: false, get: false, writeOut: undefined, dumpHeader: undefined, user: undefined, userAgent: undefined,
    referer: undefined, cookie: undefined, connectTimeout: 300_000, maxTime: Infinity, retry: 0, retryDelay: undefined,
    retryConnRefused: false, retryAllErrors: false, resolve: [], connectTo: [], cacert: undefined, proxy: undefined,
    remoteName: false, createDirs: false, http10: false, noProgress: false, help: false, version: false,
  }; // prettier-ignore
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      options.urls.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) i = long(options, arg.slice(2), args, i, arg);
    else if (arg.startsWith('-') && arg.length > 1) {
      for (let j = 1; j < arg.length; j++) {
        const name = letters[arg[j]!];
        if (name === undefined) throw new CurlUsage(`option ${arg}: is unknown`);
        const set = withValue[name];
        if (!set) {
          flag(options, name, arg);
          continue;
        }
        const attached = arg.slice(j + 1);
        if (attached === '' && args[i + 1] === undefined) throw new CurlUsage(`option ${arg}: requires parameter`);
        set(options, attached === '' ? args[++i]! : attached);
        break;
      }
    } else options.urls.push(arg);
  }
  return options;
}

function long(options: CurlOptions, name: string, args: readonly string[], i: number, arg: string): number {
  const set = withValue[name];
  if (!set) {
    flag(options, name, arg);
    return i;
  }
  if (args[i + 1] === undefined) throw new CurlUsage(`option ${arg}: requires parameter`);
  try {
    set(options, args[i + 1]!);
  } catch (error) {
    throw error instanceof CurlUsage ? new CurlUsage(`option ${arg}: ${error.message}`) : error;
  }
  return i + 1;
}

function flag(options: CurlOptions, name: string, arg: string): void {
  const plain = flags[name] ? name : name.replace(/^no-/, '');
  const set = flags[plain];
  if (!set) {
    if (realOptions.has(plain)) throw new CurlUsage(`slipway: curl ${arg} is not simulated`, 1);
    throw new CurlUsage(`option ${arg}: is unknown`);
  }
  set(options, plain === name);
}

/** Options that curl has and this one doesn't. */
const realOptions = new Set(
  'abstract-unix-socket anyauth append basic capath cert ciphers config cookie-jar digest doh-url ftp-port http3 interface key limit-rate max-filesize negotiate netrc next noproxy ntlm oauth2-bearer parallel path-as-is pinnedpubkey post301 progress-bar proto proxytunnel range rate raw socks5 speed-limit stderr tls-max tlsv1.2 tlsv1.3 trace trace-ascii unix-socket xattr ipv6 tcp-fastopen'.split(
    ' ',
  ),
);
