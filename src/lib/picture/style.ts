import type { NodeSingular, StylesheetJson } from 'cytoscape';
import type { PodTone } from '../../topology/pod-view.ts';
import { linesOf, looksOf } from './looks.ts';

/** Colours of the theme as they are now; cytoscape draws on a canvas and knows no CSS variables. */
export interface Palette {
  background: string;
  raised: string;
  line: string;
  lineStrong: string;
  text: string;
  muted: string;
  accent: string;
  accentSoft: string;
  ok: string;
  okSoft: string;
  warn: string;
  warnSoft: string;
  bad: string;
  badSoft: string;
}

const variables: Record<keyof Palette, string> = {
  background: '--bg',
  raised: '--raised',
  line: '--line',
  lineStrong: '--line-strong',
  text: '--text',
  muted: '--muted',
  accent: '--accent',
  accentSoft: '--accent-soft',
  ok: '--ok',
  okSoft: '--ok-soft',
  warn: '--warn',
  warnSoft: '--warn-soft',
  bad: '--bad',
  badSoft: '--bad-soft',
};

/** Reads the theme's colours as they apply inside `element`. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  element.append(probe);
  const palette = {} as Palette;
  for (const [name, variable] of Object.entries(variables) as [keyof Palette, string][]) {
    probe.style.color = `var(${variable})`;
    palette[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return palette;
}

/** A sign that says the same as the colour. */
export const toneSigns: Record<PodTone, string> = {
  waiting: '…',
  starting: '◔',
  running: '◑',
  ready: '✓',
  done: '■',
  failing: '✕',
  leaving: '⌫',
};

/** What cannot be drawn with the theme's fonts alone. */
const monospaced = 'node.pod, node.group, node.component, node.port, node.address';

export function stylesheet(p: Palette, fonts: { sans: string; mono: string }): StylesheetJson {
  const nodes = Object.entries(looksOf(p)).map(([name, look]) => ({
    selector: `node.${name}`,
    style: {
      ...(look.shape ? { shape: look.shape } : {}),
      ...(look.fill ? { 'background-color': look.fill } : {}),
      ...(look.border ? { 'border-color': look.border } : {}),
      ...(look.line ? { 'border-style': look.line } : {}),
      ...(look.width ? { 'border-width': look.width } : {}),
      ...(look.text ? { color: look.text } : {}),
    },
  }));
  const lines = Object.entries(linesOf(p)).map(([name, look]) => ({
    selector: `edge.${name}`,
    style: {
      'line-color': look.colour,
      'target-arrow-color': look.colour,
      width: look.width,
      ...(look.dashed ? { 'line-style': 'dashed' as const } : {}),
    },
  }));
  const titled = {
    'text-valign': 'top' as const,
    'text-margin-y': (node: NodeSingular) => node.data('labelDepth') as number,
    'corner-radius': '8',
  };
  return [
    {
      selector: 'node',
      style: {
        label: 'data(label)',
        width: 'data(width)',
        height: 'data(height)',
        'font-family': fonts.sans,
        'font-size': 12,
        color: p.text,
        'text-wrap': 'wrap',
        'text-valign': 'center',
        'text-halign': 'center',
        'line-height': 1.25,
        'corner-radius': '6',
        'overlay-opacity': 0,
        'z-index-compare': 'manual',
        'z-index': 3,
      },
    },
    ...nodes,
    { selector: 'node.frame', style: { ...titled, 'font-size': 12, 'font-weight': 600, 'z-index': 0 } },
    { selector: 'node.host', style: { ...titled, 'font-size': 13, 'font-weight': 600, 'z-index': 1 } },
    {
      selector: 'node.fence',
      style: {
        'background-opacity': 0.5,
        'z-index': 2,
      },
    },
    { selector: 'node.fence-tag', style: { 'font-size': 9, 'z-index': 5 } },
    { selector: monospaced, style: { 'font-family': fonts.mono } },
    { selector: 'node.port', style: { 'font-size': 10 } },
    {
      selector: 'edge',
      style: {
        'curve-style': 'bezier',
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.8,
        'overlay-opacity': 0,
        'z-index-compare': 'manual',
        'z-index': 2,
        events: 'no',
      },
    },
    ...lines,
    {
      selector: 'edge[label]',
      style: {
        label: 'data(label)',
        'font-family': fonts.mono,
        'font-size': 11,
        color: p.text,
        'text-wrap': 'wrap',
        'text-background-color': p.background,
        'text-background-opacity': 0.85,
        'text-background-padding': '2px',
      },
    },
    { selector: 'node.selected', style: { 'border-width': 3, 'border-color': p.accent } },
    { selector: '.faded', style: { opacity: 0.35 } },
    { selector: '.denied', style: { opacity: 0.25, 'border-style': 'dotted' } },
  ];
}
