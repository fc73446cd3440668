import { FitAddon } from '@xterm/addon-fit';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { TerminalScreen } from '../state/terminals.svelte.ts';
import { darkTheme, lightTheme } from './themes.ts';

export interface Size {
  rows: number;
  columns: number;
}

export interface ScreenOptions {
  dark: boolean;
  screenReader: boolean;
  label: string;
  onData(data: string): void;
  onResize(size: Size): void;
  /** The shell said where it is: by OSC 7, or in the window title that Debian's prompt sets. May begin with `~`. */
  onDirectory(directory: string): void;
  /** A paste longer than `pasteLimit` was refused. */
  onPasteRefused(length: number): void;
}

/** Characters. More than this typed at once would keep the shell busy for minutes. */
export const pasteLimit = 1_000_000;

/** Real ms in which a replayed world's output arrives. */
const replayDelay = 200;

/** An xterm in an element of its own, which can move between places on the page. */
export class XtermScreen implements TerminalScreen {
  readonly element: HTMLDivElement;
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #options: ScreenOptions;
  /** Ctrl was tapped in the key row: it goes with the next character. */
  #control = false;
  /** Sizes before the world knows this terminal, and those it told itself, are no news to it. */
  #settled = false;
  onControl: ((held: boolean) => void) | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#terminal = new Terminal({
      allowProposedApi: true,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono') || 'monospace',
      fontSize: matchMedia('(max-width: 799px)').matches ? 12 : 13,
      lineHeight: 1.25,
      scrollback: 5000,
      minimumContrastRatio: 4.5,
      macOptionIsMeta: true,
      overviewRuler: { width: 8 },
      screenReaderMode: options.screenReader,
      theme: options.dark ? darkTheme : lightTheme,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = '11';
    this.element = document.createElement('div');
    this.element.className = 'screen';
    this.#terminal.onData((data) => this.#data(data));
    this.#terminal.onResize(({ rows, cols }) => {
      if (this.#settled) options.onResize({ rows, columns: cols });
    });
    this.#terminal.attachCustomKeyEventHandler((event) => this.#key(event));
    // Where the cursor stands, asked by busybox's shell: an answer would be an input that nobody typed, and be replayed.
    this.#terminal.parser.registerCsiHandler({ final: 'n' }, () => true);
    this.#terminal.parser.registerOscHandler(7, (text) => {
      const path = /^file:\/\/[^/]*(\/.*)$/.exec(text)?.[1];
      if (path) options.onDirectory(decodeURIComponent(path));
      return true;
    });
    this.#terminal.onTitleChange((title) => {
      const path = /^\S+@[^:\s]+: ?(~(?:\/.*)?|\/.*)$/.exec(title)?.[1];
      if (path) options.onDirectory(path);
    });
    this.element.addEventListener('paste', (event) => this.#guardPaste(event), { capture: true });
  }

  get size(): Size {
    return { rows: this.#terminal.rows, columns: this.#terminal.cols };
  }

  /** Draws in `parent` from now on. */
  mount(parent: HTMLElement): void {
    parent.append(this.element);
    if (!this.#terminal.element) this.#terminal.open(this.element);
    this.#terminal.textarea?.setAttribute('aria-label', this.#options.label);
    this.fit();
    this.#settled = true;
  }

  unmount(): void {
    this.element.remove();
  }

  /** Takes the size of its place, if that is visible. */
  fit(): void {
    if (this.element.clientWidth === 0 || this.element.clientHeight === 0) return;
    const size = this.#fit.proposeDimensions();
    if (size && Number.isFinite(size.cols) && size.cols > 1 && size.rows > 0)
      this.#terminal.resize(size.cols, size.rows);
  }

  write(data: string): void {
    this.#terminal.write(data);
  }

  reset(size?: Size): void {
    this.#terminal.reset();
    if (!size) return;
    this.#settled = false;
    this.#terminal.resize(size.columns, size.rows);
    // What was printed at that size comes next; then the screen takes the size of its place again.
    setTimeout(
      () =>
        this.#terminal.write('', () => {
          this.#settled = true;
          this.fit();
        }),
      replayDelay,
    );
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    this.#terminal.dispose();
    this.element.remove();
  }

  theme(dark: boolean): void {
    this.#terminal.options.theme = dark ? darkTheme : lightTheme;
  }

  screenReader(on: boolean): void {
    this.#terminal.options.screenReaderMode = on;
  }

  /** Holds Ctrl for the next character typed. */
  control(held: boolean): void {
    this.#control = held;
    this.onControl?.(held);
  }

  /** A key of the touch row. */
  press(key: 'Tab' | 'Escape' | 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight'): void {
    const application = this.#terminal.modes.applicationCursorKeysMode ? 'O' : '[';
    const arrows = { ArrowUp: 'A', ArrowDown: 'B', ArrowRight: 'C', ArrowLeft: 'D' } as const;
    this.#data(key === 'Tab' ? '\t' : key === 'Escape' ? '\x1b' : `\x1b${application}${arrows[key]}`);
    this.focus();
  }

  async paste(): Promise<void> {
    const text = await navigator.clipboard.readText();
    if (text.length > pasteLimit) this.#options.onPasteRefused(text.length);
    else this.#terminal.paste(text);
    this.focus();
  }

  #data(data: string): void {
    const controlled = this.#control && /^[@-_a-z ?]$/.test(data);
    if (this.#control) this.control(false);
    this.#options.onData(controlled ? String.fromCharCode(data.toUpperCase().charCodeAt(0) & 0x1f) : data);
  }

  /** Returns whether xterm handles the key. */
  #key(event: KeyboardEvent): boolean {
    // F6 moves between panes: otherwise nobody could leave the terminal by keyboard.
    if (event.key === 'F6') return false;
    if (event.type !== 'keydown' || !event.ctrlKey || event.altKey || event.metaKey) return true;
    if (event.code === 'KeyC' && (event.shiftKey || this.#terminal.hasSelection())) {
      event.preventDefault();
      void navigator.clipboard.writeText(this.#terminal.getSelection());
      this.#terminal.clearSelection();
      return false;
    }
    // Left to the browser, which fires a paste event.
    return event.code !== 'KeyV';
  }

  #guardPaste(event: ClipboardEvent): void {
    const length = event.clipboardData?.getData('text/plain').length ?? 0;
    if (length <= pasteLimit) return;
    event.preventDefault();
    event.stopPropagation();
    this.#options.onPasteRefused(length);
  }
}
