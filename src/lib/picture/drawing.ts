import cytoscape, { type Core, type ElementDefinition } from 'cytoscape';
import type { PictureRef } from './elements.ts';
import { stylesheet, type Palette } from './style.ts';

const animationMs = 220;
/** Pixels around the picture. */
const margin = 16;
/** Few things are not drawn larger than this. */
const largestFit = 1.3;

export interface DrawingOptions {
  onSelect: (ref: PictureRef | undefined) => void;
  /** A group was opened. */
  onOpen: (group: string) => void;
  /** Which ways are open to an object, by element ids. */
  pathsOf: (ref: PictureRef) => { ways: readonly { from: string; to: string }[]; denied: ReadonlySet<string> };
}

/** A cytoscape drawing that is changed, not redrawn: only elements that differ are touched. */
export class Drawing {
  readonly #cy: Core;
  #drawn = new Map<string, ElementDefinition>();
  #fitted = false;
  #bounds = '';

  /** What paths are shown of: the element under the pointer, else the selected one. */
  #hovered: string | undefined;
  #selected: string | undefined;
  #ref: PictureRef | undefined;
  #pathsShown = false;
  readonly #options: DrawingOptions;

  constructor(container: HTMLElement, options: DrawingOptions) {
    this.#options = options;
    this.#cy = cytoscape({
      container,
      elements: [],
      autoungrabify: true,
      boxSelectionEnabled: false,
      minZoom: 0.1,
      maxZoom: 2.5,
    });
    this.#cy.on('tap', (event) => {
      const target = event.target as cytoscape.SingularElementArgument | Core;
      if (target === this.#cy) return options.onSelect(undefined);
      const node = target as cytoscape.NodeSingular;
      const group = node.data('group') as string | undefined;
      if (group !== undefined) options.onOpen(group);
      else options.onSelect((node.data('ref') ?? node.data('opens')) as PictureRef | undefined);
    });
    this.#cy.on('mouseover', 'node', (event) => this.#hover((event.target as cytoscape.NodeSingular).id()));
    this.#cy.on('mouseout', 'node', () => this.#hover(undefined));
  }

  setPalette(palette: Palette, fonts: { sans: string; mono: string }): void {
    this.#cy.style(stylesheet(palette, fonts));
  }

  /** Brings the drawing to `elements`. New ones fade in, moved ones glide unless `still`. */
  show(elements: ReadonlyMap<string, ElementDefinition>, still: boolean): void {
    const cy = this.#cy;
    const bounds = boundsOf(elements);
    const grown = bounds !== this.#bounds;
    this.#bounds = bounds;
    cy.batch(() => {
      this.#clearPaths();
      for (const id of this.#drawn.keys()) if (!elements.has(id)) cy.getElementById(id).remove();
      const fresh: ElementDefinition[] = [];
      for (const [id, element] of elements) {
        const old = this.#drawn.get(id);
        if (!old) fresh.push({ ...element, position: element.position && { ...element.position } });
        else this.#update(id, old, element, still || grown);
      }
      // Edges need both their ends.
      const added = cy.add(fresh.sort((a, b) => Number('source' in a.data) - Number('source' in b.data)));
      if (!still && this.#fitted) {
        const nodes = added.nodes('.pod, .group, .service, .entrance, .workload');
        nodes.style('opacity', 0);
        nodes.animate(
          { style: { opacity: 1 } },
          { duration: animationMs, complete: () => nodes.removeStyle('opacity') },
        );
      }
    });
    this.#drawn = new Map(elements);
    if (this.#ref) this.select(this.#ref);
    else this.#showPaths();
    // Fits only when the picture has outgrown its view, so that a change within it never moves the eye's place.
    if (grown) this.fit();
  }

  #update(id: string, old: ElementDefinition, element: ElementDefinition, still: boolean): void {
    const drawn = this.#cy.getElementById(id);
    if (old.classes !== element.classes)
      drawn.classes(`${String(element.classes ?? '')}${drawn.hasClass('selected') ? ' selected' : ''}`);
    for (const [field, value] of Object.entries(element.data))
      if (field !== 'id' && field !== 'ref' && field !== 'opens' && old.data[field] !== value) drawn.data(field, value);
    const { position } = element;
    if (position && old.position && (position.x !== old.position.x || position.y !== old.position.y)) {
      if (still) drawn.position({ ...position });
      else drawn.animate({ position: { ...position } }, { duration: animationMs });
    }
  }

  fit(): void {
    if (this.#cy.nodes().length === 0) return;
    this.#cy.fit(this.#cy.nodes(), margin);
    if (this.#cy.zoom() > largestFit) {
      this.#cy.zoom(largestFit);
      this.#cy.center(this.#cy.nodes());
    }
    this.#fitted = true;
  }

  resize(): void {
    this.#cy.resize();
    this.fit();
  }

  zoomBy(factor: number): void {
    const cy = this.#cy;
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  }

  select(ref: PictureRef | undefined): void {
    const cy = this.#cy;
    this.#ref = ref;
    cy.batch(() => {
      cy.nodes('.selected').removeClass('selected');
      const chosen = ref ? this.#idsOf(ref) : [];
      this.#selected = chosen[0];
      for (const id of chosen) cy.getElementById(id).addClass('selected');
      this.#clearPaths();
      this.#showPaths();
    });
  }

  #idsOf(ref: PictureRef): string[] {
    const own = ({ data }: ElementDefinition) => {
      const { resource, key } = (data.ref ?? {}) as Partial<PictureRef>;
      return resource === ref.resource && key === ref.key;
    };
    return [...this.#drawn].filter(([, element]) => own(element)).map(([id]) => id);
  }

  #hover(id: string | undefined): void {
    const now = id !== undefined && this.#drawn.get(id)?.classes?.toString().startsWith('host') ? undefined : id;
    if (now === this.#hovered) return;
    this.#hovered = now;
    this.#cy.batch(() => {
      this.#clearPaths();
      this.#showPaths();
    });
  }

  #clearPaths(): void {
    if (!this.#pathsShown) return;
    this.#pathsShown = false;
    this.#cy.elements('.faded, .denied').removeClass('faded denied');
    this.#cy.edges('.way').remove();
  }

  /** Lights up the paths of what is hovered or selected: other lines fade, and so does what is denied to it. */
  #showPaths(): void {
    const cy = this.#cy;
    const focus = this.#hovered ?? this.#selected;
    const element = focus === undefined ? undefined : this.#drawn.get(focus);
    if (focus === undefined || !element || String(element.classes).startsWith('host')) return;
    this.#pathsShown = true;
    const node = cy.getElementById(focus);
    const { data } = element;
    const ref = (data.ref ?? data.opens) as PictureRef | undefined;
    const { ways, denied } = ref ? this.#options.pathsOf(ref) : { ways: [], denied: new Set<string>() };
    cy.edges().difference(node.connectedEdges()).addClass('faded');
    for (const id of denied) cy.getElementById(id).addClass('denied');
    const drawn = ways.filter(({ from, to }) => this.#drawn.has(from) && this.#drawn.has(to) && from !== to);
    cy.add(
      drawn.map(({ from, to }) => ({
        group: 'edges' as const,
        data: { id: `way ${from} ${to}`, source: from, target: to },
        classes: 'way',
      })),
    );
  }

  /** The middle of an element in pixels of the container; of a host the place of its name. */
  placeOf(id: string): { x: number; y: number } | undefined {
    const element = this.#cy.getElementById(id);
    if (element.empty()) return undefined;
    const { x, y } = (element as cytoscape.NodeSingular).renderedPosition();
    if (!element.hasClass('host')) return { x, y };
    return { x, y: y - (element as cytoscape.NodeSingular).renderedHeight() / 2 + 12 };
  }

  /** The whole picture, twice as large as it is drawn at most. */
  png(background: string): Blob {
    return this.#cy.png({ output: 'blob', full: true, scale: 2, bg: background });
  }

  destroy(): void {
    this.#cy.destroy();
  }
}

/** What the picture covers, as text to compare. */
function boundsOf(elements: ReadonlyMap<string, ElementDefinition>): string {
  let [left, top, right, bottom] = [0, 0, 0, 0];
  for (const { position, data, classes } of elements.values()) {
    if (!position || String(classes).startsWith('fence')) continue;
    const [width, height] = [(data.width as number) / 2, (data.height as number) / 2];
    left = Math.min(left, position.x - width);
    top = Math.min(top, position.y - height);
    right = Math.max(right, position.x + width);
    bottom = Math.max(bottom, position.y + height);
  }
  return [left, top, right, bottom].map(Math.round).join(' ');
}
