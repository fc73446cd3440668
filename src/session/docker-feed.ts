import type { EngineAnswers } from '../engine/docker/view.ts';
import type { SessionRoom } from './room.ts';

/** What the Docker Engine says of itself, whenever something has happened in it since the last message to the page. */
export class DockerFeed {
  readonly #room: SessionRoom;
  #stop: () => void;
  #changed = true;
  #last = '';

  constructor(room: SessionRoom) {
    this.#room = room;
    this.#stop = room.whenFurnished(() => {
      this.#changed = true;
      this.#stop = room.docker?.observe(() => (this.#changed = true)) ?? (() => {});
    });
  }

  /** The answers if they are others than before; null where there is no Engine, undefined if nothing has changed. */
  take(): EngineAnswers | null | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    const answers = this.#room.docker?.answers() ?? null;
    const text = JSON.stringify(answers);
    if (text === this.#last) return undefined;
    this.#last = text;
    return answers;
  }

  close(): void {
    this.#stop();
  }
}
