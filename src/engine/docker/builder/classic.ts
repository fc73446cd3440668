import { digestOf, type HistoryEntry, type Image, type ImageConfig, type Layer } from '../../runtime/index.ts';
import {
  familiarReference,
  FileSystem,
  InvalidReference,
  parseReference,
  type DirectoryNode,
} from '../../world/index.ts';
import type { HttpResponse } from '../../network/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, EngineError } from '../errors.ts';
import { pullOne } from '../images/pull.ts';
import { credentialsOf } from '../images/registries.ts';
import type { StoredImage } from '../images/store.ts';
import { messages, readBytes, type Json, type RouteRequest } from '../router.ts';
import { copySources, ownerOf, type CopyOp } from './copy-step.ts';
import { contentDigest, copyInto } from './copy.ts';
import { downloadFile } from './download.ts';
import { DockerfileError, parseDockerfile, type Dockerfile } from './dockerfile/index.ts';
import { layerOf } from './layer.ts';
import { isStage, metaArguments, expand, planStage, type StagePlan, type StageStep } from './plan.ts';
import { stringMap, unpack } from './routes.ts';
import { runInSandbox, SandboxError } from './sandbox.ts';
import { makeDirectory } from './solve.ts';
import { scratchRoot, type BaseImage } from './sources.ts';

/** Ends a classic build; `code` is the status that the client ends with. */
class StepFailure extends Error {
  readonly code: number;
  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

interface State {
  /** '' on scratch. */
  id: string;
  root: DirectoryNode;
  layers: readonly Layer[];
  history: readonly HistoryEntry[];
}

const short = (id: string) => id.slice(7, 19);

/** `POST /build` without BuildKit: every instruction makes an image. @throws EngineError 400 for a bad Dockerfile */
export async function classicBuild(engine: DockerEngine, request: RouteRequest): Promise<HttpResponse> {
  const { query } = request;
  if (query.get('remote') !== '') throw badRequest('slipway: building from a remote context is not simulated');
  const tags = query.all('t').map((tag) => checkedTag(tag));
  const context = unpack(await readBytes(request));
  const name = query.get('dockerfile') || 'Dockerfile';
  const fs = new FileSystem({ now: () => 0, root: context });
  const node = fs.lookup(`/${name}`);
  if (node?.type !== 'file') throw badRequest(`Cannot locate specified Dockerfile: ${name}`);
  const text = new TextDecoder().decode(node.data);
  if (text === '') throw badRequest(`the Dockerfile (${name}) cannot be empty`);
  let file: Dockerfile;
  let last: number;
  try {
    file = parseDockerfile(text);
    last = targetOf(file, query.get('target'));
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    throw badRequest(error.message);
  }
  const build = new ClassicBuild(engine, request, file, context);
  return messages(engine.world, async (send) => {
    try {
      const id = await build.run(last, send);
      for (const tag of tags) {
        engine.images.tag(engine.images.byId(id)!, tag);
        await send({ stream: `Successfully tagged ${familiarReference(tag)}\n` });
        engine.events.emit('image', 'tag', id, { name: familiarReference(tag) });
      }
    } catch (error) {
      if (error instanceof StepFailure)
        return send({ errorDetail: { code: error.code, message: error.message }, error: error.message });
      if (error instanceof DockerfileError || error instanceof InvalidReference)
        return send({ errorDetail: { message: error.message }, error: error.message });
      throw error;
    }
  });
}

function checkedTag(tag: string) {
  try {
    return parseReference(tag);
  } catch (error) {
    if (!(error instanceof InvalidReference)) throw error;
    throw badRequest(`invalid reference format`);
  }
}

/** @throws DockerfileError */
function targetOf(file: Dockerfile, target: string): number {
  if (target === '') return file.stages.length - 1;
  const index = file.stages.findLastIndex((stage) => stage.name.toLowerCase() === target.toLowerCase());
  if (index >= 0) return index;
  if (/^\d+$/.test(target) && Number(target) < file.stages.length) return Number(target);
  throw new DockerfileError(`target stage ${JSON.stringify(target)} could not be found`);
}

class ClassicBuild {
  readonly #engine: DockerEngine;
  readonly #request: RouteRequest;
  readonly #file: Dockerfile;
  readonly #context: DirectoryNode;
  readonly #buildArgs: ReadonlyMap<string, string>;
  readonly #labels: Record<string, string>;
  readonly #plans: StagePlan[] = [];
  readonly #results: State[] = [];
  #busted: boolean;
  #step = 0;
  #total = 0;
  #send: (message: Json) => Promise<void> = () => Promise.resolve();

