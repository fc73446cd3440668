import type { ImageConfig } from '../../runtime/index.ts';
import { resolvePath } from '../../world/index.ts';
import { DockerfileError, type LineRange } from './dockerfile/error.ts';
import type { Dockerfile, Instruction, Stage } from './dockerfile/instructions.ts';
import { parseTrigger } from './dockerfile/instructions.ts';
import { warning } from './dockerfile/lint.ts';
import { suggestion } from './dockerfile/suggest.ts';
import { expandWord, expandWords, WordError } from './dockerfile/words.ts';
import { parsePorts } from './ports.ts';
import { parseMount } from './run-mounts.ts';
import type { BaseImage } from './sources.ts';
import { copyFlags, healthText, quotedList } from './history-text.ts';
import { isStage, type Op, type PlanInput, type StagePlan } from './plan-types.ts';

export * from './plan-types.ts';

/** Build arguments that need no ARG. */
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((n) => [
  n,
  n.toLowerCase(),
]);

export function platformArgs(platform: string): Map<string, string> {
  const args = new Map<string, string>();
  for (const [prefix, text] of [
    ['BUILD', 'linux/amd64'],
    ['TARGET', platform || 'linux/amd64'],
  ] as const) {
    const [os = '', arch = '', variant = ''] = text.split('/');
    args.set(`${prefix}PLATFORM`, text).set(`${prefix}OS`, os).set(`${prefix}OSVERSION`, '');
    args.set(`${prefix}ARCH`, arch).set(`${prefix}VARIANT`, variant);
  }
  return args;
}

/** The values of ARGs before the first FROM. @throws DockerfileError */
export function metaArguments(
  file: Dockerfile,
  buildArgs: ReadonlyMap<string, string>,
  platform: string,
): Map<string, string> {
  const values = platformArgs(platform);
  for (const meta of file.metaArgs)
    for (const { key, value } of meta.args) {
      const given = buildArgs.get(key);
      if (given !== undefined) values.set(key, given);
      else if (value !== undefined) values.set(key, expand(value, values, meta, file.text.escape));
    }
  return values;
}

/** @throws DockerfileError `failed to process "…": …` */
export function expand(
  text: string,
  env: ReadonlyMap<string, string>,
  range: LineRange,
  escape: string,
  onUnset?: (name: string) => void,
): string {
  try {
    return expandWord(text, env, { escape, ...(onUnset ? { onUnset } : {}) });
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    throw new DockerfileError(`failed to process ${JSON.stringify(text)}: ${error.message}`, range);
  }
}

const hasSteps = (stage: Stage) => stage.instructions.filter(({ kind }) => isStep(kind)).length;
const isStep = (kind: Instruction['kind']) => ['run', 'copy', 'add', 'workdir'].includes(kind);

