import type { TerminalsState } from '../state/terminals.svelte.ts';
import { XtermScreen, type ScreenOptions } from './screen.ts';

const all = new WeakMap<TerminalsState, Map<string, XtermScreen>>();

/**
 * The screen of a terminal. It outlives the component that shows it, so that what was printed stays when panes are
 * folded away or a window becomes narrow; screens of closed terminals are given up on the way.
 */
export function screenOf(terminals: TerminalsState, id: string, options: Omit<ScreenOptions, 'onResize'>): XtermScreen {
  let screens = all.get(terminals);
  if (!screens) all.set(terminals, (screens = new Map()));
  for (const [known, screen] of screens) {
    if (terminals.tabs.some((tab) => tab.id === known)) continue;
    screen.dispose();
    screens.delete(known);
  }
  let screen = screens.get(id);
  if (!screen) {
    screen = new XtermScreen({ ...options, onResize: (size) => terminals.resize(id, size) });
    screens.set(id, screen);
  }
  return screen;
}
