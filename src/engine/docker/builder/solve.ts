import { latency, FsError, directorySize, type Cancellation, type DirectoryNode } from '../../world/index.ts';
import type { Layer } from '../../runtime/index.ts';
import type { DockerEngine } from '../engine.ts';
import { keyOf, type BuildCache } from './cache.ts';
import { copySources, ownerOf, type CopyOp, type CopySources } from './copy-step.ts';
import { contentDigest, copyInto } from './copy.ts';
import { downloadFile } from './download.ts';
import type { LineRange } from './dockerfile/error.ts';
import { layerOf } from './layer.ts';
import { isStage, type Op, type StagePlan } from './plan.ts';
import { Progress, type Vertex } from './progress.ts';
import { mountsOf, SecretMissing } from './mounts.ts';
import { runInSandbox, SandboxError } from './sandbox.ts';
import { scratchRoot, type BaseImage } from './sources.ts';

/** The end of a build: `message` is BuildKit's whole chain, `range` where in the Dockerfile. */
export class SolveError extends Error {
  override name = 'SolveError';
  readonly range: LineRange | undefined;
  constructor(message: string, range?: LineRange) {
    super(message);
    this.range = range;
  }
}

export interface StageResult {
  key: string;
  root: DirectoryNode;
  /** All layers from the bottom, with when they were made; those of base images have no time of their own. */
  layers: readonly { layer: Layer; created: number | undefined }[];
  /** Per step of the stage: when its layer was made. */
  created: number[];
  /** Layers that this build made. */
  fresh: number;
}

export interface SolveOptions {
  engine: DockerEngine;
  cache: BuildCache;
  progress: Progress;
  context: DirectoryNode;
  secrets: ReadonlyMap<string, Uint8Array>;
  noCache: boolean;
  noCacheFilter: ReadonlySet<string>;
  cancel?: Cancellation | undefined;
}

/** Runs the steps of stages, each at most once. */
export class Solver {
  readonly #options: SolveOptions;
  readonly #stages = new Map<StagePlan, StageResult>();
  readonly #bases = new Map<string, { root: DirectoryNode }>();
  readonly #ref: string;
  #contextShown = false;
  /** What COPY and ADD take of the context, bytes. */
  readonly #contextBytes: number;
  readonly #usesContext: boolean;

  constructor(options: SolveOptions, stages: readonly StagePlan[]) {
    this.#options = options;
    this.#ref = options.engine.world.random.stream('docker builder').uuid();
    let size = 0;
    let uses = false;
    for (const stage of stages)
      for (const op of stage.ops) {
        if (op.kind === 'run' && op.mounts.some((m) => m.type === 'bind' && m.from === undefined)) uses = true;
        if (op.kind !== 'copy' || op.from !== undefined) continue;
        const found = copySources(op, options.context);
        if (found.files.length > 0 || found.missing !== undefined) uses = true;
        for (const { node } of found.files) size += node.type === 'directory' ? directorySize(node) : node.type === 'file' ? node.data.length + 40 : 0;
      }
    this.#contextBytes = size + 2;
    this.#usesContext = uses;
  }

  async #showContext(): Promise<void> {
    if (this.#contextShown || !this.#usesContext) return;
    this.#contextShown = true;
    const vertex = await this.#options.progress.begin('[internal] load build context');
    await this.#options.engine.world.sleep(4 + this.#contextBytes / 200_000, this.#options.cancel);
    await vertex.status(`transferring context: ${transferSize(this.#contextBytes)}`, vertex.seconds >= 0.05 ? vertex.seconds : undefined);
    await vertex.done();
  }

  /** @throws SolveError */
  async stage(plan: StagePlan): Promise<StageResult> {
    const known = this.#stages.get(plan);
    if (known) return known;
    const { base } = plan;
    for (const op of plan.ops) if (op.kind !== 'workdir') await this.#inputs(op);
    let result: StageResult;
    if (base === 'scratch') result = { key: 'scratch', root: scratchRoot(), layers: [], created: [], fresh: 0 };
    else if (isStage(base)) {
      const below = await this.stage(base);
      result = { ...below, created: [] };
    } else result = await this.#base(plan, base);
    for (const [i, op] of plan.ops.entries()) result = await this.#step(plan, op, i, result);
    this.#stages.set(plan, result);
    return result;
  }

