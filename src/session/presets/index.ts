import type { Room, RoomOptions } from '../room.ts';
import { bareApiserver } from './bare-apiserver.ts';
import { empty } from './empty.ts';
import { kind4 } from './kind-4.ts';
import { minikube } from './minikube.ts';

/** A machine room to begin with. */
export interface Preset {
  readonly name: string;
  build(options: RoomOptions): Room;
}

const presets: readonly Preset[] = [kind4, minikube, bareApiserver, empty];

export const presetNames: readonly string[] = presets.map((preset) => preset.name);

/** @throws Error for an unknown preset. */
export function buildPreset(options: RoomOptions): Room {
  const preset = presets.find(({ name }) => name === options.preset);
  if (!preset) throw new Error(`unknown preset ${options.preset}; there are ${presetNames.join(', ')}`);
  return preset.build(options);
}
