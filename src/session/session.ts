import { sha256 } from '@noble/hashes/sha2.js';
import { Tty, type ChildProcess, type TtyEditRequest } from '../engine/process/index.ts';
import { Deferred, pump, type Cancellation, type MacrotaskHop } from '../engine/world/index.ts';
import { browse } from './browser.ts';
import type { BrowsedPage, Input, SavedSession, SessionSpec, StampedInput } from './protocol.ts';
import { needsLateCode } from './late.ts';
import { SessionRoom, type Host, type RoomOptions } from './room.ts';

/** What a session tells whoever shows it. */
export interface SessionListener {
  output?(terminal: string, data: Uint8Array): void;
  ended?(terminal: string): void;
  edit?(request: EditRequest): void;
  editEnded?(editing: number): void;
  applied?(input: StampedInput): void;
  /** The browser pane's answer. */
  page?(page: BrowsedPage): void;
}

/** A program waits until the editor pane has saved or closed this file. */
export interface EditRequest {
  editing: number;
  host: string;
  path: string;
  program: string;
}

/** A terminal and the shell in it. */
interface Terminal {
  readonly id: string;
  readonly host: Host;
  readonly tty: Tty;
  shell: ChildProcess;
  /** Digest of all that it has shown. */
  readonly seen: ReturnType<typeof sha256.create>;
}

/** Steps the world may take before an input is applied although it is busy: a budget, so that replays agree. */
const inputBudget = 5_000;

/**
 * One machine room with its inputs. Inputs are stamped with the virtual time and the number of engine steps at which
 * they were applied; `replay` applies them at exactly those moments in a fresh world and so arrives at the same state.
 */
export class Session {
  readonly spec: SessionSpec;
  readonly room: SessionRoom;
  readonly inputs: StampedInput[] = [];
  readonly #hop: MacrotaskHop;
  readonly #listener: SessionListener;
  readonly #terminals = new Map<string, Terminal>();
  /** What criteria know besides the world: the opened step, what was typed in it, answers given. */
  readonly lesson: {
    step: string | undefined;
    commands: { line: string; exit: number }[];
    answers: Map<string, number>;
  } = {
    step: undefined,
    commands: [],
    answers: new Map(),
  };
  readonly #editing = new Map<number, { request: EditRequest; closed: Deferred<void> }>();
  #nextEditing = 1;

