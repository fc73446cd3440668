import type { HttpRequest, Repeat } from '../../../network/index.ts';
import type { Process, Program } from '../../../process/index.ts';
import { baseName, Deferred, parentPath, type FileSystem, type TimedText } from '../../../world/index.ts';
import { execOrFail } from '../entrypoint.ts';
import { AddressInUse, slashDate } from '../service.ts';
import type { Listener } from '../../../network/index.ts';
import { ConfigError, interpret, parseConfig, type NginxConfig } from './config.ts';
import { writeLog, writeTimedError } from './log.ts';
import { repetition, respond } from './respond.ts';

const pidFile = '/run/nginx.pid';

/** nginx: reads its configuration, listens, serves files; -t, -v, -s, -c, -g; SIGHUP reloads. */
export const nginx: Program = async (process) => {
  let configFile = '/etc/nginx/nginx.conf';
  let test = false;
  let signal: string | undefined;
  const version = (process.env.get('NGINX_VERSION') ?? '1.29.4').replace(/-.*$/, '');
  const args = process.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    switch (args[i]) {
      case '-v':
      case '-V':
        await process.printError(`nginx version: nginx/${version}\n`);
        return 0;
      case '-t':
        test = true;
        break;
      case '-c':
        configFile = process.path(args[++i] ?? '');
        break;
      case '-s':
        signal = args[++i] ?? '';
        break;
      case '-g':
      case '-p':
      case '-e':
        i++;
        break;
      case '-q':
        break;
      default:
        await process.printError(`nginx: invalid option: "${args[i]}"\n`);
        return 1;
    }
  }
  if (signal !== undefined) return sendSignal(process, signal);
  let config: NginxConfig;
  try {
    config = readConfig(process.machine.fs, configFile);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    await process.printError(`${stamp(process)} [emerg] ${process.pid}#${process.pid}: ${error.message}\n`);
    await process.printError(`nginx: [emerg] ${error.message}\n`);
    if (test) await process.printError(`nginx: configuration file ${configFile} test failed\n`);
    return 1;
  }
  if (test) {
    await process.printError(`nginx: the configuration file ${configFile} syntax is ok\n`);
    await process.printError(`nginx: configuration file ${configFile} test is successful\n`);
    return 0;
  }
  return new Master(process, version, configFile, config).run();
};

function stamp(process: Process): string {
  return slashDate(process.world.clock.now());
}

async function sendSignal(process: Process, name: string): Promise<number> {
  const signals = { stop: 'SIGTERM', quit: 'SIGQUIT', reload: 'SIGHUP', reopen: 'SIGUSR1' } as const;
  const signal = signals[name as keyof typeof signals];
  if (!signal) {
    await process.printError(`nginx: invalid option: "-s ${name}"\n`);
    return 1;
  }
  const { fs, processes } = process.machine;
  const pid = fs.exists(pidFile) ? Number(fs.readText(pidFile)) : NaN;
  if (Number.isNaN(pid) || !processes.signal(pid, signal)) {
    await process.printError(`nginx: [error] open() "${pidFile}" failed (2: No such file or directory)\n`);
    return 1;
  }
  await process.printError(`${stamp(process)} [notice] ${process.pid}#${process.pid}: signal process started\n`);
  return 0;
}

/** The default configuration is the same in thousands of containers: parsed once per text. */
const parsed = new WeakMap<object, NginxConfig>();

function readConfig(fs: FileSystem, file: string): NginxConfig {
  const etc = fs.lookup('/etc/nginx');
  const shared =
    etc && file === '/etc/nginx/nginx.conf' && ![...fs.mounts.keys()].some((path) => path.startsWith('/etc/nginx'));
  const before = shared ? parsed.get(etc) : undefined;
  if (before) return before;
  const read = (path: string) => (fs.lookup(path)?.type === 'file' ? fs.readText(path) : undefined);
  const expand = (pattern: string) => {
    const directory = parentPath(pattern);
    if (fs.lookup(directory)?.type !== 'directory') return [];
    const regex = new RegExp(
      `^${baseName(pattern)
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')}$`,
    );
    return fs
      .readdir(directory)
      .filter((name) => regex.test(name) && !name.startsWith('.'))
      .map((name) => `${directory}/${name}`);
  };
  const config = interpret(parseConfig(file, read, expand));
  if (shared) parsed.set(etc, config);
  return config;
}

