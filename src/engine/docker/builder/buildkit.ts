import type { Cancellation, DirectoryNode } from '../../world/index.ts';
import { parseReference } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { familiarReference } from '../../world/index.ts';
import type { Credentials } from '../images/registries.ts';
import type { BuildCache } from './cache.ts';
import {
  DockerfileError,
  lint,
  parseDockerfile,
  type Dockerfile,
  type LineRange,
  type LintWarning,
} from './dockerfile/index.ts';
import { warning } from './dockerfile/lint.ts';
import { expandWord, WordError } from './dockerfile/words.ts';
import { imageOf } from './export.ts';
import { expand, isStage, metaArguments, planStage, platformArgs, type StagePlan } from './plan.ts';
import { excerpt, Progress, warningEnd, type BuildEnd, type TraceSink } from './progress.ts';
import { Solver, SolveError, transferSize, type StageResult } from './solve.ts';
import { canonicalName, InvalidReference, resolveBase, SourceError, type BaseImage } from './sources.ts';

export interface BuildRequest {
  /** Name of the Dockerfile, for messages. */
  dockerfile: string;
  /** Undefined: it isn't there. */
  text: string | undefined;
  ignoreText: string | undefined;
  context: DirectoryNode;
  tags: readonly string[];
  buildArgs: ReadonlyMap<string, string>;
  labels: Readonly<Record<string, string>>;
  target: string;
  platform: string;
  noCache: boolean;
  noCacheFilter: readonly string[];
  pull: boolean;
  /** `image`: writes an image; `none`: builds only; `files`: gives the files; `check`: reads the Dockerfile only. */
  output: 'image' | 'none' | 'files' | 'check';
  secrets: ReadonlyMap<string, Uint8Array>;
  credentials: Credentials;
  cancel?: Cancellation | undefined;
}

export interface BuildOutcome extends BuildEnd {
  files?: DirectoryNode;
}

/** A build as BuildKit does it: finds what the target needs, runs that, and writes an image. Never throws for bad input. */
export async function buildWithBuildKit(engine: DockerEngine, cache: BuildCache, request: BuildRequest, sink: TraceSink): Promise<BuildOutcome> {
  const build = new Build(engine, cache, request, sink);
  try {
    return await build.run();
  } catch (error) {
    const warnings = build.warningEnds();
    if (error instanceof SolveError || error instanceof DockerfileError) {
      const range = error.range;
      const shown = range && build.file ? excerpt(request.dockerfile, build.file.text, range) : range && request.text !== undefined ? excerpt(request.dockerfile, { lines: request.text.split('\n') }, range) : '';
      return { error: error.message, ...(shown === '' ? {} : { excerpt: shown }), warnings };
    }
    if (error instanceof InvalidReference) return { error: error.message, warnings };
    throw error;
  }
} // prettier-ignore

class Build {
  readonly #engine: DockerEngine;
  readonly #cache: BuildCache;
  readonly #request: BuildRequest;
  readonly #progress: Progress;
  readonly #warnings: LintWarning[] = [];
  readonly #images = new Map<string, BaseImage | SourceError>();
  /** Images in the order in which the file names them. */
  readonly #wanted: { name: string; range: LineRange }[] = [];
  readonly #plans = new Map<number, StagePlan>();
  #meta: ReadonlyMap<string, string> = new Map();
  file: Dockerfile | undefined;

  constructor(engine: DockerEngine, cache: BuildCache, request: BuildRequest, sink: TraceSink) {
    this.#engine = engine;
    this.#cache = cache;
    this.#request = request;
    this.#progress = new Progress(engine.world, sink);
  }

  warningEnds(): BuildEnd['warnings'] {
    return this.file ? this.#warnings.map((found) => warningEnd(this.#request.dockerfile, this.file!.text, found)) : [];
  }