  /** Stages that a step takes from are built first. */
  async #inputs(op: Exclude<Op, { kind: 'workdir' }>): Promise<void> {
    const froms = op.kind === 'copy' ? [op.from] : op.mounts.map((mount) => mount.from);
    for (const from of froms) {
      if (from === undefined) continue;
      if (isStage(from)) await this.stage(from);
      else await this.#showBase(from, `FROM ${from.shown}`, false);
    }
  }

  async #base(plan: StagePlan, base: BaseImage): Promise<StageResult> {
    const layers = base.image.layers.map((layer) => ({ layer, created: undefined }));
    const root = base.image.rootfs();
    const result: StageResult = { key: base.image.id, root, layers, created: [], fresh: 0 };
    const [first] = plan.ops;
    const hit = first !== undefined && this.#lookup(plan, first, result) !== undefined;
    const { noCache } = this.#options;
    const willRun = first && (!hit || noCache) && !(first.kind === 'copy' && first.from === undefined);
    if (!base.local) await this.#showContext();
    await this.#showBase(base, plan.baseName, hit);
    if (!willRun || first?.kind === 'run') await this.#showContext();
    return result;
  }

  async #showBase(base: BaseImage, name: string, nextIsCached: boolean): Promise<void> {
    const { engine, cache, cancel, progress } = this.#options;
    if (this.#bases.has(base.image.id)) return;
    this.#bases.set(base.image.id, { root: base.image.rootfs() });
    const seen = cache.seenBases.has(base.image.id);
    const vertex = await progress.begin(name);
    if (base.shown.includes('@')) await vertex.status(`resolve ${base.shown}`, 0.01 <= vertex.seconds ? vertex.seconds : undefined);
    if (!base.local && !seen) await pullBase(engine, base, vertex, cancel);
    else await engine.world.sleep(2, cancel);
    cache.seenBases.add(base.image.id);
    await vertex.done(seen && !nextIsCached);
  }

  #skipsCache(plan: StagePlan, op: Op): boolean {
    const { noCache, noCacheFilter } = this.#options;
    return op.kind !== 'workdir' && (noCache || (plan.name !== '' && noCacheFilter.has(plan.name)));
  }

  #lookup(plan: StagePlan, op: Op, below: StageResult) {
    if (this.#skipsCache(plan, op)) return undefined;
    const key = this.#key(op, below);
    return key === undefined ? undefined : this.#options.cache.find(key);
  }

  #rootOf(from: StagePlan | BaseImage | undefined): { root: DirectoryNode; key: string } {
    if (from === undefined) return { root: this.#options.context, key: 'context' };
    if (isStage(from)) return this.#stages.get(from) ?? { root: scratchRoot(), key: '' };
    return { root: from.image.rootfs(), key: from.image.id };
  }

  /** What a step's result depends on; undefined if a source is missing. */
  #key(op: Op, below: StageResult): string | undefined {
    if (op.kind === 'workdir') return keyOf(below.key, 'workdir', op.path);
    if (op.kind === 'run') {
      const mounts = op.mounts.map((m) => [m.type, m.id, m.source, m.target, m.readOnly, m.type === 'bind' ? contentDigest(this.#rootOf(m.from).root) : '']);
      return keyOf(below.key, 'run', op.argv, [...op.env], op.user, op.cwd, op.network, mounts);
    }
    const found = copySources(op, this.#rootOf(op.from).root);
    if (found.missing !== undefined) return undefined;
    return keyOf(below.key, 'copy', found.files.map((f) => [baseOf(f.path), contentDigest(f.node)]), op.heredocs, found.urls, op.destination, op.chown, op.chmod, op.add, op.exclude, op.parents);
  }

  async #step(plan: StagePlan, op: Op, index: number, below: StageResult): Promise<StageResult> {
    const { cache, engine, progress, cancel } = this.#options;
    const { world } = engine;
    if (op.kind === 'copy' && op.from === undefined) await this.#showContext();
    if (op.kind === 'run') await this.#failEarly(plan, op, index, below);
    let record = this.#lookup(plan, op, below);
    let fresh = below.fresh;
    if (record) {
      cache.use(record);
      const vertex = await progress.begin(op.name);
      await vertex.done(true);
    } else {
      const vertex = await progress.begin(op.name);
      const root = await this.#execute(op, below, vertex);
      await vertex.done();
      const layer = layerOf(below.root, root);
      record = cache.add(this.#key(op, below) ?? keyOf(below.key, op.name), op.name, root, layer, below.key);
      fresh++;
      if (index === 0) await this.#showContext();
    }
    await world.sleep(0, cancel);
    const created = [...below.created, record.created];
    return { key: record.key, root: record.root, layers: [...below.layers, { layer: record.layer, created: record.created }], created, fresh };
  }

  /** BuildKit looks at all sources at once: a file that is missing ends the build while a command before it runs. */
  async #failEarly(plan: StagePlan, op: Op, index: number, below: StageResult): Promise<void> {
    if (this.#lookup(plan, op, below)) return;
    for (const later of plan.ops.slice(index + 1)) {
      if (later.kind !== 'copy' || later.from !== undefined) continue;
      const { missing } = copySources(later, this.#options.context);
      if (missing === undefined) continue;
      await this.#showContext();
      const running = await this.#options.progress.begin(op.name);
      const vertex = await this.#options.progress.begin(later.name);
      const error = this.#missing(later, missing, false);
      await vertex.fail(error.inner);
      await running.canceled();
      throw new SolveError(error.message, later.range);
    }
  }

  #missing(op: Op, path: string, sameInput: boolean): { inner: string; message: string } {
    if (sameInput) return { inner: `lstat ${path}: no such file or directory`, message: `lstat ${path}: no such file or directory` };
    const ref = op.kind === 'copy' && op.from === undefined ? `${this.#ref}::${this.#options.cache.newId()}` : `${this.#options.cache.newId()}::${this.#options.cache.newId()}`;
    const inner = `failed to calculate checksum of ref ${ref}: ${JSON.stringify(path)}: not found`;
    return { inner, message: `failed to compute cache key: ${inner}` };
  }

  async #execute(op: Op, below: StageResult, vertex: Vertex): Promise<DirectoryNode> {
    const { engine, cancel } = this.#options;
    try {
      switch (op.kind) {
        case 'workdir': {
          await engine.world.sleep(8, cancel);
          return makeDirectory(below.root, op.path, engine.world.clock.now());
        }
        case 'copy':
          return await this.#copy(op, below, vertex);
        case 'run':
          return await this.#run(op, below, vertex);
      }
    } catch (error) {
      if (error instanceof FsError) {
        const message = `cannot copy to non-directory: ${error.path}`;
        await vertex.fail(message);
        throw new SolveError(message, op.range);
      }
      throw error;
    }
  }

  async #copy(op: CopyOp, below: StageResult, vertex: Vertex): Promise<DirectoryNode> {
    const { engine, cancel } = this.#options;
    const from = this.#rootOf(op.from);
    const found = copySources(op, from.root);
    const fail = async (inner: string, message: string, range: LineRange | undefined = op.range): Promise<never> => {
      await vertex.fail(inner);
      throw new SolveError(message, range);
    };
    if (found.missing !== undefined) {
      const { inner, message } = this.#missing(op, found.missing, op.from !== undefined && from.key === below.key);
      return fail(inner, message);
    }
    const downloaded: CopySources['files'] = [];
    for (const url of found.urls) {
      const got = await downloadFile(engine, url, cancel);
      if (typeof got === 'string') return fail(got, `failed to load cache key: ${got}`, { start: 0, end: 0 });
      downloaded.push(got);
    }
    const owner = ownerOf(op.chown, below.root, op.from === undefined || op.chown !== '');
    if (typeof owner === 'string') return fail(owner, owner);
    await engine.world.sleep(12 + [...found.files, ...downloaded].length, cancel);
    const now = engine.world.clock.now();
    const mode = /^[0-7]+$/.test(op.chmod) ? parseInt(op.chmod, 8) : undefined;
    const options = { owner, mode, parents: op.parents, exclude: op.exclude };
    let root = copyInto(below.root, [...found.files, ...found.written], op.destination, { ...options, unpack: op.add && op.unpack !== false }, now);
    if (downloaded.length > 0)
      root = copyInto(root, downloaded, op.destination, { ...options, mode: mode ?? 0o600, unpack: op.unpack === true }, now);
    return root;
  }

  async #run(op: Extract<Op, { kind: 'run' }>, below: StageResult, vertex: Vertex): Promise<DirectoryNode> {
    const { engine, cancel, cache, secrets } = this.#options;
    const shown = JSON.stringify(op.argv.join(' '));
    const fail = async (reason: string): Promise<never> => {
      const message = `process ${shown} did not complete successfully: ${reason}`;
      await vertex.fail(message);
      throw new SolveError(message, op.range);
    };
    const env = new Map(op.env);
    let mounts;
    try {
      mounts = mountsOf(engine.world, cache, secrets, op.mounts, (from) => this.#rootOf(from).root, env);
    } catch (error) {
      if (!(error instanceof SecretMissing)) throw error;
      await vertex.fail(error.message);
      throw new SolveError(error.message, op.range);
    }
    try {
      const { status, root } = await runInSandbox(engine, {
        root: below.root,
        argv: op.argv,
        env,
        cwd: op.cwd,
        user: op.user,
        network: op.network,
        mounts,
        output: (stream, text) => vertex.log(stream, text),
        cancel,
      });
      if (status !== 0) return await fail(`exit code: ${status}`);
      return root;
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      if (!error.logged) return fail(error.message);
      await vertex.log('stderr', `${error.message}\n`);
      return fail('exit code: 1');
    }
  }
} // prettier-ignore

const baseOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

export function makeDirectory(root: DirectoryNode, path: string, now: number): DirectoryNode {
  const parts = path.split('/').filter(Boolean);
  const make = (dir: DirectoryNode, i: number): DirectoryNode => {
    const name = parts[i];
    if (name === undefined) return dir;
    const child = dir.entries.get(name);
    if (child && child.type === 'symlink') return dir;
    if (child && child.type !== 'directory') throw new FsError('ENOTDIR', path);
    const below = make(
      child ?? { type: 'directory', entries: new Map(), mode: 0o755, uid: 0, gid: 0, mtime: now },
      i + 1,
    );
    return below === child ? dir : { ...dir, entries: new Map([...dir.entries, [name, below]]) };
  };
  return make(root, 0);
}

/** Sizes as BuildKit's progress shows them: `%.2f` with its unit, trailing zeros gone. */
export function transferSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(2)}${units[unit]}`;
}

async function pullBase(engine: DockerEngine, base: BaseImage, vertex: Vertex, cancel?: Cancellation): Promise<void> {
  const { world } = engine;
  const { image } = base;
  await world.sleep(latency.registryRoundTrip, cancel);
  for (const [digest, size] of [
    [image.digest, 527],
    [image.id, 1471],
  ] as const)
    await vertex.status(`${digest} ${transferSize(size)} / ${transferSize(size)}`);
  for (const layer of image.layers) {
    const began = vertex.seconds;
    await world.sleep(layer.size / latency.registryBytesPerMs, cancel);
    const size = transferSize(layer.size);
    await vertex.status(`${layer.digest} ${size} / ${size}`, Math.max(0.1, vertex.seconds - began));
  }
  for (const layer of image.layers) {
    const began = vertex.seconds;
    await vertex.status(`extracting ${layer.digest}`, undefined, false);
    await world.sleep(layer.size / (4 * latency.registryBytesPerMs) + 20, cancel);
    await vertex.status(`extracting ${layer.digest}`, Math.max(0.1, vertex.seconds - began));
  }
}