/** Why the directories for temporary files can't be made: the usual surprise of read-only and non-root containers. */
function cacheFailure(process: Process): string | undefined {
  const { fs } = process.machine;
  if ([...fs.mounts.keys()].some((path) => path === '/var/cache/nginx' || path === '/var/cache')) return undefined;
  const failed = 'mkdir() "/var/cache/nginx/client_temp" failed';
  if (fs.readOnly) return `${failed} (30: Read-only file system)`;
  const owner = fs.lookup('/var/cache/nginx')?.uid ?? 0;
  if (process.user.uid !== 0 && process.user.uid !== owner) return `${failed} (13: Permission denied)`;
  return undefined;
}

const workers = 8;
const firstWorker = 29;

function notices(messages: readonly string[], pid: number, time: number): string {
  const head = `${slashDate(time)} [notice] ${pid}#${pid}: `;
  return messages.map((m) => `${head}${m}\n`).join('');
}

/** What nginxes of one version write when they start is the same but for the time. */
const startups = new Map<string, TimedText>();

function startupNotices(version: string, pid: number): TimedText {
  const key = `${version} ${pid}`;
  let text = startups.get(key);
  if (text) return text;
  const messages = [
    'using the "epoll" event method',
    `nginx/${version}`,
    'built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ',
    'OS: Linux 6.8.0-60-generic',
    'getrlimit(RLIMIT_NOFILE): 1048576:1048576',
    'start worker processes',
    ...Array.from({ length: workers }, (_, i) => `start worker process ${firstWorker + i}`),
  ];
  const at = (time: number) => notices(messages, pid, time);
  text = { length: at(0).length, at };
  if (startups.size < 64) startups.set(key, text);
  return text;
}

/** The master process: owns the sockets, obeys signals. Workers exist in its log only. */
class Master {
  readonly #process: Process;
  readonly #version: string;
  readonly #file: string;
  #config: NginxConfig;
  readonly #listeners = new Map<number, Listener>();
  #connections = 0;

  constructor(process: Process, version: string, file: string, config: NginxConfig) {
    this.#process = process;
    this.#version = version;
    this.#file = file;
    this.#config = config;
  }