/** Expands one stage's instructions to steps and a configuration. @throws DockerfileError */
export function planStage(
  input: PlanInput,
  index: number,
  base: StagePlan['base'],
  shownBase: string,
  meta: ReadonlyMap<string, string>,
  stageOf: (name: string) => StagePlan | undefined,
): StagePlan {
  const { file } = input;
  const stage = file.stages[index]!;
  const inherited: ImageConfig = base === 'scratch' ? {} : isStage(base) ? base.config : base.image.config;
  const label = stage.name !== '' ? stage.name.toLowerCase() : file.stages.length > 1 ? `stage-${index}` : '';
  const plan: StagePlan = {
    stage,
    index,
    name: stage.name.toLowerCase(),
    base,
    baseName: '',
    ops: [],
    config: { ...inherited, onBuild: [] },
    author: base !== 'scratch' && isStage(base) ? base.author : '',
    history: [],
    steps: [],
  };
  const compiler = new StageCompiler(input, plan, label, meta, stageOf);
  const fromImage = base !== 'scratch' && !isStage(base);
  compiler.total = hasSteps(stage) + (fromImage ? 1 : 0);
  if (fromImage) plan.baseName = compiler.title(`FROM ${shownBase}`);
  const triggers = fromImage
    ? (inherited.onBuild ?? []).map((text) => parseTrigger(text, { start: stage.start, end: stage.end }))
    : [];
  if (triggers.length > 0) compiler.total += triggers.filter(({ kind }) => isStep(kind)).length;
  if (!plan.config.env?.PATH && base === 'scratch')
    plan.config = { ...plan.config, env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' } };
  const all = [
    ...triggers.map((trigger) => [trigger, true] as const),
    ...stage.instructions.map((i) => [i, false] as const),
  ];
  for (const [instruction, onBuild] of all) {
    const [lines, ops] = [plan.history.length, plan.ops.length];
    let error: DockerfileError | undefined;
    try {
      compiler.dispatch(instruction, onBuild ? 'ONBUILD ' : '');
    } catch (failure) {
      if (!input.stepByStep || !(failure instanceof DockerfileError)) throw failure;
      error = failure;
    }
    const createdBy = plan.history[lines]?.createdBy ?? `ONBUILD ${instruction.node.rest}`;
    plan.steps.push({
      instruction,
      onBuild,
      config: plan.config,
      author: plan.author,
      createdBy,
      op: plan.ops[ops],
      ...(error ? { error } : {}),
    });
    if (error) break;
  }
  return plan;
}

class StageCompiler {
  readonly #input: PlanInput;
  readonly #plan: StagePlan;
  readonly #label: string;
  readonly #meta: ReadonlyMap<string, string>;
  readonly #stageOf: (name: string) => StagePlan | undefined;
  readonly #escape: string;
  /** ARGs of this stage in order; undefined: declared, without a value. */
  readonly #args = new Map<string, string | undefined>();
  #shell: readonly string[];
  #cmdSet = false;
  /** BuildKit's mark on commands. */
  get #escaped(): Partial<ImageConfig> {
    return this.#input.stepByStep ? {} : { argsEscaped: true };
  }
  #absolute = false;
  #index = 0;
  total = 0;

  constructor(
    input: PlanInput,
    plan: StagePlan,
    label: string,
    meta: ReadonlyMap<string, string>,
    stageOf: (name: string) => StagePlan | undefined,
  ) {
    this.#input = input;
    this.#plan = plan;
    this.#label = label;
    this.#meta = meta;
    this.#stageOf = stageOf;
    this.#escape = input.file.text.escape;
    this.#shell = plan.config.shell?.length ? plan.config.shell : ['/bin/sh', '-c'];
    for (const name of proxies) {
      const value = input.buildArgs.get(name);
      if (value !== undefined) this.#proxies.set(name, value);
    }
  }

  readonly #proxies = new Map<string, string>();

  /** `[build 2/4] RUN …`. */
  title(text: string): string {
    if (this.total === 0) return text;
    this.#index++;
    const width = 1 + Math.floor(Math.log10(this.total));
    const label = this.#label === '' ? '' : `${this.#label} `;
    return `[${label}${String(this.#index).padStart(width)}/${this.total}] ${text}`;
  }

  #env(): Map<string, string> {
    const env = new Map<string, string>();
    for (const [key, value] of this.#args) if (value !== undefined) env.set(key, value);
    for (const [key, value] of Object.entries(this.#plan.config.env ?? {})) env.set(key, value);
    return env;
  }

  #expand(text: string, range: LineRange, env = this.#env()): string {
    return expand(text, env, range, this.#escape, (name) => this.#undefined(name, env, range));
  }

  #undefined(name: string, env: ReadonlyMap<string, string>, range: LineRange): void {
    if (this.#args.has(name)) return;
    const close = suggestion(name, [...env.keys()], true);
    const hint = close === undefined ? '' : ` (did you mean $${close}?)`;
    this.#input.warn(warning('UndefinedVar', `Usage of undefined variable '$${name}'${hint}`, range));
  }

  /** The instruction as a step shows it: variables that have a value are put in. */
  #shown({ node }: Instruction, prefix: string): string {
    const { original, keyword } = node;
    let text = original;
    try {
      text = expandWord(original, this.#env(), {
        escape: this.#escape,
        raw: true,
        keepUnset: !['copy', 'add', 'workdir'].includes(node.name),
      });
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
    }
    return prefix + keyword.toUpperCase() + text.slice(keyword.length);
  }

  #history(createdBy: string, op?: number): void {
    this.#plan.history.push({ createdBy, ...(op === undefined ? {} : { op }) });
  }

  #step(op: Op): number {
    this.#plan.ops.push(op);
    return this.#plan.ops.length - 1;
  }

  #command(line: { args: string[]; shell: boolean }): string[] {
    return line.shell && line.args.length > 0 ? [...this.#shell, ...line.args] : line.args;
  }

  dispatch(instruction: Instruction, prefix: string): void {
    const plan = this.#plan;
    const config = plan.config;
    const set = (change: Partial<ImageConfig>) => (plan.config = { ...plan.config, ...change });
    switch (instruction.kind) {
      case 'arg': {
        const texts: string[] = [];
        for (const { key, value } of instruction.args) {
          const given = this.#input.buildArgs.get(key);
          let actual = given;
          if (actual === undefined && value !== undefined) actual = this.#expand(value, instruction);
          if (actual === undefined && this.#meta.has(key)) actual = this.#meta.get(key);
          this.#args.set(key, actual);
          texts.push(actual === undefined ? key : `${key}=${actual}`);
        }
        this.#history(`ARG ${texts.join(' ')}`);
        return;
      }
      case 'env': {
        const env = { ...config.env };
        const before = this.#env();
        const texts: string[] = [];
        for (const { key, value } of instruction.pairs) {
          const name = this.#expand(key, instruction, before);
          env[name] = this.#expand(value, instruction, before);
          texts.push(`${name}=${env[name]}`);
        }
        set({ env });
        this.#history(`ENV ${texts.join(' ')}`);
        return;
      }
      case 'label': {
        const labels = { ...config.labels };
        const texts: string[] = [];
        for (const { key, value } of instruction.pairs) {
          const name = this.#expand(key, instruction);
          labels[name] = this.#expand(value, instruction);
          texts.push(`${name}=${labels[name]}`);
        }
        set({ labels });
        this.#history(`LABEL ${texts.join(' ')}`);
        return;
      }
      case 'maintainer':
        plan.author = instruction.value;
        this.#history(`MAINTAINER ${instruction.value}`);
        return;
      case 'cmd': {
        const cmd = this.#command(instruction.line);
        this.#cmdSet = true;
        set({ cmd, ...this.#escaped });
        this.#history(`CMD ${quotedList(cmd)}`);
        return;
      }
      case 'entrypoint': {
        const entrypoint = this.#command(instruction.line);
        set({ entrypoint, ...this.#escaped, ...(this.#cmdSet ? {} : { cmd: [] }) });
        this.#history(`ENTRYPOINT ${quotedList(entrypoint)}`);
        return;
      }
      case 'expose': {
        let ports: string[] = [];
        try {
          const env = this.#env();
          const options = { escape: this.#escape, onUnset: (name: string) => this.#undefined(name, env, instruction) };
          ports = parsePorts(instruction.ports.flatMap((port) => expandWords(port, env, options)));
        } catch (error) {
          if (!(error instanceof WordError)) throw error;
          throw new DockerfileError(error.message, instruction);
        }
        set({ exposedPorts: [...new Set([...(config.exposedPorts ?? []), ...ports])] });
        this.#history(`EXPOSE [${[...ports].sort().join(' ')}]`);
        return;
      }
      case 'volume': {
        const volumes = instruction.volumes.map((volume) => this.#expand(volume, instruction));
        if (volumes.includes('')) throw new DockerfileError('VOLUME specified can not be an empty string', instruction);
        set({ volumes: [...new Set([...(config.volumes ?? []), ...volumes])] });
        this.#history(`VOLUME [${volumes.join(' ')}]`);
        return;
      }
      case 'user': {
        const user = this.#expand(instruction.value, instruction);
        set({ user });
        this.#history(`USER ${user}`);
        return;
      }
      case 'stopsignal': {
        const signal = this.#expand(instruction.value, instruction);
        if (!/^(SIG)?[A-Z][A-Z0-9+-]*$/i.test(signal) && !/^\d+$/.test(signal))
          throw new DockerfileError(`invalid signal: ${signal}`, instruction);
        set({ stopSignal: signal });
        this.#history(`STOPSIGNAL ${signal}`);
        return;
      }
      case 'shell':
        this.#shell = instruction.shell;
        set({ shell: instruction.shell });
        this.#history(`SHELL [${instruction.shell.join(' ')}]`);
        return;
      case 'onbuild':
        set({ onBuild: [...(config.onBuild ?? []), instruction.trigger] });
        return;
      case 'healthcheck': {
        set({ healthcheck: instruction.check });
        this.#history(`HEALTHCHECK ${healthText(instruction.check)}`);
        return;
      }
      case 'workdir': {
        const given = this.#expand(instruction.value, instruction);
        if (!given.startsWith('/') && !this.#absolute && !config.workingDir)
          this.#input.warn(
            warning('WorkdirRelativePath', `Relative workdir ${JSON.stringify(given)} can have unexpected results if the base image changes`, instruction),
          );
        this.#absolute ||= given.startsWith('/');
        const name = this.title(this.#shown(instruction, prefix));
        const path = resolvePath(config.workingDir || '/', given);
        set({ workingDir: path });
        this.#history(`WORKDIR ${path}`, this.#step({ kind: 'workdir', path, name, range: instruction }));
        return;
      }
      case 'run':
        return this.#run(instruction, prefix);
      case 'copy':
      case 'add':
        return this.#copy(instruction, prefix);
    }
  } // prettier-ignore

  #run(instruction: Extract<Instruction, { kind: 'run' }>, prefix: string): void {
    const { line, flags, node } = instruction;
    const { config } = this.#plan;
    let args = line.args;
    let shown = this.#shown(instruction, prefix);
    const [heredoc] = node.heredocs;
    if (heredoc && line.shell) {
      if (/^<<-?["']?\w+["']?$/.test(args[0]?.trim() ?? '')) {
        const lines = heredoc.content.trim().split('\n');
        shown += ` (${lines[0]}${lines.length > 1 ? '...' : ''})`;
        args = [heredoc.content];
      } else args = [args[0]! + node.heredocs.map((h) => `\n${h.content}${h.name}`).join('')];
    }
    const argv = this.#command({ args, shell: line.shell });
    const env = new Map<string, string>();
    const buildArgs: string[] = [];
    for (const [key, value] of this.#args) {
      if (value === undefined) continue;
      buildArgs.push(`${key}=${value}`);
      env.set(key, value);
    }
    for (const [key, value] of this.#proxies) env.set(key, value);
    for (const [key, value] of Object.entries(config.env ?? {})) env.set(key, value);
    const name = this.title(shown);
    const network = flags.get('network') ?? 'default';
    if (!['default', 'none', 'host'].includes(network))
      throw new DockerfileError(`unsupported network mode ${JSON.stringify(network)}`, instruction);
    const mounts = flags.all('mount').map((text) => parseMount(text, instruction, (word) => this.#expand(word, instruction), (from) => this.#from(from, instruction)));
    const shownArgs = buildArgs.length > 0 ? `|${buildArgs.length} ${buildArgs.join(' ')} ` : '';
    this.#history(
      `RUN ${shownArgs}${argv.join(' ')} # buildkit`,
      this.#step({ kind: 'run', argv, env, user: config.user ?? '', cwd: config.workingDir || '/', network: network as 'default', mounts, name, range: instruction }),
    );
  } // prettier-ignore

  #from(given: string, range: LineRange): StagePlan | BaseImage {
    const stage = this.#stageOf(given);
    return stage ?? this.#input.image(given, range);
  }

  #copy(instruction: Extract<Instruction, { kind: 'copy' | 'add' }>, prefix: string): void {
    const { flags, node } = instruction;
    const word = (text: string) => this.#expand(text, instruction);
    const heredocNames = new Set(node.heredocs.map((h) => h.name));
    const sources = instruction.sources.filter((s) => !isHeredoc(s, heredocNames)).map(word);
    const given = word(instruction.destination);
    const name = this.title(this.#shown(instruction, prefix));
    const { workingDir } = this.#plan.config;
    const absolute = resolvePath(workingDir || '/', given);
    const slash = /(^|\/)\.?$/.test(given) && absolute !== '/';
    const heredocs = node.heredocs.map((h) => (h.expand ? { ...h, content: word(h.content) } : h));
    const from = flags.get('from');
    const chown = word(flags.get('chown') ?? '');
    const chmod = word(flags.get('chmod') ?? '');
    if (chmod !== '' && !/^[0-7]{1,4}$/.test(chmod) && !/^[ugoa]*[-+=]/.test(chmod))
      throw new DockerfileError(`invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`, instruction);
    const shownFlags = copyFlags(flags);
    this.#history(
      `${instruction.kind.toUpperCase()} ${shownFlags}${[...sources, ...heredocs.map((h) => `<<${h.name}`), given].join(' ')} # buildkit`,
      this.#step({
        kind: 'copy',
        from: from === undefined ? undefined : this.#from(word(from), instruction),
        sources,
        heredocs,
        destination: absolute + (slash ? '/' : ''),
        chown,
        chmod,
        add: instruction.kind === 'add',
        unpack: flags.get('unpack') === undefined ? undefined : flags.bool('unpack'),
        parents: flags.bool('parents'),
        exclude: [...flags.all('exclude')],
        checksum: flags.get('checksum') ?? '',
        name,
        range: instruction,
      }),
    );
  } // prettier-ignore
}

function isHeredoc(source: string, names: ReadonlySet<string>): boolean {
  const match = /^<<-?["']?([\w.]+)["']?$/.exec(source);
  return match !== null && names.has(match[1]!);
}
