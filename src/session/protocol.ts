/**
 * What the page and the engine's worker say to each other. Everything that can change the world is an `Input`: inputs
 * are stamped, kept and replayed. Queries only read and are not kept.
 */

import type { EngineAnswers } from '../engine/docker/index.ts';
import type { LessonDefinition } from '../lessons/definition.ts';

/** What a session is made of; with the inputs it determines everything that happens. */
export interface SessionSpec {
  preset: string;
  seed: number;
  /** Unix ms at which virtual time begins. */
  epoch: number;
  /** Files laid into the first host before anything runs: path (absolute, or below the home's `work`) to text. */
  files?: Record<string, string>;
  /** Lesson whose criteria are watched: `course/lesson`. */
  lesson?: string;
}

/** Something a person did. */
export type Input =
  | { kind: 'terminal'; terminal: string; host: string; rows: number; columns: number }
  | { kind: 'close-terminal'; terminal: string }
  | { kind: 'keys'; terminal: string; data: string }
  | { kind: 'resize'; terminal: string; rows: number; columns: number }
  /** The editor pane saved a file; `editing` ends a waiting `vi`, `nano` or `kubectl edit`. */
  | { kind: 'save'; host: string; path: string; text: string }
  | { kind: 'editor-closed'; editing: number }
  | { kind: 'remove'; host: string; path: string }
  | { kind: 'rename'; host: string; from: string; to: string }
  | { kind: 'mkdir'; host: string; path: string }
  | { kind: 'power'; host: string; on: boolean }
  /** A write to the cluster's API made by a click, e.g. delete in the inspector. */
  | { kind: 'api'; method: string; path: string; body?: string; contentType?: string }
  /** The browser pane goes to an address. */
  | { kind: 'browse'; url: string; insecure?: boolean }
  /** The learner opened this step: its criteria are watched from now on. */
  | { kind: 'step'; step: string }
  /** An answer to a quiz question of the lesson. */
  | { kind: 'answer'; step: string; question: string; choice: number };

/** An input with the moment it was applied: virtual ms and engine steps since the world began. */
export interface StampedInput {
  t: number;
  step: number;
  input: Input;
}

/** Enough to have the same world again; small enough to keep and to share. */
export interface SavedSession {
  format: 1;
  /** Identifies the engine build: another one may not replay to the same world. */
  build: string;
  spec: SessionSpec;
  inputs: StampedInput[];
  /** Where it stopped, and the hash of the state there. */
  end: { t: number; step: number; hash?: string };
  /** For another build: the learner's files and the objects they made. */
  fallback?: { files: { host: string; path: string; text: string }[]; objects: unknown[] };
}

export type ToWorker =
  | { type: 'start'; spec: SessionSpec }
  | { type: 'restore'; saved: SavedSession }
  /** The lesson whose criteria are to be watched; reading only, so no input. */
  | { type: 'lesson'; definition: LessonDefinition | undefined }
  | { type: 'input'; input: Input }
  /** Virtual ms per real ms; 0 pauses. */
  | { type: 'speed'; speed: number }
  /** Runs to the next event even while paused. `interesting`: skips heartbeats and the like. */
  | { type: 'next'; interesting: boolean }
  /** A hidden page lets no time pass. */
  | { type: 'visible'; visible: boolean }
  | { type: 'query'; id: number; query: Query }
  /** Is anybody there? Answered at once, whatever else is being done. */
  | { type: 'ping' }
  /** Takes back the last input (replays without it in the same worker). */
  | { type: 'undo' }
  /** Goes back to virtual time `t`: replays the inputs up to there; later ones stay reachable until the next input. */
  | { type: 'travel'; t: number };

export type Query =
  /** A read of the cluster's API (GET), or a write with `dryRun=All`. Anything else is refused. */
  | { kind: 'api'; method: string; path: string; body?: string; contentType?: string }
  | { kind: 'files'; host: string; directory: string }
  | { kind: 'read'; host: string; path: string }
  | { kind: 'save' }
  /** Which image was probably meant by a name that no registry has. */
  | { kind: 'image'; name: string }
  | { kind: 'hash' };

/** Answers to queries, by the query's kind. */
export interface Answers {
  api: { status: number; body: string };
  files: FileEntry[];
  read: { text: string } | { error: string };
  save: SavedSession;
  image: { suggestion: string | undefined };
  hash: { hash: string; parts: Record<string, string> };
}

export interface FileEntry {
  /** Absolute. */
  path: string;
  directory: boolean;
  size: number;
}

