import type { NodeSingular, StylesheetJson } from 'cytoscape';
import { podSize } from '../../topology/layout.ts';
import type { PodTone } from '../../topology/pod-view.ts';

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

export function stylesheet(p: Palette, fonts: { sans: string; mono: string }): StylesheetJson {
  const tone = (
    name: PodTone,
    border: string,
    background: string,
    line: 'solid' | 'dashed' | 'dotted' | 'double',
    width: number,
  ) => ({
    selector: `node.pod.${name}`,
    style: { 'border-color': border, 'background-color': background, 'border-style': line, 'border-width': width },
  });
  return [
    {
      selector: 'node',
      style: {
        label: 'data(label)',
        'font-family': fonts.sans,
        'font-size': 12,
        color: p.text,
        'text-wrap': 'wrap',
        'text-valign': 'center',
        'text-halign': 'center',
        'line-height': 1.25,
        'overlay-opacity': 0,
        'z-index-compare': 'manual',
      },
    },
    {
      selector: 'node.host',
      style: {
        shape: 'round-rectangle',
        'corner-radius': '8',
        width: 'data(width)',
        height: 'data(height)',
        'background-color': p.raised,
        'background-opacity': 1,
        'border-width': 1,
        'border-color': p.lineStrong,
        'text-valign': 'top',
        'text-margin-y': (node: NodeSingular) => node.data('labelDepth') as number,
        'font-size': 13,
        'font-weight': 600,
        'z-index': 0,
      },
    },
    { selector: 'node.host.off', style: { 'border-style': 'dashed', 'border-color': p.bad, color: p.bad } },
    { selector: 'node.host.cordoned', style: { 'border-style': 'dashed', 'border-color': p.warn } },
    {
      selector: 'node.pod',
      style: {
        shape: 'round-rectangle',
        'corner-radius': '6',
        width: podSize.width,
        height: podSize.height,
        'font-family': fonts.mono,
        'font-size': 12,
        'z-index': 2,
      },
    },
    tone('waiting', p.muted, p.background, 'dotted', 2),
    tone('starting', p.warn, p.warnSoft, 'dashed', 1.5),
    tone('running', p.warn, p.warnSoft, 'solid', 1.5),
    tone('ready', p.ok, p.okSoft, 'solid', 1.5),
    tone('done', p.muted, p.background, 'solid', 1),
    tone('failing', p.bad, p.badSoft, 'double', 4),
    tone('leaving', p.muted, p.background, 'dashed', 1),
    { selector: 'node.pod.leaving', style: { color: p.muted } },
    {
      selector: 'node.service',
      style: {
        shape: 'cut-rectangle',
        width: 160,
        height: 48,
        'background-color': p.accentSoft,
        'border-width': 1.5,
        'border-color': p.accent,
        'z-index': 2,
      },
    },
    {
      selector: 'node.service.empty',
      style: { 'border-style': 'dashed', 'border-color': p.bad, 'background-color': p.badSoft },
    },
    {
      selector: 'node.workload',
      style: {
        shape: 'rectangle',
        width: 152,
        height: 46,
        'background-color': p.raised,
        'border-width': 1,
        'border-color': p.muted,
        'z-index': 2,
      },
    },
    {
      selector: 'edge',
      style: {
        width: 1.2,
        'line-color': p.lineStrong,
        'curve-style': 'bezier',
        'target-arrow-shape': 'triangle',
        'target-arrow-color': p.lineStrong,
        'arrow-scale': 0.8,
        'overlay-opacity': 0,
        'z-index-compare': 'manual',
        'z-index': 1,
      },
    },
    { selector: 'edge.selects', style: { 'line-color': p.accent, 'target-arrow-color': p.accent, width: 1.6 } },
    { selector: 'node.selected', style: { 'border-width': 3, 'border-color': p.accent } },
    { selector: '.faded', style: { opacity: 0.35 } },
  ];
}
