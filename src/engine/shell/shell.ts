import type { ParsedScript, Redirect } from 'unbash';
import {
  Descriptor,
  SpawnError,
  type ChildProcess,
  type Process,
  type Program,
  type SpawnOptions,
} from '../process/index.ts';
import { BrokenPipe, Cancellation, FsError, latency, Pipe, readAll, type World } from '../world/index.ts';
import { arithmeticNow } from './expand.ts';
import { ShellError } from './errors.ts';
import type { ArithmeticVariables } from './arithmetic.ts';
import { runCommands, runShellProcess, type FunctionDefinition } from './execute.ts';
import { History } from './history.ts';
import { JobTable } from './jobs.ts';
import { decodePrompt } from './prompt.ts';
import { Redirections } from './redirect.ts';
import type { Completer } from './completion.ts';
import { parseSource, type Source } from './syntax.ts';
import { Traps } from './traps.ts';
import { Variables } from './variables.ts';

/** Which shell's error texts to write: bash, Debian's dash (`sh`), busybox's ash. */
export type Flavor = 'bash' | 'dash' | 'ash';

export interface ShellOptions {
  /** `$0`. */
  name: string;
  flavor: Flavor;
  positional?: readonly string[];
  interactive?: boolean;
  login?: boolean;
  completers?: ReadonlyMap<string, Completer>;
  /** Runs one built-in as a program of its own: messages have no prefix. */
  standalone?: boolean;
  /** A copy for a subshell, whose process begins later. */
  forked?: boolean;
}

/** CPU time (virtual ms) that may add up before the shell pays it by waiting. */
const quantum = 1;

/** Functions, `eval` and `source` nest at most this deep (`FUNCNEST`). */
export const nestingLimit = 1000;

/** What a command substitution may hold. */
const substitutionLimit = 64 << 20;

/** The state of one shell process: what a subshell gets a copy of. */
export class Shell {
  process: Process;
  readonly world: World;
  name: string;
  readonly flavor: Flavor;
  readonly login: boolean;
  readonly #standalone: boolean;
  interactive: boolean;
  readonly completers: ReadonlyMap<string, Completer>;
  variables = new Variables();
  functions = new Map<string, FunctionDefinition>();
  aliases = new Map<string, string>();
  /** Names as `set -o` lists them. */
  options = new Set<string>();
  shopts = new Set<string>();
  positional: string[] = [];
  status = 0;
  lastBackground: number | undefined;
  pipeStatus: number[] = [];
  fds = new Map<number, Descriptor>();
  jobs = new JobTable();
  traps: Traps;
  directories: string[] = [];
  history = new History();
  subshell = 0;
  source: Source | undefined;
  /** Added to line numbers of `source` (sourced pieces of an interactive session). */
  line = 1;
  callStack: string[] = [];
  loopDepth = 0;
  sourceDepth = 0;
  nesting = 0;
  /** Inside `if`, `while`, `&&`, `||`, `!`: failing commands don't end the shell there. */
  conditionDepth = 0;
  /** Status of the last command substitution of a command without a name. */
  substitutionStatus: number | undefined;
  /** Fires when what runs now is to end: Ctrl-C, or the end of the process. */
  interrupt = new Cancellation();
  #debt = 0;
  #started: number;
  #temporaryFds: number[] = [];

  constructor(process: Process, options: ShellOptions) {
    this.process = process;
    this.world = process.world;
    this.name = options.name;
    this.flavor = options.flavor;
    this.interactive = options.interactive ?? false;
    this.login = options.login ?? false;
    this.#standalone = options.standalone ?? false;
    this.completers = options.completers ?? new Map();
    this.positional = [...(options.positional ?? [])];
    this.#started = this.world.clock.now();
    this.traps = new Traps(this);
    if (!options.forked) this.#attach(process);
    this.#defineDynamic();
  }