  constructor(engine: DockerEngine, request: RouteRequest, file: Dockerfile, context: DirectoryNode) {
    this.#engine = engine;
    this.#request = request;
    this.#file = file;
    this.#context = context;
    this.#buildArgs = stringMap(request.query, 'buildargs');
    this.#labels = Object.fromEntries(stringMap(request.query, 'labels'));
    this.#busted = request.query.bool('nocache');
  }

  #say(text: string): Promise<void> {
    return this.#send({ stream: text });
  }

  async #title(text: string): Promise<void> {
    await this.#say(`Step ${++this.#step}/${this.#total} : ${text}`);
    await this.#say('\n');
    await this.#engine.world.sleep(2, this.#request.cancel);
  }

  async run(last: number, send: (message: Json) => Promise<void>): Promise<string> {
    this.#send = send;
    const stages = this.#file.stages.slice(0, last + 1);
    this.#total = this.#file.metaArgs.length + stages.reduce((sum, stage) => sum + 1 + stage.instructions.length, 0);
    if (Object.keys(this.#labels).length > 0) this.#total++;
    const meta = metaArguments(this.#file, this.#buildArgs, '');
    for (const arg of this.#file.metaArgs) await this.#title(arg.node.original);
    for (const index of stages.keys()) await this.#stage(index, meta);
    let state = this.#results[last]!;
    if (Object.keys(this.#labels).length > 0) state = await this.#label(state, last);
    const unused = [...this.#buildArgs.keys()].filter((key) => !this.#declares(key));
    if (unused.length > 0)
      await this.#say(`[Warning] One or more build-args [${unused.sort().join(' ')}] were not consumed\n`);
    if (state.id === '') throw new StepFailure('No image was generated. Is your Dockerfile empty?');
    await send({ aux: { ID: state.id } });
    await this.#say(`Successfully built ${short(state.id)}\n`);
    return state.id;
  }

  #declares(key: string): boolean {
    if (/^(https?|ftp|no|all)_proxy$/i.test(key)) return true;
    const args = [...this.#file.metaArgs, ...this.#file.stages.flatMap((s) => s.instructions)];
    return args.some((i) => i.kind === 'arg' && i.args.some((arg) => arg.key === key));
  }

  async #label(state: State, last: number): Promise<State> {
    const text = Object.entries(this.#labels)
      .map(([key, value]) => `${JSON.stringify(key)}=${JSON.stringify(value)}`)
      .join(' ');
    await this.#title(`LABEL ${text}`);
    const { config } = this.#plans[last]!;
    const labels = { ...config.labels, ...this.#labels };
    return this.#commit(state, { ...config, labels }, nop(` LABEL ${Object.entries(this.#labels).map(([k, v]) => `${k}=${v}`).join(' ')}`), ''); // prettier-ignore
  }

  async #stage(index: number, meta: ReadonlyMap<string, string>): Promise<void> {
    const stage = this.#file.stages[index]!;
    await this.#title(stage.node.original);
    const name = expand(stage.base, meta, stage, this.#file.text.escape);
    if (name === '') throw new StepFailure(`base name (${stage.base}) should not be blank`);
    let state: State;
    let base: StagePlan['base'];
    const earlier = this.#file.stages.slice(0, index).findLastIndex((other) => other.name !== '' && other.name.toLowerCase() === name.toLowerCase());
    if (earlier >= 0) {
      state = this.#results[earlier]!;
      base = this.#plans[earlier]!;
    } else if (name === 'scratch') {
      state = { id: '', root: scratchRoot(), layers: [], history: [] };
      base = 'scratch';
    } else {
      const stored = await this.#image(name);
      base = this.#asBase(name, stored);
      state = stateOf(stored);
    }
    await this.#say(` ---> ${state.id === '' ? '' : short(state.id)}\n`);
    const plan = planStage(
      {
        file: this.#file,
        buildArgs: this.#buildArgs,
        platform: '',
        labels: {},
        image: (image) => this.#knownImage(image),
        warn: () => {},
        stepByStep: true,
      },
      index,
      base,
      name,
      meta,
      (from) => this.#stageNamed(from, index),
    );
    this.#plans[index] = plan;
    const triggers = plan.steps.filter((step) => step.onBuild).length;
    if (triggers > 0) await this.#say(`# Executing ${triggers} build trigger${triggers > 1 ? 's' : ''}\n`);
    for (const step of plan.steps) {
      if (!step.onBuild) await this.#title(step.instruction.node.original);
      if (step.error) throw new StepFailure(step.error.message);
      state = await this.#perform(step, state);
    }
    this.#results[index] = state;
  } // prettier-ignore

  #stageNamed(name: string, before: number): StagePlan | undefined {
    for (let i = before - 1; i >= 0; i--)
      if (this.#file.stages[i]!.name !== '' && this.#file.stages[i]!.name.toLowerCase() === name.toLowerCase()) return this.#plans[i];
    return /^\d+$/.test(name) && Number(name) < before ? this.#plans[Number(name)] : undefined;
  } // prettier-ignore

  #asBase(name: string, stored: StoredImage): BaseImage {
    return { reference: parseReference(name), given: name, shown: name, image: stored.image, local: true };
  }

  /** For COPY --from: an image that isn't here is pulled without a word about it. */
  #knownImage(name: string): BaseImage {
    try {
      const stored = this.#engine.images.lookup(name);
      if (stored) return this.#asBase(name, stored);
      const reference = parseReference(name);
      const image = this.#engine.registry.resolve(reference, credentialsOf(this.#request.headers['x-registry-auth']));
      const added = this.#engine.images.add(image);
      this.#engine.images.tag(added, reference, false);
      return this.#asBase(name, added);
    } catch (error) {
      if (error instanceof EngineError || error instanceof InvalidReference)
        throw new DockerfileError(`invalid from flag value ${name}: ${error.message}`);
      throw error;
    }
  }

  async #image(name: string): Promise<StoredImage> {
    const { images, registry } = this.#engine;
    const local = this.#request.query.bool('pull') ? undefined : images.lookup(name);
    if (local) return local;
    const reference = parseReference(name);
    let image: Image;
    try {
      image = registry.resolve(reference, credentialsOf(this.#request.headers['x-registry-auth']));
    } catch (error) {
      if (error instanceof EngineError) throw new StepFailure(error.message);
      throw error;
    }
    const newer = await pullOne(this.#engine, reference, image, this.#send, this.#request);
    await this.#send({ status: newer ? `Status: Downloaded newer image for ${familiarReference(reference)}` : `Status: Image is up to date for ${familiarReference(reference)}` }); // prettier-ignore
    return images.byId(image.id)!;
  }

  async #perform(step: StageStep, state: State): Promise<State> {
    const { op, config, author, instruction } = step;
    for (const flag of ['mount', 'chmod', 'link', 'parents', 'exclude', 'network'])
      if ('flags' in instruction && instruction.flags.get(flag) !== undefined && !(flag === 'network' && instruction.kind !== 'run'))
        throw new StepFailure(`the --${flag} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`);
    if (instruction.node.heredocs.length > 0)
      throw new StepFailure(`the heredoc syntax requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`);
    if (!op) return this.#commit(state, config, nop(` ${metadataText(step)}`), author);
    if (op.kind === 'workdir') {
      const root = makeDirectory(state.root, op.path, this.#engine.world.clock.now());
      return this.#commit(state, config, nop(step.createdBy), author, root === state.root ? undefined : root);
    }
    if (op.kind === 'copy') return this.#copy(op, step, state);
    const createdBy = step.createdBy.replace(/^RUN /, '').replace(/ # buildkit$/, '');
    const cached = await this.#cached(state, config, createdBy);
    if (cached) return cached;
    await this.#running();
    const { cancel } = this.#request;
    const shown = op.argv.join(' ');
    let outcome: { status: number; root: DirectoryNode };
    try {
      outcome = await runInSandbox(this.#engine, {
        root: state.root,
        argv: op.argv,
        env: op.env,
        cwd: op.cwd,
        user: op.user,
        network: 'default',
        mounts: [],
        output: (stream, text) => this.#say(stream === 'stderr' ? `\x1b[91m${text}\x1b[0m` : text),
        cancel,
      });
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      if (!error.logged) throw new StepFailure(error.message);
      const detail = error.message.replace('runc run failed: ', '');
      throw new StepFailure(`failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ${detail}: unknown`);
    }
    if (outcome.status !== 0) throw new StepFailure(`The command '${shown}' returned a non-zero code: ${outcome.status}`, outcome.status);
    await this.#removed();
    return this.#finish(state, config, createdBy, author, outcome.root);
  } // prettier-ignore

  async #copy(op: CopyOp, step: StageStep, state: State): Promise<State> {
    const { config, author, instruction } = step;
    const word = instruction.kind.toUpperCase();
    const outside = op.from === undefined ? op.sources.find((s) => /^(\.\/)?\.\.(\/|$)/.test(s)) : undefined;
    if (outside !== undefined) throw new StepFailure(`${word} failed: forbidden path outside the build context: ${outside} ()`);
    const root = op.from === undefined ? this.#context : isStage(op.from) ? this.#results[op.from.index]!.root : op.from.image.rootfs();
    const found = copySources(op, root);
    if (found.missing !== undefined) {
      const path = found.missing.slice(1);
      throw new StepFailure(
        op.from === undefined
          ? `${word} failed: file not found in build context or excluded by .dockerignore: stat ${path}: file does not exist`
          : `${word} failed: stat ${path}: file does not exist`,
      );
    }
    const files = [...found.files];
    if (files.length === 0 && found.urls.length === 0) throw new StepFailure(`${word} failed: no source files were specified`);
    if (files.length + found.urls.length > 1 && !op.destination.endsWith('/') && op.destination !== '/')
      throw new StepFailure(`When using ${word} with more than one source file, the destination must be a directory and end with a /`);
    for (const url of found.urls) {
      const got = await downloadFile(this.#engine, url, this.#request.cancel);
      if (typeof got === 'string') throw new StepFailure(`${word} failed: failed to GET ${url} with status ${got}`.replace(/failed to GET .* with status Get /, 'Get '));
      files.push(got);
    }
    const hash = digestOf(JSON.stringify(files.map((f) => [f.path, contentDigest(f.node)]))).slice(7);
    const kind = files.length > 1 ? 'multi' : files[0]!.node.type === 'directory' ? 'dir' : 'file';
    const given = 'destination' in instruction ? instruction.destination : '';
    const chown = op.chown === '' ? '' : `--chown=${op.chown} `;
    const createdBy = nop(`${word} ${chown}${kind}:${hash} in ${given} `);
    const cached = await this.#cached(state, config, createdBy);
    if (cached) return cached;
    const owner = ownerOf(op.chown, state.root, true);
    if (typeof owner === 'string') throw new StepFailure(owner);
    const now = this.#engine.world.clock.now();
    const after = copyInto(state.root, files, op.destination, { owner, unpack: op.add && found.urls.length === 0 }, now);
    await this.#engine.world.sleep(20, this.#request.cancel);
    return this.#finish(state, config, createdBy, author, after);
  } // prettier-ignore

  async #running(): Promise<void> {
    this.#container = this.#engine.world.random.stream('docker builder').hex(64);
    await this.#say(` ---> Running in ${this.#container.slice(0, 12)}\n`);
    await this.#engine.world.sleep(60, this.#request.cancel);
  }

  #container = '';

  #removed(): Promise<void> {
    return this.#say(` ---> Removed intermediate container ${this.#container.slice(0, 12)}\n`);
  }

  async #cached(state: State, config: ImageConfig, createdBy: string): Promise<State | undefined> {
    if (this.#busted) return undefined;
    const id = this.#engine.classicCache.get(cacheKey(state.id, config, createdBy));
    const stored = id === undefined ? undefined : this.#engine.images.byId(id);
    if (!stored) {
      this.#busted = true;
      return undefined;
    }
    await this.#say(' ---> Using cache\n');
    await this.#say(` ---> ${short(stored.image.id)}\n`);
    return stateOf(stored);
  }

  async #commit(
    state: State,
    config: ImageConfig,
    createdBy: string,
    author: string,
    root?: DirectoryNode,
  ): Promise<State> {
    const cached = await this.#cached(state, config, createdBy);
    if (cached) return cached;
    await this.#running();
    await this.#removed();
    return this.#finish(state, config, createdBy, author, root);
  }

  async #finish(state: State, config: ImageConfig, createdBy: string, author: string, root?: DirectoryNode): Promise<State> {
    const created = this.#engine.world.clock.now();
    const layer = root ? [layerOf(state.root, root, state.id)] : [];
    const layers = [...state.layers, ...layer];
    const entry: HistoryEntry = { created, createdBy, ...(root ? {} : { emptyLayer: true }) };
    const history = [...state.history, entry];
    const id = digestOf(JSON.stringify([config, history, layers.map((l) => l.diffId ?? l.digest), author, state.id]));
    const files = root ?? state.root;
    const image: Image = {
      id,
      digest: digestOf(`manifest ${id}`),
      layers,
      size: layers.reduce((sum, l) => sum + l.size, 0),
      config,
      created,
      ...(author === '' ? {} : { author }),
      history,
      architecture: 'amd64',
      rootfs: () => files,
    };
    this.#engine.images.add(image, state.id);
    this.#engine.classicCache.set(cacheKey(state.id, config, createdBy), id);
    await this.#say(` ---> ${short(id)}\n`);
    return { id, root: files, layers, history };
  } // prettier-ignore
}

const nop = (text: string) => `/bin/sh -c #(nop) ${text}`;

const cacheKey = (parent: string, config: ImageConfig, createdBy: string) =>
  digestOf(JSON.stringify([parent, config, createdBy]));

function stateOf({ image, details }: StoredImage): State {
  return { id: image.id, root: image.rootfs(), layers: details.layers, history: details.history };
}

/** EXPOSE keeps the words as they were written. */
function metadataText({ instruction, createdBy }: StageStep): string {
  return instruction.kind === 'expose' ? `EXPOSE ${[...instruction.ports].sort().join(' ')}` : createdBy;
}
