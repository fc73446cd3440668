import { badRequest, conflict, noSuchContainer, notFound } from '../errors.ts';
import { generateName } from '../names.ts';
import type { World } from '../../world/index.ts';
import type { DockerContainer } from './container.ts';

const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** All containers of the Engine, oldest first. */
export class Containers {
  readonly #world: World;
  readonly #byId = new Map<string, DockerContainer>();

  constructor(world: World) {
    this.#world = world;
  }

  list(): DockerContainer[] {
    return [...this.#byId.values()];
  }

  add(container: DockerContainer): void {
    this.#byId.set(container.id, container);
  }

  delete(container: DockerContainer): void {
    this.#byId.delete(container.id);
  }

  byName(name: string): DockerContainer | undefined {
    for (const container of this.#byId.values()) if (container.name === name) return container;
    return undefined;
  }

  /** By full id, name or a prefix of the id. @throws EngineError 404, 400 when a prefix fits several */
  find(name: string): DockerContainer {
    const wanted = name.replace(/^\//, '');
    if (wanted === '') throw badRequest('invalid container name or ID: value is empty');
    const exact = this.#byId.get(wanted) ?? this.byName(wanted);
    if (exact) return exact;
    const fitting = this.list().filter((container) => container.id.startsWith(wanted));
    if (fitting.length > 1) throw notFound(`multiple IDs found with provided prefix: ${wanted}`);
    if (fitting.length === 0) throw noSuchContainer(name);
    return fitting[0]!;
  }

  /** @throws EngineError 400 for a name that isn't allowed, 409 for one that is in use */
  checkName(name: string): void {
    if (!validName.test(name.replace(/^\//, '')) || name.replace(/^\//, '').includes('/'))
      throw badRequest(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
    const owner = this.byName(name.replace(/^\//, ''));
    if (owner)
      throw conflict(
        `Conflict. The container name "/${name.replace(/^\//, '')}" is already in use by container "${owner.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
  }

  newName(): string {
    return generateName(this.#world.random.stream('docker names'), (name) => this.byName(name) !== undefined);
  }
}
