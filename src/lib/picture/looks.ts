import type { PodTone } from '../../topology/pod-view.ts';
import type { Palette } from './style.ts';

/** How something is drawn: shared by the drawing on the screen and the one that is written as SVG. */
export interface Look {
  shape: Shape;
  fill: string;
  border: string;
  line: 'solid' | 'dashed' | 'dotted' | 'double';
  /** Of the border. */
  width: number;
  text?: string;
}

/** Forms by cytoscape's names. */
export type Shape =
  'round-rectangle' | 'rectangle' | 'cut-rectangle' | 'hexagon' | 'tag' | 'rhomboid' | 'barrel' | 'ellipse' | 'octagon';

/** Classes that an element can have, by which it gets its look; a later one outdoes an earlier one. */
export function looksOf(p: Palette): Record<string, Partial<Look>> {
  const tone = (border: string, fill: string, line: Look['line'], width: number) => ({ border, fill, line, width });
  const tones: Record<PodTone, Partial<Look>> = {
    waiting: tone(p.muted, p.background, 'dotted', 2),
    starting: tone(p.warn, p.warnSoft, 'dashed', 1.5),
    running: tone(p.warn, p.warnSoft, 'solid', 1.5),
    ready: tone(p.ok, p.okSoft, 'solid', 1.5),
    done: tone(p.muted, p.background, 'solid', 1),
    failing: tone(p.bad, p.badSoft, 'double', 4),
    leaving: { ...tone(p.muted, p.background, 'dashed', 1), text: p.muted },
  };
  const way = { fill: p.accentSoft, border: p.accent, line: 'solid', width: 1.5 } as const;
  const quiet = { fill: p.raised, border: p.muted, line: 'solid', width: 1 } as const;
  return {
    frame: { shape: 'round-rectangle', fill: p.background, border: p.line, line: 'solid', width: 1, text: p.muted },
    host: { shape: 'round-rectangle', fill: p.raised, border: p.lineStrong, line: 'solid', width: 1 },
    off: { line: 'dashed', border: p.bad, text: p.bad },
    cordoned: { line: 'dashed', border: p.warn },
    fence: { shape: 'round-rectangle', fill: p.warnSoft, border: p.warn, line: 'dashed', width: 2.5 },
    'fence-tag': { shape: 'rectangle', fill: p.background, border: p.warn, line: 'solid', width: 1 },
    idle: { line: 'dotted', border: p.muted, fill: p.background },
    pod: { shape: 'round-rectangle' },
    group: { shape: 'octagon' },
    component: { shape: 'cut-rectangle' },
    ...tones,
    outside: { shape: 'ellipse', ...quiet },
    address: { shape: 'barrel', ...way },
    entrance: { shape: 'octagon', ...way },
    service: { shape: 'cut-rectangle', ...way },
    headless: { shape: 'rectangle', line: 'dashed' },
    'node-port': { shape: 'tag' },
    'load-balancer': { shape: 'hexagon' },
    'external-name': { shape: 'rhomboid' },
    port: { shape: 'rectangle', ...way, width: 1 },
    empty: { line: 'dashed', border: p.bad, fill: p.badSoft },
    workload: { shape: 'rectangle', ...quiet },
    claim: { shape: 'barrel', ...quiet },
    pending: { line: 'dashed', border: p.warn, fill: p.warnSoft },
  };
}

export interface LineLook {
  colour: string;
  width: number;
  dashed?: boolean;
}

export function linesOf(p: Palette): Record<string, LineLook> {
  return {
    leads: { colour: p.accent, width: 1.6 },
    routes: { colour: p.accent, width: 1.6 },
    selects: { colour: p.accent, width: 1.6 },
    aliases: { colour: p.accent, width: 1.4, dashed: true },
    owns: { colour: p.lineStrong, width: 1.2 },
    mounts: { colour: p.muted, width: 1.2, dashed: true },
    talks: { colour: p.lineStrong, width: 1.2 },
    allows: { colour: p.ok, width: 2 },
    way: { colour: p.ok, width: 2, dashed: true },
  };
}

/** The look that a list of classes has. */
export function lookOf(looks: Record<string, Partial<Look>>, classes: string): Look {
  const look = { shape: 'rectangle', fill: 'none', border: 'none', line: 'solid', width: 1 } as Look;
  return classes.split(' ').reduce((sum, name) => ({ ...sum, ...looks[name] }), look);
}
