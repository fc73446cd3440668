import type { ElementDefinition } from 'cytoscape';
import type { Layout } from '../../topology/layout.ts';
import type { PodView } from '../../topology/pod-view.ts';
import type { Topology } from '../../topology/model.ts';
import { toneSigns } from './style.ts';

/** What a click on an element selects. */
export interface PictureRef {
  resource: string;
  key: string;
}

export interface ElementsOptions {
  /** Words that depend on the language. */
  words: { offline: string; cordoned: string; controlPlane: string; noPods: string };
  owners: boolean;
}

/** Width of a letter in a node's name. */
const hostLetter = 7.6;

/** Everything that is to be drawn, by element id. */
export function elementsOf(
  topology: Topology,
  layout: Layout,
  options: ElementsOptions,
): Map<string, ElementDefinition> {
  const elements = new Map<string, ElementDefinition>();
  const add = (element: ElementDefinition) => elements.set(String(element.data.id), element);
  for (const { name, box } of layout.nodes) {
    const node = topology.nodes.find((n) => n.name === name)!;
    const notes = [
      node.controlPlane ? options.words.controlPlane : '',
      node.ready ? '' : `✕ ${options.words.offline}`,
      node.schedulable ? '' : options.words.cordoned,
    ].filter(Boolean);
    add({
      data: {
        id: `node ${name}`,
        label: [shorten(name, Math.floor((box.width - 12) / hostLetter)), notes.join(' · ')].filter(Boolean).join('\n'),
        labelDepth: notes.length > 0 ? 40 : 30,
        width: box.width,
        height: box.height,
        ref: { resource: '/nodes', key: name } satisfies PictureRef,
      },
      position: { x: box.x + box.width / 2, y: box.y + box.height / 2 },
      classes: ['host', node.ready ? '' : 'off', node.schedulable ? '' : 'cordoned'].filter(Boolean).join(' '),
    });
  }
  const pods = [...topology.nodes.flatMap((n) => n.pods), ...topology.unscheduled];
  for (const pod of pods) {
    const position = layout.pods.get(pod.id);
    if (!position) continue;
    add({
      data: {
        id: `pod ${pod.id}`,
        label: podLabel(pod),
        ref: { resource: '/pods', key: `${pod.namespace}/${pod.name}` },
      },
      position: { ...position },
      classes: `pod ${pod.tone}`,
    });
  }
  for (const service of topology.services) {
    const lost = service.hasSelector && service.selects.length === 0;
    const text = lost ? options.words.noPods : `${service.type} ${service.ports}`;
    add({
      data: {
        id: `service ${service.id}`,
        label: `${shorten(service.name, 20)}\n${shorten(text, 24)}`,
        ref: { resource: '/services', key: `${service.namespace}/${service.name}` },
      },
      position: { ...layout.services.get(service.id)! },
      classes: lost ? 'service empty' : 'service',
    });
    for (const pod of service.selects)
      if (layout.pods.has(pod))
        add({
          data: { id: `selects ${service.id} ${pod}`, source: `service ${service.id}`, target: `pod ${pod}` },
          classes: 'selects',
        });
  }
  if (options.owners) addOwners(topology, layout, add);
  return elements;
}

function addOwners(topology: Topology, layout: Layout, add: (element: ElementDefinition) => void): void {
  const drawn = new Set(topology.workloads.filter(({ id }) => layout.workloads.has(id)).map(({ id }) => id));
  for (const workload of topology.workloads) {
    const position = layout.workloads.get(workload.id);
    if (!position) continue;
    const id = `workload ${workload.id}`;
    add({
      data: {
        id,
        label: `${workload.kind} ${workload.ready}/${workload.desired}\n${shorten(workload.name, 22)}`,
        ref: { resource: workload.resource, key: `${workload.namespace}/${workload.name}` },
      },
      position: { ...position },
      classes: 'workload',
    });
    if (workload.owner !== undefined && drawn.has(workload.owner))
      add({
        data: { id: `owns ${workload.owner} ${workload.id}`, source: `workload ${workload.owner}`, target: id },
        classes: 'owns',
      });
    for (const pod of workload.pods)
      if (layout.pods.has(pod))
        add({ data: { id: `owns ${workload.id} ${pod}`, source: id, target: `pod ${pod}` }, classes: 'owns' });
  }
}

function podLabel(pod: PodView): string {
  const restarts = pod.restarts > 0 ? ` ↻${pod.restarts}` : '';
  return `${shorten(pod.name, 17)}\n${toneSigns[pod.tone]} ${shorten(pod.status, 15)}${restarts}`;
}

/** Keeps the beginning and the end, where names differ. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const tail = Math.ceil((length - 1) / 2);
  return `${text.slice(0, length - 1 - tail)}…${text.slice(-tail)}`;
}
