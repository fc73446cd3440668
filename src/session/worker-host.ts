import type { LessonDefinition } from '../lessons/definition.ts';
import { Pacer, type HostTime } from './pacer.ts';
import type {
  Answers,
  FromWorker,
  Input,
  Mark,
  Query,
  SavedSession,
  SessionSpec,
  StampedInput,
  ToWorker,
} from './protocol.ts';
import { build } from './build.ts';
import { lateCode, provideLateCode, withLateCode, type LateCode } from './late.ts';
import { MarkFeed } from './marks.ts';
import { DockerFeed } from './docker-feed.ts';
import { ObjectFeed } from './object-feed.ts';
import { LessonWatch } from './lesson-watch.ts';
import { carryOver } from './restore.ts';
import { Session, type SessionListener } from './session.ts';
import { TrafficFeed } from './traffic-feed.ts';

export interface WorkerHostOptions {
  send: (message: FromWorker) => void;
  time: HostTime;
  /** Loads what needs not be there for the first prompt. */
  loadLateCode: () => Promise<LateCode>;
}

/** Real ms that the page has to draw the first prompt before more is loaded. */
const drawing = 100;
/** Real ms after which more is loaded although nothing prompts. */
const patience = 5_000;
/** Real ms between two messages of the same kind to the page, at most. */
const flushEvery = 33;

/**
 * The engine's side of the page protocol, independent of what carries the messages (a worker, a test).
 * Restoring, undo and time travel replay in a fresh session that takes the old one's place when it has arrived.
 */