  constructor(
    spec: SessionSpec,
    hop: MacrotaskHop,
    listener: SessionListener = {},
    options: Partial<RoomOptions> = {},
  ) {
    this.spec = spec;
    this.#hop = hop;
    this.#listener = listener;
    this.room = new SessionRoom({ ...options, ...spec });
    this.room.world.bus.on('command', ({ line, exit }) => void this.lesson.commands.push({ line, exit }));
    this.room.world.registerState('terminals', () =>
      [...this.#terminals.values()].map((t) => [
        t.id,
        t.host.name,
        t.tty.rows,
        t.tty.columns,
        t.shell.status ?? null,
        t.seen.clone().digest(),
      ]),
    );
  }

  get queue() {
    return this.room.world.queue;
  }

  /** Applies an input now. Call it only between two `pump`s, at a drained queue. */
  apply(input: Input): StampedInput {
    const stamped: StampedInput = { t: this.queue.now, step: this.queue.steps, input };
    this.inputs.push(stamped);
    if (this.needsLateCode(input)) this.room.furnish();
    this.#perform(input);
    this.#listener.applied?.(stamped);
    return stamped;
  }

  /** Whether an input may be applied only when the late code is there. */
  needsLateCode(input: Input): boolean {
    return needsLateCode(input) || (input.kind === 'terminal' && !this.room.hosts.has(input.host));
  }

  /** Lets the world react until it waits for time, or `inputBudget` steps have gone by. */
  async settle(): Promise<void> {
    await pump(this.queue, this.#hop, { until: this.queue.now, maxSteps: inputBudget });
  }

  /**
   * Applies recorded inputs at their moments and runs on to `end`.
   * @throws ReplayError when the world is not the one that was recorded.
   */
  async replay(inputs: readonly StampedInput[], end: { t: number; step: number }): Promise<void> {
    for (const { t, step, input } of inputs) {
      await this.#runTo(t, step);
      this.apply(input);
    }
    await this.#runTo(end.t, end.step);
  }

  async #runTo(t: number, step: number): Promise<void> {
    if (this.queue.steps > step) throw new ReplayError(t, step, this.queue.steps);
    await pump(this.queue, this.#hop, { until: t, maxSteps: step - this.queue.steps });
    if (this.queue.steps !== step) throw new ReplayError(t, step, this.queue.steps);
    if (this.queue.now < t) {
      try {
        this.queue.advanceTo(t);
      } catch {
        throw new ReplayError(t, step, this.queue.steps);
      }
    }
  }

  /** What is kept of this session. */
  save(build: string): SavedSession {
    return {
      format: 1,
      build,
      spec: this.spec,
      inputs: [...this.inputs],
      end: { t: this.queue.now, step: this.queue.steps, hash: this.room.world.stateHash() },
      fallback: { files: this.room.learnerFiles(), objects: this.room.learnerObjects() },
    };
  }

  terminals(): { id: string; host: string; rows: number; columns: number; ended: boolean }[] {
    return [...this.#terminals.values()].map(({ id, host, tty, shell }) => ({
      id,
      host: host.name,
      rows: tty.rows,
      columns: tty.columns,
      ended: shell.status !== undefined,
    }));
  }

  #host(name: string): Host {
    const host = this.room.hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }

  #perform(input: Input): void {
    switch (input.kind) {
      case 'terminal':
        return this.#openTerminal(input.terminal, this.#host(input.host), input.rows, input.columns);
      case 'close-terminal': {
        const terminal = this.#terminals.get(input.terminal);
        this.#terminals.delete(input.terminal);
        terminal?.shell.kill('SIGHUP');
        return;
      }
      case 'keys':
        return this.#terminals.get(input.terminal)?.tty.input(input.data);
      case 'resize':
        return this.#terminals.get(input.terminal)?.tty.resize(input.rows, input.columns);
      case 'save':
        return writeAsUser(this.#host(input.host), input.path, input.text);
      case 'editor-closed':
        return this.#editing.get(input.editing)?.closed.resolve();
      case 'remove':
        return this.#host(input.host).machine.fs.remove(input.path, { recursive: true });
      case 'rename':
        return this.#host(input.host).machine.fs.rename(input.from, input.to);
      case 'mkdir':
        return makeDirectory(this.#host(input.host), input.path);
      case 'power':
        return this.#host(input.host).power(input.on);
      case 'api':
        return void this.room.callApi(input);
      case 'browse':
        void browse(this.room.workstation, input.url, input.insecure ?? false).then((page) =>
          this.#listener.page?.(page),
        );
        return;
      case 'step':
        if (this.lesson.step !== input.step) this.lesson.commands = [];
        this.lesson.step = input.step;
        return;
      case 'answer':
        return void this.lesson.answers.set(input.question, input.choice);
    }
  }

  #openTerminal(id: string, host: Host, rows: number, columns: number): void {
    if (this.#terminals.has(id)) return;
    const seen = sha256.create();
    const tty = new Tty(this.room.world, id, (bytes) => {
      seen.update(bytes);
      this.#listener.output?.(id, bytes);
    });
    tty.rows = rows;
    tty.columns = columns;
    tty.editor = (request) => this.#openEditor(request);
    const shell = host.login(tty);
    const terminal: Terminal = { id, host, tty, shell, seen };
    this.#terminals.set(id, terminal);
    void shell.wait().then(() => this.#listener.ended?.(id));
  }

  /** Files that programs wait for now. */
  edits(): EditRequest[] {
    return [...this.#editing.values()].map(({ request }) => request);
  }

  #openEditor({ machine, path, program, cancel }: TtyEditRequest): Promise<void> | undefined {
    const host = [...this.room.hosts.values()].find((h) => h.machine === machine);
    return host && this.#edit({ editing: this.#nextEditing++, host: host.name, path, program }, cancel);
  }

  async #edit(request: EditRequest, cancel: Cancellation): Promise<void> {
    const { editing } = request;
    const closed = new Deferred<void>(this.queue);
    this.#editing.set(editing, { request, closed });
    this.#listener.edit?.(request);
    try {
      await closed.wait(cancel);
    } finally {
      this.#editing.delete(editing);
      this.#listener.editEnded?.(editing);
    }
  }
}

/** What is new belongs to whoever logs in on that host. */
function writeAsUser(host: Host, path: string, text: string): void {
  const { fs } = host.machine;
  const directory = path.slice(0, path.lastIndexOf('/'));
  if (directory) makeDirectory(host, directory);
  fs.writeFile(path, text, fs.exists(path) ? {} : { uid: host.user.uid, gid: host.user.gid });
}

function makeDirectory(host: Host, path: string): void {
  const { uid, gid } = host.user;
  host.machine.fs.mkdir(path, { recursive: true, uid, gid });
}

/** The recorded inputs don't lead to the recorded moments: another build of the engine, or a damaged recording. */
export class ReplayError extends Error {
  override name = 'ReplayError';
  constructor(t: number, step: number, steps: number) {
    super(`the replay differs at ${t} ms: step ${steps} instead of ${step}`);
  }
}