  async run(): Promise<BuildOutcome> {
    const { text, dockerfile, cancel } = this.#request;
    const { world } = this.#engine;
    const load = await this.#progress.begin(`[internal] load build definition from ${dockerfile}`);
    await world.sleep(3, cancel);
    await load.status(`transferring dockerfile: ${transferSize(text === undefined ? 2 : text.length + 31 + dockerfile.length - 10)}`);
    let failure: Error | undefined;
    let target: StagePlan | undefined;
    if (text !== undefined && text !== '')
      try {
        target = this.#analyse(text);
      } catch (error) {
        if (!(error instanceof DockerfileError || error instanceof SolveError || error instanceof SourceFailure || error instanceof InvalidReference)) throw error;
        failure = error;
      }
    for (const found of this.#warnings) await load.warn(found.message);
    await load.done();
    if (text === undefined) throw new SolveError(`failed to read dockerfile: open ${dockerfile}: no such file or directory`);
    if (text === '') throw new SolveError('the Dockerfile cannot be empty');
    if (failure && this.#early) throw failure;
    await this.#showMetadata();
    const ignore = await this.#progress.begin('[internal] load .dockerignore');
    await world.sleep(3, cancel);
    const { ignoreText } = this.#request;
    await ignore.status(`transferring context: ${transferSize(ignoreText === undefined ? 2 : ignoreText.length + 44)}`);
    await ignore.done();
    if (failure) throw failure;
    if (this.#request.output === 'check') return { warnings: this.warningEnds() };
    return this.#solve(target!);
  } // prettier-ignore

  /** What was found wrong before anything outside of the file was looked at. */
  #early = true;

  /** @throws DockerfileError, SolveError */
  #analyse(text: string): StagePlan {
    const file = parseDockerfile(text);
    this.file = file;
    const { buildArgs, platform, target } = this.#request;
    this.#warnings.push(...lint(file));
    this.#meta = metaArguments(file, buildArgs, platform);
    for (const stage of file.stages) this.#lintFrom(stage);
    let index = file.stages.length - 1;
    if (target !== '') {
      const byName = file.stages.findLastIndex((stage) => stage.name.toLowerCase() === target.toLowerCase());
      index = byName >= 0 ? byName : /^\d+$/.test(target) && Number(target) < file.stages.length ? Number(target) : -1;
      if (index < 0) throw new SolveError(`target stage ${JSON.stringify(target)} could not be found`);
    }
    this.#collect(index, new Set());
    this.#early = false;
    return this.#plan(index);
  } // prettier-ignore

  #baseText(index: number): string {
    const stage = this.file!.stages[index]!;
    const name = expand(stage.base, this.#meta, stage, this.file!.text.escape);
    if (name === '') throw new DockerfileError(`base name (${stage.base}) should not be blank`, stage);
    return name;
  }

  #lintFrom(stage: Dockerfile['stages'][number]): void {
    const { file } = this;
    const defaults = metaArguments(file!, new Map(), '');
    const declared = new Set([...file!.metaArgs.flatMap((meta) => meta.args.map((arg) => arg.key)), ...platformArgs('').keys()]);
    const used: string[] = [];
    let name = '';
    try {
      name = expandWord(stage.base, defaults, { onUse: (variable) => used.push(variable) });
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
    }
    for (const variable of used)
      if (!declared.has(variable)) this.#warnings.push(warning('UndefinedArgInFrom', `FROM argument '${variable}' is not declared`, stage));
    const isStageName = file!.stages.some((other) => other.name !== '' && other.name.toLowerCase() === name.toLowerCase());
    let valid = name === 'scratch' || isStageName;
    if (!valid && name !== '')
      try {
        parseReference(name);
        valid = true;
      } catch (error) {
        if (!(error instanceof InvalidReference)) throw error;
      }
    if (!valid)
      this.#warnings.push(warning('InvalidDefaultArgInFrom', `Default value for ARG ${stage.base} results in empty or invalid base image name`, stage));
  } // prettier-ignore

  #stageIndex(name: string, before: number): number {
    const lower = name.toLowerCase();
    for (let i = before - 1; i >= 0; i--)
      if (this.file!.stages[i]!.name.toLowerCase() === lower && lower !== '') return i;
    return /^\d+$/.test(name) && Number(name) < before ? Number(name) : -1;
  }

  /** Which stages and images the target needs; images keep the file's order. */
  #collect(index: number, seen: Set<number>): void {
    if (seen.has(index)) return;
    seen.add(index);
    const stage = this.file!.stages[index]!;
    const base = this.#baseText(index);
    const baseIndex = this.#namedStage(base, index);
    if (baseIndex >= 0) this.#collect(baseIndex, seen);
    else if (base !== 'scratch') this.#want(base, stage, 'stage');
    for (const instruction of stage.instructions) {
      const froms: string[] = [];
      if (instruction.kind === 'copy' || instruction.kind === 'add') {
        const from = instruction.flags.get('from');
        if (from !== undefined) froms.push(from);
      } else if (instruction.kind === 'run')
        for (const mount of instruction.flags.all('mount')) {
          const from = /(?:^|,)from=([^,]*)/.exec(mount)?.[1];
          if (from !== undefined) froms.push(from);
        }
      for (const from of froms) {
        const name = expand(from, this.#meta, instruction, this.file!.text.escape);
        const other = this.#stageIndex(name, index);
        if (other >= 0) this.#collect(other, seen);
        else if (/^\d+$/.test(name)) throw new DockerfileError(`invalid stage index: ${name}`, instruction);
        else if (name !== '' && name !== 'scratch') this.#want(name, instruction, 'copy');
      }
    }
  }

