import type { Client } from '../client.ts';
import { refs, type Pod } from '../types.ts';

export interface PodSink {
  added(pod: Pod): void;
  updated(pod: Pod): void;
  removed(pod: Pod): void;
  objectChanged(kind: 'ConfigMap' | 'Secret', namespace: string, name: string): void;
}

/** Hands each node its Pods: one watch for all nodes, as hundreds of nodes with a watch each would cost too much. */
export class PodSource {
  readonly #sinks = new Map<string, PodSink>();
  readonly #undo: (() => void)[] = [];
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    const pods = client.resource(refs.pods).informer;
    this.#undo.push(
      pods.on({
        add: (pod) => this.#sink(pod)?.added(pod),
        update: (pod, before) => {
          if (before.spec.nodeName !== pod.spec.nodeName) this.#sink(pod)?.added(pod);
          else this.#sink(pod)?.updated(pod);
        },
        delete: (pod) => this.#sink(pod)?.removed(pod),
      }),
    );
    pods.addIndex('kubelet/nodeName', (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
    for (const [kind, ref] of [['ConfigMap', refs.configMaps] as const, ['Secret', refs.secrets] as const]) {
      const changed = (object: { metadata: { namespace?: string; name: string } }) => {
        for (const sink of this.#sinks.values())
          sink.objectChanged(kind, object.metadata.namespace!, object.metadata.name);
      };
      let synced = false;
      this.#undo.push(
        client
          .resource(ref as typeof refs.configMaps)
          .informer.on({ add: (o) => synced && changed(o), update: changed }),
      );
      synced = true;
    }
  }

  #sink(pod: Pod): PodSink | undefined {
    const node = pod.spec.nodeName;
    return node ? this.#sinks.get(node) : undefined;
  }

  connect(node: string, sink: PodSink): void {
    this.#sinks.set(node, sink);
  }

  disconnect(node: string): void {
    this.#sinks.delete(node);
  }

  podsOn(node: string): readonly Pod[] {
    return this.#client.resource(refs.pods).informer.byIndex('kubelet/nodeName', node);
  }

  stop(): void {
    for (const undo of this.#undo) undo();
  }
}
