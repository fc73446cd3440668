import type { LessonDefinition } from '../../lessons/definition.ts';
import type { EngineAnswers } from '../../engine/docker/index.ts';
import type { FromWorker, HostInfo, Input, SavedSession, SessionSpec, StampedInput } from '../../session/protocol.ts';
import { EngineClient, type WorkerLike } from '../engine/client.ts';
import type { SessionStore } from '../engine/store.ts';
import { ClockState } from './clock.svelte.ts';
import { FilesState } from './files.svelte.ts';
import { BrowserState } from './browser.svelte.ts';
import { ObjectCache } from './objects.svelte.ts';
import { TrafficState } from './traffic.svelte.ts';
import { SelectionState } from './selection.svelte.ts';
import { TerminalsState } from './terminals.svelte.ts';

export type Crash = { message: string; saved?: SavedSession };

export interface SessionOptions {
  /** Under which the session is kept. */
  key: string;
  spec: SessionSpec;
  startEngine: () => WorkerLike;
  store: SessionStore;
  /** The lesson whose criteria the worker is to watch. */
  lesson?: LessonDefinition | undefined;
  /** Criteria of the lesson's step. */
  onCriteria?: (message: Extract<FromWorker, { type: 'criteria' }>) => void;
  /** The world is there, for the first time or again. */
  onReady?: () => void;
  /** A program wants a file edited. */
  onEdit?: (program: string) => void;
}

/** Real ms after which inputs are kept, at least; the more there are, the more seldom. */
const inputDelay = 100;
/** How long inputs gather before the whole session is kept, in real ms; and how long at most time passes unkept. */
const saveDelay = 300;
const saveInterval = 5000;
/** Real ms for drawing the first prompt before anything else is loaded. */
const drawing = 100;
/** Saving may take this part of the engine's time. */
const saveShare = 0.05;