  async run(): Promise<number> {
    const process = this.#process;
    const stopped = new Deferred<'SIGTERM' | 'SIGINT' | 'SIGQUIT'>(process.world.queue);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)
      process.onSignal(signal, () => stopped.resolve(signal));
    process.onSignal('SIGHUP', () => this.#reload());
    process.onSignal('SIGUSR1', () => {});
    process.onSignal('SIGWINCH', () => {});
    const cache = cacheFailure(process);
    if (cache !== undefined) {
      this.#log('emerg', cache);
      await process.printError(`nginx: [emerg] ${cache}\n`);
      return 1;
    }
    try {
      if (!this.#listen()) return 1;
      this.#writePid(String(process.pid));
      if (this.#tellsNotices) writeTimedError(process, startupNotices(this.#version, process.pid));
      const signal = await stopped.wait(process.cancel);
      const number = { SIGTERM: 15, SIGINT: 2, SIGQUIT: 3 }[signal];
      this.#notices([
        `signal ${number} (${signal}) received, ${signal === 'SIGQUIT' ? 'shutting down' : 'exiting'}`,
        'exit',
      ]);
      return 0;
    } finally {
      for (const listener of this.#listeners.values()) listener.close();
    }
  }

  /** Opens the sockets that the configuration wants and closes the others. */
  #listen(): boolean {
    const wanted = [...new Set(this.#config.servers.flatMap((s) => s.ports))];
    for (const [port, listener] of this.#listeners)
      if (!wanted.includes(port)) {
        listener.close();
        this.#listeners.delete(port);
      }
    for (const port of wanted) {
      if (this.#listeners.has(port)) continue;
      const http = (request: HttpRequest) =>
        respond(this.#process, this.#config, this.#version, port, request, ++this.#connections);
      const repeat = (request: HttpRequest) =>
        this.#counted(repetition(this.#process, () => this.#config, port, request));
      try {
        this.#listeners.set(port, this.#process.machine.net.listen(port, { protocol: 'http', http, repeat }));
      } catch (error) {
        if (!(error instanceof AddressInUse)) throw error;
        const text = `bind() to 0.0.0.0:${port} failed (98: Address already in use)`;
        this.#log('emerg', text);
        void this.#process.stderr.write(`nginx: [emerg] ${text}\n`);
        return false;
      }
    }
    return true;
  }

  #counted(repeat: Repeat | undefined): Repeat | undefined {
    return (
      repeat &&
      (() => {
        if (!repeat()) return false;
        this.#connections++;
        return true;
      })
    );
  }

  #reload(): void {
    this.#notices(['signal 1 (SIGHUP) received, reconfiguring', 'reconfiguring']);
    try {
      this.#config = readConfig(this.#process.machine.fs, this.#file);
      this.#listen();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#log('emerg', error.message);
    }
  }

  #writePid(pid: string): void {
    const { fs } = this.#process.machine;
    if (!fs.readOnly && fs.lookup('/run')?.type === 'directory') fs.writeFile(pidFile, `${pid}\n`);
  }

  /** Whether the main error_log takes what is no error: its level is `notice` or lower. */
  get #tellsNotices(): boolean {
    const { fs } = this.#process.machine;
    const text = fs.exists(this.#file) ? fs.readText(this.#file) : '';
    const level = /^\s*error_log\s+\S+(?:\s+(\w+))?\s*;/m.exec(text);
    return level ? ['debug', 'info', 'notice'].includes(level[1] ?? 'error') : false;
  }

  #notices(messages: readonly string[]): void {
    if (!this.#tellsNotices) return;
    const { pid, world } = this.#process;
    writeLog(this.#process, '/var/log/nginx/error.log', notices(messages, pid, world.clock.now()));
  }

  #log(level: string, message: string): void {
    writeLog(
      this.#process,
      '/var/log/nginx/error.log',
      `${stamp(this.#process)} [${level}] ${this.#process.pid}#${this.#process.pid}: ${message}\n`,
    );
  }
}

const me = '/docker-entrypoint.sh:';
const script = '10-listen-on-ipv6-by-default.sh: info:';
const conf = '/etc/nginx/conf.d/default.conf';

/** @param ipv6 what becomes of the configuration's addresses */
function preparation(ipv6: readonly string[]): string {
  return [
    `${me} /docker-entrypoint.d/ is not empty, will attempt to perform configuration\n`,
    `${me} Looking for shell scripts in /docker-entrypoint.d/\n`,
    `${me} Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh\n`,
    ...ipv6.map((text) => `${script} ${text}\n`),
    `${me} Sourcing /docker-entrypoint.d/15-local-resolvers.envsh\n`,
    `${me} Launching /docker-entrypoint.d/20-envsubst-on-templates.sh\n`,
    `${me} Launching /docker-entrypoint.d/30-tune-worker-processes.sh\n`,
    `${me} Configuration complete; ready for start up\n`,
  ].join('');
}

const preparations = {
  missing: preparation([`${conf} is not a file or does not exist`]),
  readOnly: preparation([`can not modify ${conf} (read-only file system?)`]),
  enabled: preparation([`Getting the checksum of ${conf}`, `Enabled listen on IPv6 in ${conf}`]),
};

/** The image's /docker-entrypoint.sh: prepares the configuration when it is nginx that is to run, then runs it. */
export const nginxEntrypoint: Program = async (process) => {
  const command = process.argv.slice(1);
  if (command[0] === 'nginx' || command[0] === 'nginx-debug') {
    const { fs } = process.machine;
    const listens = !fs.exists(conf) ? 'missing' : fs.readOnly ? 'readOnly' : 'enabled';
    await process.print(preparations[listens]);
  }
  return execOrFail(process, command, '/docker-entrypoint.sh: exec: line 47');
};
