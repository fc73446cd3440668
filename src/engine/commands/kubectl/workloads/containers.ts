import type { IPod } from 'kubernetes-models/v1/Pod';
import type { Live } from '../describe/describer.ts';
import type { Context } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';

const defaultAnnotation = 'kubectl.kubernetes.io/default-container';

export interface NamedContainer {
  name: string;
  image?: string;
  tty?: boolean;
  stdin?: boolean;
}

export function allContainers({ spec }: Live<IPod>): NamedContainer[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** `c, a (init), dbg (ephem)`. */
function containerNames({ spec }: Live<IPod>): string {
  return [
    ...spec.containers.map((c) => c.name),
    ...(spec.initContainers ?? []).map((c) => `${c.name} (init)`),
    ...(spec.ephemeralContainers ?? []).map((c) => `${c.name} (ephem)`),
  ].join(', ');
}

/**
 * The container to use when none is named: that of the annotation, else the first, which is said on stderr if there are
 * more (podcmd.FindOrDefaultContainerByName). @throws CommandError
 */
export async function defaultContainer(
  context: Pick<Context, 'err'>,
  pod: Live<IPod>,
  quiet = false,
): Promise<NamedContainer> {
  const annotated = pod.metadata.annotations?.[defaultAnnotation];
  if (annotated) {
    const found = allContainers(pod).find((c) => c.name === annotated);
    if (found) return found;
    if (!quiet)
      await context.err(`Default container name ${JSON.stringify(annotated)} not found in pod ${pod.metadata.name}\n`);
  }
  const [first] = pod.spec.containers;
  if (!first) throw new CommandError(`pod ${pod.metadata.name} does not have any containers`);
  if (!quiet && allContainers(pod).length > 1)
    await context.err(`Defaulted container ${JSON.stringify(first.name)} out of: ${containerNames(pod)}\n`);
  return first;
}

/** @throws CommandError if the Pod has no such container */
export async function findContainer(
  context: Pick<Context, 'err'>,
  pod: Live<IPod>,
  name: string,
  quiet = false,
): Promise<NamedContainer> {
  if (name === '') return defaultContainer(context, pod, quiet);
  const found = allContainers(pod).find((c) => c.name === name);
  if (!found) throw new CommandError(`container ${name} not found in pod ${pod.metadata.name}`);
  return found;
}