/** One session as the page sees it: its world's objects, time, terminals and files, and the way to act on them. */
export class SessionState {
  status = $state<'starting' | 'running' | 'crashed'>('starting');
  crash = $state.raw<Crash | undefined>();
  /** How a kept session came back, until the learner has read it. */
  restored = $state.raw<{ how: 'replayed' | 'carried-over' | 'failed'; message?: string } | undefined>();
  hosts = $state.raw<readonly HostInfo[]>([]);
  build = $state('');
  /** The first prompt is there: what is heavy may load now. */
  prompted = $state(false);
  /** What the Docker Engine says of itself; undefined without one. */
  docker = $state.raw<EngineAnswers | undefined>();
  readonly objects = new ObjectCache();
  readonly traffic = new TrafficState();
  readonly clock = new ClockState();
  readonly selection = new SelectionState();
  readonly terminals = new TerminalsState((input) => this.input(input));
  readonly browser = new BrowserState((input) => this.input(input));
  readonly files = new FilesState(
    (input) => this.input(input),
    () => this.#client,
  );
  readonly #options: SessionOptions;
  #client: EngineClient | undefined;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer runs out. */
  #saveDue = 0;
  /** Real ms that the last save took. */
  #saveCost = 0;
  /** Virtual ms up to which the session is kept. */
  #savedUntil = -1;
  #latest: SavedSession | undefined;
  #inputTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get workstation(): HostInfo | undefined {
    return this.hosts.find(({ role }) => role === 'workstation') ?? this.hosts[0];
  }

  /** Starts the engine, going on with a kept session of this key if there is one. */
  async start(): Promise<void> {
    const client = this.#connect();
    this.#latest = await this.#options.store.load(this.#options.key);
    if (client !== this.#client) return;
    if (this.#latest) client.post({ type: 'restore', saved: this.#latest });
    else client.post({ type: 'start', spec: this.#options.spec });
  }

  /** A fresh world; the kept session is dropped. */
  async startAfresh(): Promise<void> {
    clearTimeout(this.#saveTimer);
    clearTimeout(this.#inputTimer);
    this.#inputTimer = undefined;
    await this.#options.store.remove(this.#options.key);
    this.#latest = undefined;
    this.terminals.reset([]);
    this.clock.reset();
    this.crash = undefined;
    this.#connect().post({ type: 'start', spec: this.#options.spec });
  }

  /** After a crash: everything up to the last input, which may be what it crashed on. */
  restartWithoutLastInput(): void {
    const saved = this.crash?.saved ?? this.#latest;
    if (!saved) return void this.startAfresh();
    const inputs = saved.inputs.slice(0, -1);
    const last = inputs.at(-1);
    this.crash = undefined;
    this.terminals.reset([]);
    this.clock.reset();
    const end = { t: last?.t ?? 0, step: last?.step ?? 0 };
    this.#connect().post({ type: 'restore', saved: { ...saved, inputs, end } });
  }

  stop(): void {
    clearTimeout(this.#saveTimer);
    this.#writeInputs();
    this.#client?.stop();
    this.#client = undefined;
  }

  input(input: Input): void {
    this.#client?.post({ type: 'input', input });
  }

  get query(): EngineClient['query'] {
    return (query) => this.#client?.query(query) ?? Promise.reject(new Error('the engine has stopped'));
  }

  speed(speed: number): void {
    this.#client?.post({ type: 'speed', speed });
    this.clock.speed = speed;
  }

  next(interesting: boolean): void {
    this.#client?.post({ type: 'next', interesting });
  }

  /** The page may go away now: what is known of the session is kept without asking the engine. */
  keep(): void {
    this.#writeInputs();
    void this.save();
  }

  visible(visible: boolean): void {
    this.#client?.post({ type: 'visible', visible });
    if (!visible) this.keep();
  }

  undo(): void {
    this.#client?.post({ type: 'undo' });
  }

  travel(t: number): void {
    this.#client?.post({ type: 'travel', t });
  }

  /** The session as it is now; also keeps it. */
  async save(): Promise<SavedSession | undefined> {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    if (this.status !== 'running') return this.#latest;
    try {
      const begun = performance.now();
      const saved = await this.query<'save'>({ kind: 'save' });
      this.#saveCost = performance.now() - begun;
      this.#savedUntil = this.clock.elapsed;
      this.#latest = saved;
      await this.#options.store.save(this.#options.key, saved);
    } catch {
      // The engine stopped meanwhile; its crash is told on its own.
    }
    return this.#latest;
  }

  /** Inputs are kept at once, with the last whole save: a tab that is closed can't wait for the engine. */
  #keepInput(count: number, input: StampedInput): void {
    const latest = this.#latest;
    // Another branch than the one kept; the next whole save takes its place.
    if (!latest || count !== latest.inputs.length + 1) return;
    this.#latest = { ...latest, inputs: [...latest.inputs, input], end: { t: input.t, step: input.step } };
    this.#inputTimer ??= setTimeout(() => this.#writeInputs(), inputDelay + count / 20);
  }

  #writeInputs(): void {
    if (this.#inputTimer === undefined) return;
    clearTimeout(this.#inputTimer);
    this.#inputTimer = undefined;
    if (this.#latest) void this.#options.store.save(this.#options.key, this.#latest);
  }

  /** Keeps the session in `ms` at the latest. */
  #saveWithin(ms: number): void {
    const due = performance.now() + Math.max(ms, this.#saveCost / saveShare);
    if (this.#saveTimer !== undefined && this.#saveDue <= due) return;
    clearTimeout(this.#saveTimer);
    this.#saveDue = due;
    this.#saveTimer = setTimeout(() => void this.save(), due - performance.now());
  }

  #connect(): EngineClient {
    this.#client?.stop();
    this.status = 'starting';
    this.#client = new EngineClient(this.#options.startEngine(), (message) => this.#receive(message));
    if (this.#options.lesson) this.#client.post({ type: 'lesson', definition: this.#options.lesson });
    return this.#client;
  }

  #receive(message: Exclude<FromWorker, { type: 'answer' }>): void {
    switch (message.type) {
      case 'ready':
        return this.#ready(message);
      case 'hosts':
        this.hosts = message.hosts;
        return;
      case 'reset':
        this.clock.reset();
        this.traffic.reset();
        this.browser.reset();
        return this.terminals.reset(message.terminals);
      case 'output':
        if (!this.prompted) setTimeout(() => (this.prompted = true), drawing);
        return this.terminals.output(message.terminal, message.data);
      case 'ended':
        return this.terminals.ended(message.terminal);
      case 'clock':
        this.clock.tell(message);
        if (message.elapsed > this.#savedUntil) this.#saveWithin(saveInterval);
        return;
      case 'page':
        return this.browser.show(message.page);
      case 'traffic':
        return this.traffic.add(message.events);
      case 'objects':
        return this.objects.apply(message.changes, message.reset ?? false);
      case 'docker':
        this.docker = message.answers ?? undefined;
        return;
      case 'files':
        return void this.files.changed(message.host, message.paths);
      case 'edit':
        void this.files.waitFor(message.host, message.path, message);
        return this.#options.onEdit?.(message.program);
      case 'edit-ended':
        return this.files.release(message.editing);
      case 'criteria':
        return this.#options.onCriteria?.(message);
      case 'marks':
        this.clock.marks = message.marks;
        return;
      case 'applied':
        this.#keepInput(message.count, message.input);
        return this.#saveWithin(saveDelay);
      case 'crash':
        this.status = 'crashed';
        this.crash = { message: message.message, saved: message.saved ?? this.#latest };
    }
  }

  #ready(message: Extract<FromWorker, { type: 'ready' }>): void {
    this.status = 'running';
    this.build = message.build;
    this.hosts = message.hosts;
    // Another world than the kept one: nothing may be added to that.
    if (message.restored && message.restored !== 'replayed') this.#latest = undefined;
    if (message.restored) {
      this.restored = { how: message.restored, ...(message.message ? { message: message.message } : {}) };
    }
    this.terminals.ensureOne(message.hosts);
    void this.files.reset();
    this.#options.onReady?.();
  }
}
