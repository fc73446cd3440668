import type { Pod } from '../types.ts';
import type { ContainerRecord, ContainerSpec, Probe } from './types.ts';

/** Containers that have to end and start once more, with the messages for their Events. */
export class Condemned {
  /** Few Pods have any. */
  #messages: Map<string, string> | undefined;

  add(container: string, message: string): void {
    (this.#messages ??= new Map()).set(container, message);
  }

  /** Containers whose image was changed are restarted with the new one. */
  judge({ name, kind, current, wantedImage }: ContainerRecord, spec: ContainerSpec | undefined): void {
    if (kind !== 'regular' || current?.state !== 'running') return;
    if (wantedImage === undefined || wantedImage === spec?.image) return;
    this.add(name, `Container ${name} definition changed, will be restarted`);
  }

  /** All of them, one after the other; whoever has been taken is condemned no more. */
  *take(): Generator<[string, string]> {
    for (const [name, message] of [...(this.#messages ?? [])]) {
      this.#messages!.delete(name);
      yield [name, message];
    }
  }
}

/** Ms that a container which its probe has given up gets to end. */
export function probeGraceMs({ spec }: Pod, container: ContainerSpec): number {
  const own = (container.livenessProbe ?? container.startupProbe) as
    (Probe & { terminationGracePeriodSeconds?: number }) | undefined;
  return (own?.terminationGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) * 1000;
}
