import type { ObjectRef } from './objects.svelte.ts';

/** The one object that picture, list and inspector agree on. */
export class SelectionState {
  object = $state.raw<ObjectRef | undefined>();

  select(object: ObjectRef | undefined): void {
    this.object = object;
  }
}