  #namedStage(base: string, index: number): number {
    const lower = base.toLowerCase();
    for (let i = index - 1; i >= 0; i--) if (this.file!.stages[i]!.name.toLowerCase() === lower) return i;
    return -1;
  }

  #want(name: string, range: LineRange, kind: 'stage' | 'copy'): void {
    try {
      canonicalName(name);
    } catch (error) {
      if (!(error instanceof InvalidReference)) throw error;
      throw new DockerfileError(
        kind === 'stage' ? `failed to parse stage name ${JSON.stringify(name)}: ${error.message}` : `invalid from flag value ${name}: ${error.message}`,
        { start: range.start, end: range.end },
      );
    }
    if (!this.#wanted.some((other) => other.name === name)) this.#wanted.push({ name, range: { start: range.start, end: range.end } });
    if (this.#images.has(name)) return;
    const { pull, platform, credentials } = this.#request;
    try {
      this.#images.set(name, resolveBase(this.#engine, name, { pull, platform, credentials }));
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#images.set(name, error);
    }
  } // prettier-ignore

  async #showMetadata(): Promise<void> {
    const { world } = this.#engine;
    const shown = new Set<string>();
    const sorted = [...this.#wanted].sort((a, b) => a.range.start - b.range.start);
    for (const { name, range } of sorted) {
      const canonical = canonicalName(name);
      if (shown.has(canonical)) continue;
      shown.add(canonical);
      const vertex = await this.#progress.begin(`[internal] load metadata for ${canonical}`);
      const found = this.#images.get(name);
      await world.sleep(found instanceof SourceError || !found?.local ? 700 : 2, this.#request.cancel);
      if (found instanceof SourceError) {
        await vertex.fail(found.message);
        throw new SolveError(found.wrapped, range);
      }
      await vertex.done();
    }
  }

  #image(name: string): BaseImage {
    const found = this.#images.get(name);
    if (found && !(found instanceof SourceError)) return found;
    // The build ends when the metadata is shown; until then any image will do.
    throw new SourceFailure(name);
  }

  #plan(index: number): StagePlan {
    const known = this.#plans.get(index);
    if (known) return known;
    const baseName = this.#baseText(index);
    const baseIndex = this.#namedStage(baseName, index);
    const base = baseIndex >= 0 ? this.#plan(baseIndex) : baseName === 'scratch' ? 'scratch' : this.#image(baseName);
    const shown = base === 'scratch' || isStage(base) ? '' : base.shown;
    const { buildArgs, platform, labels } = this.#request;
    const input = {
      file: this.file!,
      buildArgs,
      platform,
      labels,
      image: (name: string) => this.#image(name),
      warn: (found: LintWarning) => {
        if (!this.#warnings.some((other) => other.message === found.message)) this.#warnings.push(found);
      },
    };
    const stageOf = (name: string) => {
      const other = this.#stageIndex(name, index);
      return other >= 0 ? this.#plan(other) : undefined;
    };
    const plan = planStage(input, index, base, shown, this.#meta, stageOf);
    this.#plans.set(index, plan);
    return plan;
  }

  async #solve(target: StagePlan): Promise<BuildOutcome> {
    const { context, noCache, noCacheFilter, secrets, cancel, output, labels, platform } = this.#request;
    const plans = [...this.#plans.values()].sort((a, b) => a.index - b.index);
    const filter = new Set(noCacheFilter.map((name) => name.toLowerCase()));
    const solver = new Solver({ engine: this.#engine, cache: this.#cache, progress: this.#progress, context, secrets, noCache, noCacheFilter: filter, cancel }, plans);
    const result = await solver.stage(target);
    const warnings = this.warningEnds();
    if (output === 'none') return { warnings };
    if (output === 'files') {
      const vertex = await this.#progress.begin('exporting to client directory');
      await vertex.status(`copying files ${transferSize(treeSize(result.root))}`);
      await vertex.done();
      return { warnings, files: result.root };
    }
    const created = new Map<StagePlan, readonly number[]>();
    for (const plan of plans) created.set(plan, (await solver.stage(plan)).created);
    const architecture = (platform || 'linux/amd64').split('/')[1] ?? 'amd64';
    const image = imageOf(target, result, created, { labels, epoch: this.#engine.world.clock.epoch, architecture });
    return { ...(await this.#write(image, result)), warnings };
  } // prettier-ignore

  async #write(image: ReturnType<typeof imageOf>, result: StageResult): Promise<{ id: string }> {
    const { images, events, world } = this.#engine;
    const vertex = await this.#progress.begin('exporting to image');
    await world.sleep(result.fresh * 5, this.#request.cancel);
    await vertex.status('exporting layers', result.fresh > 1 ? vertex.seconds : undefined);
    await vertex.status(`writing image ${image.id}`);
    const stored = images.add(image);
    for (const tag of this.#request.tags) {
      const reference = parseReference(tag);
      images.tag(stored, reference);
      const explicit = tag.lastIndexOf(':') > tag.lastIndexOf('/');
      await vertex.status(`naming to ${explicit ? reference.canonical : reference.repository}`);
      events.emit('image', 'tag', image.id, { name: familiarReference(reference) });
    }
    await vertex.done();
    return { id: image.id };
  }
}

/** Planning stopped at an image that isn't there; showing its metadata says so. */
class SourceFailure extends Error {}

function treeSize(root: DirectoryNode): number {
  let size = 0;
  for (const node of root.entries.values())
    if (node.type === 'file') size += node.data.length;
    else if (node.type === 'directory') size += treeSize(node);
  return size;
}
