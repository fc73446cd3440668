import cytoscape, { type Core, type ElementDefinition } from 'cytoscape';
import type { PictureRef } from './elements.ts';
import { stylesheet, type Palette } from './style.ts';

const animationMs = 220;
/** Pixels around the picture. */
const margin = 16;
/** Few things are not drawn larger than this. */
const largestFit = 1.3;

/** A cytoscape drawing that is changed, not redrawn: only elements that differ are touched. */
export class Drawing {
  readonly #cy: Core;
  #drawn = new Map<string, ElementDefinition>();
  #fitted = false;
  #bounds = '';

  constructor(container: HTMLElement, options: { onSelect: (ref: PictureRef | undefined) => void }) {
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
      if (target === this.#cy) options.onSelect(undefined);
      else options.onSelect((target as cytoscape.NodeSingular).data('ref') as PictureRef | undefined);
    });
    this.#cy.on('mouseover', 'node', (event) => this.#highlight(event.target as cytoscape.NodeSingular));
    this.#cy.on('mouseout', 'node', () => this.#cy.elements().removeClass('faded'));
  }

  setPalette(palette: Palette, fonts: { sans: string; mono: string }): void {
    this.#cy.style(stylesheet(palette, fonts));
  }

  /** Brings the drawing to `elements`. New ones fade in, moved ones glide unless `still`. */
  show(elements: ReadonlyMap<string, ElementDefinition>, still: boolean): void {
    const cy = this.#cy;
    const bounds = hostBounds(elements);
    const grown = bounds !== this.#bounds;
    this.#bounds = bounds;
    cy.batch(() => {
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
        const nodes = added.nodes('.pod, .service, .workload');
        nodes.style('opacity', 0);
        nodes.animate(
          { style: { opacity: 1 } },
          { duration: animationMs, complete: () => nodes.removeStyle('opacity') },
        );
      }
    });
    this.#drawn = new Map(elements);
    // Fits only when the picture has outgrown its view, so that a change within it never moves the eye's place.
    if (grown) this.fit();
  }

  #update(id: string, old: ElementDefinition, element: ElementDefinition, still: boolean): void {
    const drawn = this.#cy.getElementById(id);
    if (old.classes !== element.classes)
      drawn.classes(`${String(element.classes ?? '')}${drawn.hasClass('selected') ? ' selected' : ''}`);
    for (const [field, value] of Object.entries(element.data))
      if (field !== 'id' && field !== 'ref' && old.data[field] !== value) drawn.data(field, value);
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
    cy.batch(() => {
      cy.nodes('.selected').removeClass('selected');
      if (!ref) return;
      cy.nodes()
        .filter((node) => {
          const own = node.data('ref') as PictureRef | undefined;
          return own?.resource === ref.resource && own.key === ref.key;
        })
        .addClass('selected');
    });
  }

  /** Lights up what is connected with an element: the paths and owners it has. */
  #highlight(node: cytoscape.NodeSingular): void {
    if (node.hasClass('host') || node.connectedEdges().length === 0) return;
    const near = node.union(node.connectedEdges()).union(node.neighborhood());
    this.#cy.elements().difference(near).not('.host').addClass('faded');
  }

  /** The middle of an element in pixels of the container; of a host the place of its name. */
  placeOf(id: string): { x: number; y: number } | undefined {
    const element = this.#cy.getElementById(id);
    if (element.empty()) return undefined;
    const { x, y } = (element as cytoscape.NodeSingular).renderedPosition();
    if (!element.hasClass('host')) return { x, y };
    return { x, y: y - (element as cytoscape.NodeSingular).renderedHeight() / 2 + 12 };
  }

  png(): string {
    return this.#cy.png({ full: true, scale: 2 });
  }

  destroy(): void {
    this.#cy.destroy();
  }
}

/** What the nodes' boxes cover, as text to compare. */
function hostBounds(elements: ReadonlyMap<string, ElementDefinition>): string {
  const boxes = [...elements.values()].filter(({ classes }) => String(classes).startsWith('host'));
  return boxes.map(({ position, data }) => [position?.x, position?.y, data.width, data.height].join(' ')).join(',');
}
