import type { ElementDefinition } from 'cytoscape';
import type { BoxView, PictureView, SlotItem } from '../../topology/boxes.ts';
import { talksOf } from '../../topology/components.ts';
import type { Layout } from '../../topology/layout.ts';
import type { NodeView, Topology } from '../../topology/model.ts';
import type { PodView } from '../../topology/pod-view.ts';
import type { PolicyView } from '../../topology/policies.ts';
import { podSize, type Box, type Point, type Size } from '../../topology/sizes.ts';
import { addFences } from './fences.ts';
import { addClaims, addOwners } from './owner-elements.ts';
import { toneSigns } from './style.ts';
import { addTraffic } from './traffic-elements.ts';

/** What a click on an element selects. */
export interface PictureRef {
  resource: string;
  key: string;
}

/** Words that depend on the language. */
export interface Words {
  offline: string;
  cordoned: string;
  controlPlane: string;
  noPods: string;
  outside: string;
  headless: string;
  pods: string;
  inwards: string;
  outwards: string;
  notEnforced: string;
}

export interface ElementsOptions {
  view: PictureView;
  words: Words;
  owners: boolean;
  /** Policies that are drawn as fences. */
  fences: readonly PolicyView[];
  /** False: the network plug-in does not look at policies. */
  enforced: boolean;
}

/** Collects elements by their ids. */
export class Elements {
  readonly all = new Map<string, ElementDefinition>();
  /** Element that stands for a Pod: its own, or its group's; by the Pod's id. */
  readonly pods = new Map<string, string>();
  readonly layout: Layout;
  readonly words: Words;

  constructor(layout: Layout, words: Words) {
    this.layout = layout;
    this.words = words;
  }

  node(
    id: string,
    at: Point | undefined,
    size: Size,
    classes: string,
    label: string,
    ref?: PictureRef,
    more?: object,
  ): void {
    if (!at) return;
    const { width, height } = size;
    const data = { id, label, width, height, ...(ref ? { ref } : {}), ...more };
    this.all.set(id, { data, position: { x: at.x, y: at.y }, classes });
  }

  /** Left out if an end is not drawn. */
  edge(kind: string, source: string, target: string | undefined, label = ''): void {
    if (target === undefined || !this.all.has(source) || !this.all.has(target)) return;
    const id = `${kind} ${source} ${target}`;
    this.all.set(id, { data: { id, source, target, ...(label ? { label } : {}) }, classes: kind });
  }
}

/** Width of a letter in a box's title. */
const titleLetter = 7.6;

/** Everything that is to be drawn, by element id. */
export function elementsOf(
  topology: Topology,
  boxes: readonly BoxView[],
  layout: Layout,
  options: ElementsOptions,
): Elements {
  const elements = new Elements(layout, options.words);
  for (const [name, box] of layout.frames)
    elements.node(
      `frame ${name}`,
      middle(box),
      box,
      'frame',
      name,
      { resource: '/namespaces', key: name },
      { labelDepth: 24 },
    );
  for (const box of boxes) {
    const area = layout.boxes.get(box.id);
    if (area) addBox(elements, box, area);
    for (const item of box.items) addItem(elements, item);
  }
  if (options.view === 'control-plane') {
    for (const { from, to } of talksOf(topology.components))
      elements.edge('talks', `component ${from}`, `component ${to}`);
    return elements;
  }
  addTraffic(elements, topology);
  addClaims(elements, topology);
  addOwners(elements, topology, options.owners);
  addFences(elements, options.fences, options.enforced);
  return elements;
}

function addBox(elements: Elements, { id, title, node }: BoxView, area: Box): void {
  const notes = node ? nodeNotes(node, elements.words) : [];
  const letters = Math.floor((area.width - 12) / titleLetter);
  const label = [shorten(title, letters), notes.join(' · ')].filter(Boolean).join('\n');
  const classes = ['host', node?.ready === false ? 'off' : '', node?.schedulable === false ? 'cordoned' : ''];
  const depth = { labelDepth: notes.length > 0 ? 40 : node ? 30 : 24 };
  const ref = node && { resource: '/nodes', key: node.name };
  elements.node(
    node ? `node ${id}` : `app ${id}`,
    middle(area),
    area,
    classes.filter(Boolean).join(' '),
    label,
    ref,
    depth,
  );
}

const nodeNotes = ({ controlPlane, ready, schedulable }: NodeView, words: Words): string[] =>
  [controlPlane ? words.controlPlane : '', ready ? '' : `✕ ${words.offline}`, schedulable ? '' : words.cordoned].filter(
    Boolean,
  );

function addItem(elements: Elements, item: SlotItem): void {
  const at = elements.layout.items.get(item.id);
  if (item.kind === 'pod') {
    const { pod } = item;
    const ref = { resource: '/pods', key: `${pod.namespace}/${pod.name}` };
    elements.node(`pod ${pod.id}`, at, podSize, `pod ${pod.tone}`, podLabel(pod), ref);
    elements.pods.set(pod.id, `pod ${pod.id}`);
  } else if (item.kind === 'group') {
    const { name, pods, ready, failing } = item.group;
    const tone = failing > 0 ? 'failing' : ready === pods.length ? 'ready' : 'starting';
    const counts = `${toneSigns.ready}${ready}${failing > 0 ? ` ${toneSigns.failing}${failing}` : ''}`;
    const label = `${shorten(name || elements.words.pods, 11)} ×${pods.length}\n${counts}`;
    elements.node(`group ${item.id}`, at, podSize, `group ${tone}`, label, undefined, { group: item.id });
    for (const { id } of pods) elements.pods.set(id, `group ${item.id}`);
  } else {
    const { name, tone, status, restarts, resource, key } = item.component;
    const label = `${shorten(name, 17)}\n${toneSigns[tone]} ${shorten(status, 15)}${restarts > 0 ? ` ↻${restarts}` : ''}`;
    elements.node(`component ${item.id}`, at, podSize, `component ${tone}`, label, { resource, key });
  }
}

/** What kind of owner tells how a Pod lives: one per node, until it is done, with a name of its own. */
const marks: Readonly<Record<string, string>> = { DaemonSet: 'DS', Job: 'Job', StatefulSet: 'STS', Node: 'static' };

function podLabel(pod: PodView): string {
  const restarts = pod.restarts > 0 ? ` ↻${pod.restarts}` : '';
  const mark = pod.owner && marks[pod.owner.kind];
  const status = shorten(pod.status, mark ? 11 : 15);
  return `${shorten(pod.name, 17)}\n${toneSigns[pod.tone]} ${status}${restarts}${mark ? ` ${mark}` : ''}`;
}

export const middle = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

/** Keeps the beginning and the end, where names differ. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const tail = Math.ceil((length - 1) / 2);
  return `${text.slice(0, length - 1 - tail)}…${text.slice(-tail)}`;
}