export class WorkerHost {
  readonly #send: (message: FromWorker) => void;
  readonly #time: HostTime;
  readonly #load: () => Promise<LateCode>;
  #late: Promise<void> | undefined;
  #prompted = false;
  #session: Session | undefined;
  #pacer: Pacer | undefined;
  #feed: ObjectFeed | undefined;
  #docker: DockerFeed | undefined;
  #traffic: TrafficFeed | undefined;
  #lesson: LessonWatch | undefined;
  /** Time waits for the late code. */
  #held = false;
  #definition: LessonDefinition | undefined;
  #speed = 1;
  #visible = true;
  #output = new Map<string, string>();
  #decoders = new Map<string, TextDecoder>();
  #files = new Map<string, Set<string>>();
  #marks: MarkFeed | undefined;
  /** The whole session, while the world is at an earlier moment of it. */
  #whole: { saved: SavedSession; reached: number; marks: readonly Mark[] } | undefined;
  #lastFlush = -Infinity;
  #flushTimer: (() => void) | undefined;
  /** Messages are handled one after the other, also those that replay for a while. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: WorkerHostOptions) {
    this.#send = options.send;
    this.#time = options.time;
    this.#load = options.loadLateCode;
  }

  receive(message: ToWorker): void {
    if (message.type === 'ping') return this.#send({ type: 'pong' });
    this.#turn = this.#turn.then(() => this.#handle(message)).catch((error: unknown) => this.#crash(error));
  }

  /** Starts loading the late code, once; resolves when it is there. Whoever needs it waits for it, and fails without. */
  #lateCode(): Promise<void> {
    this.#late ??= this.#load().then((code) => {
      provideLateCode(code);
      this.#flushSoon();
    });
    return this.#late;
  }

  /** The same ahead of need: a failure is somebody's trouble only when it is needed. */
  #loadLateCode(): Promise<void> {
    return this.#lateCode().catch(() => (this.#late = undefined));
  }

  async #handle(message: ToWorker): Promise<void> {
    switch (message.type) {
      case 'start':
        return this.#begin(message.spec, [], undefined);
      case 'restore':
        return this.#restore(message.saved);
      case 'lesson':
        this.#definition = message.definition;
        this.#watchLesson();
        return this.#flush();
      case 'input':
        if (this.#need().needsLateCode(message.input)) await this.#lateCode();
        return this.#input(message.input);
      case 'speed':
        this.#speed = message.speed;
        return this.#applySpeed();
      case 'visible':
        this.#visible = message.visible;
        return this.#applySpeed();
      case 'next':
        await this.#lateCode();
        return this.#next(message.interesting);
      case 'query':
        // Not waited for: the answer may have to wait for the cluster, and with it for time, which a message may let go on.
        void this.#query(message.id, message.query);
        return;
      case 'undo': {
        const session = this.#need();
        const inputs = withoutLast(session.inputs);
        if (inputs === session.inputs) return;
        const end = inputs.at(-1);
        // Up to the moment of the input that is taken back, so that nothing before it is lost.
        const until = session.inputs[inputs.length] ?? end;
        this.#whole = undefined;
        return this.#begin(session.spec, inputs, until && { t: until.t, step: until.step });
      }
      case 'travel':
        return this.#travel(message.t);
    }
  }

  /** Goes to another moment of the session. What comes after it stays reachable until something else is done. */
  async #travel(moment: number): Promise<void> {
    const session = this.#need();
    const whole = (this.#whole ??= {
      saved: session.save(build),
      reached: this.#pacer!.reached,
      marks: this.#marks!.all,
    });
    const { spec, inputs, end } = whole.saved;
    // There is nothing to be seen before the first terminal.
    const t = Math.max(moment, inputs.find(({ input }) => input.kind === 'terminal')?.t ?? 0);
    if (t >= end.t) {
      this.#whole = undefined;
      return this.#begin(spec, inputs, end, t);
    }
    const earlier = inputs.filter((input) => input.t <= t);
    const last = earlier.at(-1);
    return this.#begin(spec, earlier, last && { t: last.t, step: last.step }, t);
  }

  #need(): Session {
    if (!this.#session) throw new Error('no session has been started');
    return this.#session;
  }

  /** Makes a session, replays `inputs` and goes on from there. */
  async #begin(
    spec: SessionSpec,
    inputs: readonly StampedInput[],
    end: { t: number; step: number } | undefined,
    travelTo?: number,
  ): Promise<void> {
    if (end) await this.#lateCode();
    const session = await this.#prepare(spec, inputs, end);
    this.#adopt(session);
    if (travelTo !== undefined && travelTo > session.queue.now) this.#pacer!.runTo(travelTo);
    this.#ready(inputs.length > 0 ? 'replayed' : undefined);
  }

  async #prepare(spec: SessionSpec, inputs: readonly StampedInput[], end: { t: number; step: number } | undefined) {
    const listener = this.#listener();
    const session = new Session(spec, this.#time.hop, listener.listener);
    this.#nextMarks = new MarkFeed(session.room);
    if (end) await session.replay(inputs, end);
    listener.live();
    return session;
  }

  /** Output made while replaying is kept and sent when the page has made room for the new world. */
  #listener(): { listener: SessionListener; live: () => void } {
    let early: (() => void)[] | undefined = [];
    const tell = (action: () => void) => (early ? early.push(action) : action());
    return {
      listener: {
        output: (terminal, data) => tell(() => this.#addOutput(terminal, data)),
        ended: (terminal) =>
          tell(() => {
            this.#flush();
            this.#send({ type: 'ended', terminal });
          }),
        // Of those asked for in a replay, the ones that still wait are told when the world is there.
        edit: (request) => {
          if (!early) this.#send({ type: 'edit', ...request });
        },
        editEnded: (editing) => {
          if (!early) this.#send({ type: 'edit-ended', editing });
        },
        page: (page) => tell(() => this.#send({ type: 'page', page })),
        applied: (input) => {
          if (!early) this.#send({ type: 'applied', count: this.#session!.inputs.length, input });
        },
      },
      live: () => {
        const actions = early ?? [];
        early = undefined;
        this.#pendingReplay = () => actions.forEach((action) => action());
      },
    };
  }

  #pendingReplay: (() => void) | undefined;
  /** Of the session that is being made: marks are seen while it replays. */
  #nextMarks: MarkFeed | undefined;

  #adopt(session: Session): void {
    this.#pacer?.close();
    this.#feed?.close();
    this.#output.clear();
    this.#decoders.clear();
    this.#files.clear();
    this.#marks?.close();
    this.#marks = this.#nextMarks;
    this.#session = session;
    this.#feed = new ObjectFeed(session.room);
    this.#docker?.close();
    this.#docker = new DockerFeed(session.room);
    this.#traffic?.close();
    this.#traffic = new TrafficFeed(session.room);
    this.#watchLesson();
    const { room } = session;
    room.world.bus.on('file', ({ host, path }) => {
      let set = this.#files.get(host);
      if (!set) this.#files.set(host, (set = new Set()));
      set.add(path);
    });
    this.#pacer = new Pacer(session.queue, this.#time, this.#effectiveSpeed());
    this.#holdUntilFurnished(session, this.#pacer);
    this.#pacer.onSlice = () => this.#flushSoon();
    this.#pacer.onError = (error) => this.#crash(error);
  }

  /** Time goes on when the code for what it brings is there; the page then hears of the hosts that came. */
  #holdUntilFurnished({ room }: Session, pacer: Pacer): void {
    this.#held = room.needsLateCodeAt !== undefined;
    if (!this.#held) return;
    // Not even the first prompt's time passes before its terminal is there, however long the page takes.
    pacer.hold = 1;
    withLateCode(() => {
      pacer.hold = Infinity;
      if (pacer === this.#pacer) this.#held = false;
    });
    this.#time.after(patience, () => void this.#loadLateCode());
    room.whenFurnished(() => {
      if (room === this.#session?.room) this.#send({ type: 'hosts', hosts: room.hostInfos() });
    });
  }

  /** Criteria are watched as soon as the code for them is there. */
  #watchLesson(): void {
    const session = this.#session;
    const definition = this.#definition;
    this.#lesson = undefined;
    withLateCode(({ evaluateStep }) => {
      if (!session || session !== this.#session || definition !== this.#definition) return;
      this.#lesson = new LessonWatch(session, definition, evaluateStep, (step, results) =>
        this.#send({ type: 'criteria', step, results }),
      );
    });
  }

  #ready(restored?: 'replayed' | 'carried-over' | 'failed', message?: string): void {
    const terminals = this.#need()
      .terminals()
      .map(({ id, host, rows, columns }) => ({ terminal: id, host, rows, columns }));
    this.#send({ type: 'reset', terminals });
    this.#send({ type: 'ready', build, hosts: this.#need().room.hostInfos(), restored, message });
    this.#pendingReplay?.();
    this.#pendingReplay = undefined;
    for (const request of this.#need().edits()) this.#send({ type: 'edit', ...request });
    this.#flush();
    this.#pacer!.kick();
  }

  async #restore(saved: SavedSession): Promise<void> {
    await this.#lateCode();
    try {
      if (saved.format !== 1) throw new Error(`unknown format ${String(saved.format)}`);
      const session = await this.#prepare(saved.spec, saved.inputs, saved.end);
      const agrees = saved.end.hash === undefined || saved.end.hash === session.room.world.stateHash();
      if (!agrees) throw new Error('the state differs');
      this.#adopt(session);
      this.#ready('replayed');
    } catch (error) {
      const session = await this.#prepare({ ...saved.spec, epoch: Date.now() }, [], undefined);
      this.#adopt(session);
      const problems = saved.fallback ? await carryOver(session, saved.fallback) : ['nothing was kept of it'];
      const carried = saved.fallback !== undefined && problems.length === 0;
      const reason = `${(error as Error).message}${problems.length > 0 ? `; ${problems.join('; ')}` : ''}`;
      this.#ready(carried ? 'carried-over' : 'failed', reason);
    }
  }

  #input(input: Input): Promise<void> {
    const session = this.#need();
    return new Promise((resolve, reject) => {
      this.#pacer!.enqueue(async () => {
        try {
          // Opening a step and giving a terminal its size begin no other branch.
          if (input.kind !== 'resize' && input.kind !== 'step') this.#whole = undefined;
          session.apply(input);
          const limit = session.room.needsLateCodeAt;
          if (this.#held && limit !== undefined && input.kind === 'terminal') this.#pacer!.hold = limit;
          await session.settle();
          this.#flush();
          resolve();
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  #effectiveSpeed(): number {
    return this.#visible ? this.#speed : 0;
  }

  #applySpeed(): void {
    if (!this.#pacer) return;
    this.#pacer.speed = this.#effectiveSpeed();
    this.#sendClock();
  }

  #next(interesting: boolean): void {
    const { room } = this.#need();
    const before = room.activity();
    this.#pacer!.next(() => interesting && room.activity() === before);
  }

  async #query(id: number, query: Query): Promise<void> {
    try {
      this.#send({ type: 'answer', id, answer: await this.#answer(query) });
    } catch (error) {
      this.#send({ type: 'answer', id, error: (error as Error).message });
    }
  }

  async #answer(query: Query): Promise<Answers[Query['kind']]> {
    const session = this.#need();
    const { room } = session;
    switch (query.kind) {
      case 'api':
        await new Promise<void>((resolve) => room.whenFurnished(resolve));
        return room.queryApi(query);
      case 'files':
        return room.listFiles(query.host, query.directory);
      case 'read':
        return room.readFile(query.host, query.path);
      case 'save':
        return this.#whole?.saved ?? session.save(build);
      case 'image':
        await this.#lateCode();
        return { suggestion: lateCode().suggestImage(query.name) };
      case 'hash':
        return { hash: room.world.stateHash(), parts: room.world.stateHashes() };
    }
  }

  #addOutput(terminal: string, data: Uint8Array): void {
    let decoder = this.#decoders.get(terminal);
    if (!decoder) this.#decoders.set(terminal, (decoder = new TextDecoder()));
    this.#output.set(terminal, (this.#output.get(terminal) ?? '') + decoder.decode(data, { stream: true }));
  }

  #flushSoon(): void {
    const wait = this.#lastFlush + flushEvery - this.#time.now();
    if (wait <= 0) return this.#flush();
    this.#flushTimer ??= this.#time.after(wait, () => this.#flush());
  }

  #flush(): void {
    this.#flushTimer?.();
    this.#flushTimer = undefined;
    this.#lastFlush = this.#time.now();
    for (const [terminal, data] of this.#output) this.#send({ type: 'output', terminal, data });
    if (this.#output.size > 0 && !this.#prompted) {
      this.#prompted = true;
      this.#time.after(drawing, () => void this.#loadLateCode());
    }
    this.#output.clear();
    const changes = this.#feed?.take();
    if (changes) this.#send({ type: 'objects', ...changes });
    const answers = this.#docker?.take();
    if (answers !== undefined) this.#send({ type: 'docker', answers });
    const events = this.#traffic?.take();
    if (events) this.#send({ type: 'traffic', events });
    for (const [host, paths] of this.#files) this.#send({ type: 'files', host, paths: [...paths] });
    this.#files.clear();
    const marks = this.#marks?.take();
    if (marks) {
      const now = this.#session!.queue.now;
      this.#send({ type: 'marks', marks: [...marks, ...(this.#whole?.marks.filter(({ t }) => t > now) ?? [])] });
    }
    this.#lesson?.check();
    this.#sendClock();
  }

  #sendClock(): void {
    const world = this.#session?.room.world;
    if (!world) return;
    const elapsed = this.#pacer?.reached ?? world.queue.now;
    this.#send({
      type: 'clock',
      elapsed,
      now: world.clock.epoch + elapsed,
      furthest: Math.max(elapsed, this.#whole?.reached ?? 0),
      speed: this.#speed,
      nextDue: world.queue.nextDue,
    });
  }

  #crash(error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    let saved: SavedSession | undefined;
    try {
      saved = this.#session?.save(build);
    } catch {
      // The world is too broken to be saved: the message alone has to do.
    }
    this.#send({ type: 'crash', message, saved });
  }
}

/** What a person did last, taken back: keys of one command line count as one input. */
function withoutLast(inputs: readonly StampedInput[]): readonly StampedInput[] {
  const last = inputs.findLastIndex(({ input }) => !['terminal', 'resize', 'step'].includes(input.kind));
  if (last < 0) return inputs;
  const { input } = inputs[last]!;
  let first = last;
  if (input.kind === 'keys')
    // Back to the end of the previous command line.
    while (first > 0) {
      const previous = inputs[first - 1]!.input;
      if (previous.kind !== 'keys' || previous.terminal !== input.terminal || /[\r\n\x03\x04]$/.test(previous.data))
        break;
      first--;
    }
  return inputs.slice(0, first);
}
