import type { Network } from '../../engine/network/index.ts';
import type { Program } from '../../engine/process/index.ts';
import type { World } from '../../engine/world/index.ts';
import type { WorkstationHost } from '../host.ts';
import type { Host, RoomCluster, RoomDocker, RoomOptions } from '../room.ts';
import { bareApiserver } from './bare-apiserver.ts';
import { cloud } from './cloud.ts';
import { empty } from './empty.ts';
import { kind4 } from './kind-4.ts';
import { kindIngress } from './kind-ingress.ts';
import { laptop } from './laptop.ts';
import { minikube } from './minikube.ts';

/** A room as every session begins: a workstation that nobody has installed anything on. */
export interface EmptyRoom {
  readonly world: World;
  readonly network: Network;
  /** What executable files of any host and image run. */
  readonly programs: ReadonlyMap<string, Program>;
  readonly workstation: WorkstationHost;
}

/** What a preset puts beside the workstation. */
export interface Furniture {
  readonly hosts?: readonly Host[];
  readonly cluster?: RoomCluster;
  readonly docker?: RoomDocker;
}

/** A machine room to begin with. */
export interface Preset {
  readonly name: string;
  /** Installs what the preset has, all of it already running. Called once, before the learner can have done anything. */
  furnish(room: EmptyRoom, options: RoomOptions): Furniture;
}

const all: readonly Preset[] = [kind4, kindIngress, cloud, minikube, bareApiserver, laptop, empty];

export const presets: ReadonlyMap<string, Preset> = new Map(all.map((preset) => [preset.name, preset]));