export type FromWorker =
  | {
      type: 'ready';
      build: string;
      hosts: HostInfo[];
      restored?: 'replayed' | 'carried-over' | 'failed';
      message?: string;
    }
  /** Hosts have come: the room was furnished after `ready`. */
  | { type: 'hosts'; hosts: HostInfo[] }
  /**
   * The world begins anew (restore, undo, travel), sent before anything of it: the page empties its terminals and keeps
   * those named, whose whole output follows. A `ready` comes when it is there again.
   */
  | { type: 'reset'; terminals: { terminal: string; host: string; rows: number; columns: number }[] }
  | { type: 'output'; terminal: string; data: string }
  /** The terminal's shell ended. */
  | { type: 'ended'; terminal: string }
  /** `furthest`: the latest moment that can be travelled to; more than `elapsed` after going back. */
  | { type: 'clock'; elapsed: number; now: number; speed: number; furthest: number; nextDue?: number }
  /** API objects that changed since the last message, newest state each. */
  | { type: 'objects'; reset?: true; changes: ObjectChange[] }
  /** The Docker Engine's answers, when they are others than before; null: there is no Engine. */
  | { type: 'docker'; answers: EngineAnswers | null }
  /** Files that changed on a host. */
  | { type: 'files'; host: string; paths: string[] }
  /** A program waits for the editor pane to save or close this file. */
  | { type: 'edit'; editing: number; host: string; path: string; program: string }
  /** The program waits no more: it was interrupted. */
  | { type: 'edit-ended'; editing: number }
  | { type: 'criteria'; step: string; results: CriterionResult[] }
  /** All marks of the time bar, whenever there are others. */
  | { type: 'marks'; marks: readonly Mark[] }
  /** What the browser pane was sent. */
  | { type: 'page'; page: BrowsedPage }
  /** Connections that were tried since the last message. */
  | { type: 'traffic'; events: readonly TrafficEvent[] }
  | { type: 'pong' }
  | { type: 'answer'; id: number; answer?: unknown; error?: string }
  /** An input was stamped and applied, as the session's `count`th: the page keeps it. */
  | { type: 'applied'; count: number; input: StampedInput }
  /** The engine failed; the session so far can be taken along in a bug report. */
  | { type: 'crash'; message: string; saved?: SavedSession };

/** A page that the browser pane asked for. */
export interface BrowsedPage {
  /** After redirects. */
  url: string;
  /** Virtual ms. */
  took: number;
  status?: number;
  reason?: string;
  contentType?: string;
  body?: string;
  /** There was no answer: curl's exit status and what it says. */
  error?: { exit: number; text: string };
}

/** Where a packet is, in the picture's terms: a Pod by namespace/name, a host by name, a name on the internet. */
export interface Place {
  kind: 'pod' | 'host' | 'outside';
  key: string;
}

/** A connection, datagram or echo request that somebody's program sent. */
export interface TrafficEvent {
  id: number;
  /** Virtual ms since the world began. */
  t: number;
  protocol: string;
  from: Place;
  /** namespace/name of the Service that was addressed. */
  service?: string;
  /** That Service has no such port. */
  unknownPort?: boolean;
  /** Where it ended. */
  to: Place;
  address: string;
  port: number;
  /** After translation. */
  destination: string;
  destinationPort: number;
  outcome: 'connected' | 'refused' | 'timeout' | 'no-route' | 'ttl-exceeded';
  /** What decided, where something did: a code of the network engine, and what the rule says of itself. */
  reason?: { code: string; params: Readonly<Record<string, string>>; comment: string };
  /** First line of what was asked. */
  summary?: string;
  hops: readonly TrafficHop[];
  /** So many like this one. */
  count: number;
}

export interface TrafficHop {
  place: Place;
  action: string;
  device?: string;
  source: string;
  destination: string;
  destinationPort: number;
  /** Virtual ms since it was sent. */
  at: number;
  /** It is the answer's. */
  reply?: true;
  /** Chains of the packet filter that were gone through. */
  chains?: string;
}

/** A moment that people may want to go back to. */
export interface Mark {
  /** Virtual ms since the world began. */
  t: number;
  kind: 'warning' | 'node-lost' | 'node-ready' | 'complete';
  /** A node's or Deployment's name; for a warning kind and name of what it is about. */
  subject: string;
  /** A warning's reason. */
  reason?: string;
}

export interface HostInfo {
  name: string;
  role: 'workstation' | 'node';
  on: boolean;
  /** Where terminals start and files are shown. */
  home: string;
}

export interface ObjectChange {
  /** group/resource, e.g. `apps/deployments`, `/pods`. */
  resource: string;
  /** namespace/name, or name. */
  key: string;
  /** Absent: deleted. */
  object?: Record<string, unknown>;
}

/** A criterion's state, with what is missing as a message key of the lesson plus parameters. */
export interface CriterionResult {
  id: string;
  met: boolean;
  message?: { key: string; params: Record<string, string | number> };
}
