import type { HostInfo, Input } from '../../session/protocol.ts';

export interface TerminalTab {
  readonly id: string;
  readonly host: string;
  /** The shell has ended. */
  ended: boolean;
  /** The world knows this terminal. */
  opened: boolean;
  /** The shell's directory, as it reports it (OSC 7). */
  directory?: string;
}

/** Whatever draws a terminal's output. */
export interface TerminalScreen {
  write(data: string): void;
  reset(size?: { rows: number; columns: number }): void;
  focus(): void;
}

/** The terminal tabs. Output that comes before a screen is there waits for it. */
export class TerminalsState {
  tabs = $state<TerminalTab[]>([]);
  active = $state<string | undefined>();
  readonly #send: (input: Input) => void;
  readonly #screens = new Map<string, TerminalScreen>();
  readonly #waiting = new Map<string, string[]>();
  /** What new terminals begin with. */
  readonly #commands = new Map<string, string>();
  /** Of the terminals' numbers so far: none is used twice, so that no new terminal gets an old one's screen. */
  #highest = 0;

  constructor(send: (input: Input) => void) {
    this.#send = send;
  }

  get activeTab(): TerminalTab | undefined {
    return this.tabs.find(({ id }) => id === this.active);
  }

  /**
   * Adds a tab; the world hears of it when its screen knows its size (`attach`).
   * @param command typed into it as soon as it prompts
   */
  open(host: string, command?: string): string {
    const id = `t${++this.#highest}`;
    if (command !== undefined) this.#commands.set(id, command);
    this.tabs.push({ id, host, ended: false, opened: false });
    this.active = id;
    return id;
  }

  close(id: string): void {
    const index = this.tabs.findIndex((tab) => tab.id === id);
    const tab = this.tabs[index];
    if (!tab) return;
    if (tab.opened) this.#send({ kind: 'close-terminal', terminal: id });
    this.tabs.splice(index, 1);
    this.#screens.delete(id);
    this.#waiting.delete(id);
    if (this.active === id) this.active = (this.tabs[index] ?? this.tabs[index - 1])?.id;
  }

  /** A screen of this size draws the terminal from now on. Returns how to let go of it. */
  attach(id: string, screen: TerminalScreen, size: { rows: number; columns: number }): () => void {
    this.#screens.set(id, screen);
    for (const data of this.#waiting.get(id) ?? []) screen.write(data);
    this.#waiting.delete(id);
    const tab = this.tabs.find((tab) => tab.id === id);
    if (tab && !tab.opened) {
      tab.opened = true;
      this.#send({ kind: 'terminal', terminal: id, host: tab.host, ...size });
      if (this.#commands.has(id)) screen.focus();
    }
    return () => {
      if (this.#screens.get(id) === screen) this.#screens.delete(id);
    };
  }

  type(id: string, data: string): void {
    this.#send({ kind: 'keys', terminal: id, data });
  }

  resize(id: string, size: { rows: number; columns: number }): void {
    this.#send({ kind: 'resize', terminal: id, ...size });
  }

  /** Types a command into the active terminal as a person would: what stood at the prompt is cleared first. */
  run(command: string): void {
    const tab = this.activeTab;
    if (!tab || tab.ended) return;
    // Several lines are pasted as one, so that the shell takes them as they stand.
    const text = command.replace(/\n+$/, '');
    this.type(tab.id, `\x15${text.includes('\n') ? `\x1b[200~${text}\x1b[201~` : text}\r`);
  }

  focus(): void {
    if (this.active) this.#screens.get(this.active)?.focus();
  }

  output(id: string, data: string): void {
    const screen = this.#screens.get(id);
    if (screen) screen.write(data);
    else this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), data]);
    const command = this.#commands.get(id);
    if (command === undefined) return;
    this.#commands.delete(id);
    this.type(id, `${command}\r`);
  }

  ended(id: string): void {
    const tab = this.tabs.find((tab) => tab.id === id);
    if (tab) tab.ended = true;
  }

  moved(id: string, directory: string): void {
    const tab = this.tabs.find((tab) => tab.id === id);
    if (tab) tab.directory = directory;
  }

  /** The world begins anew with these terminals; their output follows. */
  reset(terminals: readonly { terminal: string; host: string; rows: number; columns: number }[]): void {
    this.#waiting.clear();
    this.tabs = terminals.map(({ terminal, host }) => ({ id: terminal, host, ended: false, opened: true }));
    this.#highest = Math.max(this.#highest, ...terminals.map(({ terminal }) => Number(terminal.slice(1)) || 0));
    for (const { terminal, rows, columns } of terminals) this.#screens.get(terminal)?.reset({ rows, columns });
    if (!terminals.some(({ terminal }) => terminal === this.active)) this.active = this.tabs[0]?.id;
  }

  /** There is always a terminal to type into, on the first workstation. */
  ensureOne(hosts: readonly HostInfo[]): void {
    const host = hosts.find(({ role }) => role === 'workstation') ?? hosts[0];
    if (host && this.tabs.length === 0) this.open(host.name);
    this.active ??= this.tabs[0]?.id;
  }
}