  #attach(process: Process): void {
    this.process = process;
    process.cancel.onCancel((reason) => this.interrupt.cancel(reason));
  }

  /** Takes up environment and standard streams of the process: once, for a shell that is not a fork. */
  initialize(): void {
    const { process } = this;
    for (const [name, value] of process.env) {
      if (!/^[A-Za-z_]\w*$/.test(name)) continue;
      this.variables.set(name, value).exported = true;
    }
    const streams = [process.stdin, process.stdout, process.stderr] as const;
    const names = ['stdin', 'stdout', 'stderr'] as const;
    streams.forEach((stream, n) => {
      const tty = process.isatty[names[n]!] ? process.tty : undefined;
      const ends = n === 0 ? { reader: process.stdin } : { writer: stream as Process['stdout'] };
      const descriptor =
        stream instanceof Descriptor ? stream.dup() : tty ? Descriptor.ofTty(tty) : Descriptor.borrow(ends);
      this.fds.set(n, descriptor);
    });
    for (const [n, descriptor] of process.descriptors) this.fds.set(n, descriptor.dup());
    const set = (name: string, value: string) => {
      if (this.variables.get(name) === undefined) this.variables.set(name, value);
    };
    set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
    set('IFS', ' \t\n');
    set('OPTIND', '1');
    set('PS4', '+ ');
    this.variables.set('PWD', process.cwd).exported = true;
    const level = Number(this.variables.get('SHLVL') ?? 0);
    this.variables.set('SHLVL', String((Number.isInteger(level) ? level : 0) + 1)).exported = true;
    if (this.flavor === 'bash') {
      set('BASH_VERSION', '5.2.15(1)-release');
      this.variables.setArray(
        'BASH_VERSINFO',
        ['5', '2', '15', '1', 'release', 'x86_64-pc-linux-gnu'].map((v, i) => [String(i), v] as const),
      );
      set('HOSTNAME', process.machine.hostname);
      set('HOSTTYPE', 'x86_64');
      set('OSTYPE', 'linux-gnu');
      set('MACHTYPE', 'x86_64-pc-linux-gnu');
      this.shopts = new Set([
        'cmdhist',
        'complete_fullquote',
        'extquote',
        'force_fignore',
        'globasciiranges',
        'hostcomplete',
        'interactive_comments',
        'patsub_replacement',
        'progcomp',
        'promptvars',
        'sourcepath',
      ]);
    }
    if (this.interactive) this.shopts.add('expand_aliases').add('checkwinsize');
  }

  #defineDynamic(): void {
    const random = this.world.random.stream('shell/RANDOM');
    this.variables.dynamic = {
      RANDOM: () => String(random.uint32() >>> 17),
      SRANDOM: () => String(random.uint32()),
      SECONDS: () => String(Math.floor((this.world.clock.now() - this.#started) / 1000)),
      EPOCHSECONDS: () => String(Math.floor(this.world.clock.now() / 1000)),
      EPOCHREALTIME: () => (this.world.clock.now() / 1000).toFixed(6),
      LINENO: () => String(this.line),
      BASHPID: () => String(this.process.pid),
      PPID: () => String(this.process.ppid),
      UID: () => String(this.process.user.uid),
      EUID: () => String(this.process.user.uid),
      FUNCNAME: () => this.callStack.at(-1),
      BASH_SUBSHELL: () => String(this.subshell),
      COLUMNS: () => (this.interactive && this.process.tty ? String(this.process.tty.columns) : undefined),
      LINES: () => (this.interactive && this.process.tty ? String(this.process.tty.rows) : undefined),
    };
  }

  /** A copy for a subshell, with descriptors of its own. */
  #clone(): Shell {
    const copy = new Shell(this.process, {
      name: this.name,
      flavor: this.flavor,
      completers: this.completers,
      forked: true,
    });
    copy.variables = this.variables.clone();
    copy.#defineDynamic();
    copy.#started = this.#started;
    copy.functions = new Map(this.functions);
    copy.aliases = new Map(this.aliases);
    copy.options = new Set(this.options);
    copy.options.delete('monitor');
    copy.shopts = new Set(this.shopts);
    copy.positional = [...this.positional];
    copy.status = this.status;
    copy.lastBackground = this.lastBackground;
    copy.pipeStatus = [...this.pipeStatus];
    copy.directories = [...this.directories];
    copy.history = this.history;
    copy.subshell = this.subshell + 1;
    copy.source = this.source;
    copy.line = this.line;
    copy.callStack = [...this.callStack];
    copy.loopDepth = this.loopDepth;
    copy.sourceDepth = this.sourceDepth;
    copy.nesting = this.nesting;
    copy.conditionDepth = this.conditionDepth;
    copy.traps.inherit(this.traps);
    for (const [n, descriptor] of this.fds) copy.fds.set(n, descriptor.dup());
    return copy;
  }

  /** `$$`: the pid of the shell that is not a subshell. */
  shellPid: number | undefined;

  /**
   * Starts a subshell as a child process.
   * @param fds descriptors that take the place of this shell's; they become the child's
   * @throws SpawnError EAGAIN
   */
  fork(
    body: (subshell: Shell) => Promise<number>,
    { fds, ...options }: { fds?: ReadonlyMap<number, Descriptor> } & Pick<SpawnOptions, 'group' | 'ignore'> = {},
  ): ChildProcess {
    const subshell = this.#clone();
    subshell.shellPid = this.shellPid ?? this.process.pid;
    for (const [n, descriptor] of fds ?? []) {
      subshell.fds.get(n)?.close();
      subshell.fds.set(n, descriptor);
    }
    const program: Program = async (process) => {
      subshell.#attach(process);
      return runShellProcess(subshell, body);
    };
    const stream = (n: number) => subshell.fds.get(n);
    try {
      return this.process.fork(program, this.process.argv, {
        ...options,
        cwd: this.process.cwd,
        umask: this.process.umask,
        stdin: stream(0),
        stdout: stream(1),
        stderr: stream(2),
        isatty: subshell.isatty(),
      });
    } catch (error) {
      subshell.closeAll();
      throw error;
    }
  }

  isatty(): Process['isatty'] {
    return { stdin: !!this.fds.get(0)?.tty, stdout: !!this.fds.get(1)?.tty, stderr: !!this.fds.get(2)?.tty };
  }

  closeAll(): void {
    for (const descriptor of this.fds.values()) descriptor.close();
    this.fds.clear();
  }

  /** Descriptors and environment for a program started from here. */
  spawnOptions(environment?: ReadonlyMap<string, string>): SpawnOptions {
    const others = new Map<number, Descriptor>();
    for (const [n, descriptor] of this.fds) if (n > 2) others.set(n, descriptor.dup());
    const stream = (n: number) => this.fds.get(n)?.dup() ?? Descriptor.of({});
    return {
      env: environment ?? this.variables.environment(),
      cwd: this.process.cwd,
      umask: this.process.umask,
      stdin: stream(0),
      stdout: stream(1),
      stderr: stream(2),
      descriptors: others,
      isatty: this.isatty(),
    };
  }

  /** Spends CPU time; passes virtual time once enough has added up. @throws when interrupted */
  async charge(ms: number = latency.builtin): Promise<void> {
    this.#debt += ms;
    if (this.#debt >= quantum) await this.pay();
    else this.interrupt.throwIfCancelled();
    if (this.traps.pending) await this.traps.runPending();
  }

  /** Passes the CPU time owed, so that other processes run. */
  async pay(ms = 0): Promise<void> {
    const due = this.#debt + ms;
    this.#debt = 0;
    await this.process.cpu(due);
    this.interrupt.throwIfCancelled();
  }

  async out(text: string): Promise<void> {
    await this.write(1, text);
  }

  /** @throws ShellError, BrokenPipe */
  async write(fd: number, text: string | Uint8Array): Promise<void> {
    const descriptor = this.fds.get(fd);
    if (!descriptor?.writable) throw new ShellError('write error: Bad file descriptor');
    try {
      await descriptor.write(text, this.interrupt);
    } catch (error) {
      if (error instanceof FsError) throw new ShellError(`write error: ${error.message}`);
      throw error;
    }
  }

  /** Writes to stderr; nobody reading it is no reason to stop. */
  async printError(text: string): Promise<void> {
    try {
      await this.fds.get(2)?.write(text, this.interrupt);
    } catch (error) {
      if (!(error instanceof BrokenPipe) && !(error instanceof FsError)) throw error;
    }
  }

  /** What stands before an error message, e.g. `bash: line 3: `. */
  messagePrefix(line = this.line): string {
    if (this.#standalone) return '';
    const name = this.login && this.interactive ? '-' + this.name.replace(/^-/, '') : this.name;
    if (this.interactive && this.sourceDepth === 0) return `${name}: `;
    if (this.flavor === 'dash') return `${name}: ${line}: `;
    const where = this.callSource ?? name;
    return this.flavor === 'ash' && !this.scriptFile ? `${name}: ` : `${where}: line ${line}: `;
  }

  /** The file that is being sourced. */
  callSource: string | undefined;
  /** The shell runs a script file. */
  scriptFile = false;

  async complain(message: string): Promise<void> {
    await this.printError(`${this.messagePrefix()}${message}\n`);
  }

  ifs(): string {
    return this.variables.get('IFS') ?? ' \t\n';
  }

  /** The value of a variable, or of a positional or special parameter. */
  parameter(name: string): string | undefined {
    if (/^[A-Za-z_]/.test(name)) return this.variables.get(name);
    switch (name) {
      case '?':
        return String(this.status);
      case '#':
        return String(this.positional.length);
      case '$':
        return String(this.shellPid ?? this.process.pid);
      case '!':
        return this.lastBackground === undefined ? undefined : String(this.lastBackground);
      case '-':
        return this.optionLetters();
      case '0':
        return this.name;
      default:
        return this.positional[Number(name) - 1];
    }
  }

  optionLetters(): string {
    const letters: Record<string, string> = {
      allexport: 'a',
      errexit: 'e',
      noglob: 'f',
      monitor: 'm',
      nounset: 'u',
      verbose: 'v',
      xtrace: 'x',
      noclobber: 'C',
      noexec: 'n',
    };
    const set = [...this.options].map((o) => letters[o] ?? '').join('');
    return (
      [...set].sort().join('') +
      'h' +
      (this.interactive ? 'i' : '') +
      'B' +
      (this.interactive ? 'H' : this.scriptFile ? '' : 'c')
    );
  }

  attributes(name: string): string {
    const v = this.variables.lookup(name);
    if (!v) return '';
    return (
      (v.kind === 'indexed' ? 'a' : v.kind === 'associative' ? 'A' : '') +
      (v.integer ? 'i' : '') +
      (v.nameref ? 'n' : '') +
      (v.readonly ? 'r' : '') +
      (v.letterCase === 'lower' ? 'l' : v.letterCase === 'upper' ? 'u' : '') +
      (v.exported ? 'x' : '')
    );
  }

  /** The directory that `~user` names. */
  tilde(user: string): string | undefined {
    if (user === '') return this.variables.get('HOME') ?? this.process.user.home;
    if (user === '+') return this.process.cwd;
    if (user === '-') return this.variables.get('OLDPWD');
    return this.process.machine.users.get(user)?.home;
  }

  arithmeticVariables(): ArithmeticVariables {
    const keyOf = (name: string, index: string): string => {
      if (this.variables.lookup(name)?.kind === 'associative') return index.replace(/^(["'])(.*)\1$/, '$2');
      const value = arithmeticNow(this, index);
      return String(value < 0n ? BigInt(Number(this.variables.keys(name).at(-1) ?? -1) + 1) + value : value);
    };
    return {
      get: (name, index) => {
        const value =
          index === undefined ? this.variables.get(name) : this.variables.getElement(name, keyOf(name, index));
        if (value === undefined && this.options.has('nounset'))
          throw new ShellError(`${name}: unbound variable`, { status: 127, fatal: true });
        return value;
      },
      set: (name, index, value) => {
        if (index === undefined) this.variables.set(name, value);
        else this.variables.setElement(name, keyOf(name, index), value);
      },
    };
  }

  /** Assigns as `name=value` does: integer variables evaluate, `set -a` exports. */
  assign(name: string, value: string): void {
    const v = this.variables.lookup(this.variables.resolve(name));
    const variable = this.variables.set(name, v?.integer ? String(arithmeticNow(this, value)) : value);
    if (this.options.has('allexport')) variable.exported = true;
    if (name === 'OPTIND') this.getoptsAt = undefined;
  }

  /** Where `getopts` stands inside a cluster of options. */
  getoptsAt: number | undefined;

  decodePrompt(text: string): string {
    return decodePrompt(this, text);
  }

  /** `$( )`: what a subshell writes, without its last newlines. */
  async substitute(script: ParsedScript): Promise<string> {
    const file = inputOnly(script);
    if (file) return this.#readFile(file);
    const pipe = new Pipe(this.world.queue);
    const source = script.source === undefined ? undefined : parseSource(script.source);
    const fds = new Map([[1, Descriptor.of({ writer: pipe.writer })]]);
    const child = this.forkOrFail((subshell) => runCommands(subshell, script.commands, source), { fds });
    let bytes: Uint8Array;
    try {
      bytes = await readAll(pipe.reader, this.interrupt, substitutionLimit);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      pipe.reader.close();
      child.kill('SIGPIPE');
      throw new ShellError(`xrealloc: cannot allocate ${substitutionLimit} bytes`, { status: 2, fatal: true });
    }
    this.status = this.substitutionStatus = await child.wait(this.interrupt);
    const text = new TextDecoder().decode(bytes);
    return (text.includes('\0') ? text.replaceAll('\0', '') : text).replace(/\n+$/, '');
  }

  /** `$(< file)` */
  async #readFile(redirect: Redirect): Promise<string> {
    const redirections = new Redirections(this);
    try {
      await redirections.apply([redirect]);
      const bytes = await readAll(this.fds.get(0)!, this.interrupt, substitutionLimit);
      this.substitutionStatus = 0;
      return new TextDecoder().decode(bytes).replaceAll('\0', '').replace(/\n+$/, '');
    } finally {
      redirections.restore();
    }
  }

  /** `<( )` and `>( )`: the path of a pipe to a subshell. */
  processSubstitution(script: ParsedScript, operator: '<' | '>'): string {
    const pipe = new Pipe(this.world.queue);
    const mine = Descriptor.of(operator === '<' ? { reader: pipe.reader } : { writer: pipe.writer });
    const theirs = Descriptor.of(operator === '<' ? { writer: pipe.writer } : { reader: pipe.reader });
    const child = this.forkOrFail((subshell) => runCommands(subshell, script.commands), {
      fds: new Map([[operator === '<' ? 1 : 0, theirs]]),
    });
    this.lastBackground = child.pid;
    let n = 63;
    while (this.fds.has(n)) n--;
    this.fds.set(n, mine);
    this.#temporaryFds.push(n);
    return `/dev/fd/${n}`;
  }

  /** How many process substitutions are open: for `closeTemporaries`. */
  get temporaries(): number {
    return this.#temporaryFds.length;
  }

  /** Closes the pipes of process substitutions opened since `mark`. */
  closeTemporaries(mark: number): void {
    for (const n of this.#temporaryFds.splice(mark)) {
      this.fds.get(n)?.close();
      this.fds.delete(n);
    }
  }

  /** `fork`, with bash's message when there are too many processes. @throws ShellError */
  forkOrFail(...args: Parameters<Shell['fork']>): ChildProcess {
    try {
      return this.fork(...args);
    } catch (error) {
      throw forkError(error);
    }
  }

  /** A Ctrl-C or the end of the process: what waits with `interrupt` ends. Afterwards a new one is in place. */
  renewInterrupt(): void {
    this.interrupt = new Cancellation();
    if (this.process.cancel.reason) this.interrupt.cancel(this.process.cancel.reason);
  }
}

/** The redirection of a command that is nothing else than `< file`. */
function inputOnly(script: ParsedScript): Redirect | undefined {
  const command = script.commands.length === 1 ? script.commands[0]!.command : undefined;
  if (command?.type !== 'Command' || command.name || command.prefix.length !== 1) return undefined;
  const [redirect] = command.prefix;
  return redirect?.type === 'Redirect' && redirect.operator === '<' && !redirect.descriptor ? redirect : undefined;
}

export function forkError(error: unknown): unknown {
  if (!(error instanceof SpawnError) || error.code !== 'EAGAIN') return error;
  return new ShellError('fork: retry: Resource temporarily unavailable', { status: 254, fatal: true });
}
