import type { HistoryEntry, ImageConfig } from '../../runtime/index.ts';
import type { DockerfileError, LineRange } from './dockerfile/error.ts';
import type { Dockerfile, Instruction, Stage } from './dockerfile/instructions.ts';
import type { LintWarning } from './dockerfile/lint.ts';
import type { Heredoc } from './dockerfile/nodes.ts';
import type { RunMount } from './run-mounts.ts';
import type { BaseImage } from './sources.ts';

interface OpBase {
  /** `[2/4] WORKDIR /app`. */
  name: string;
  range: LineRange;
}

export type Op = OpBase &
  (
    | {
        kind: 'run';
        argv: string[];
        env: Map<string, string>;
        user: string;
        cwd: string;
        network: 'default' | 'none' | 'host';
        mounts: RunMount[];
      }
    | {
        kind: 'copy';
        /** Undefined: the build context. */
        from: StagePlan | BaseImage | undefined;
        sources: string[];
        heredocs: Heredoc[];
        destination: string;
        chown: string;
        chmod: string;
        /** ADD: unpacks archives and gets URLs. */
        add: boolean;
        unpack: boolean | undefined;
        parents: boolean;
        exclude: string[];
        checksum: string;
      }
    | { kind: 'workdir'; path: string }
  );

/** One line of the history to be; `op` is which step of the stage makes its layer. */
export interface HistoryDraft {
  createdBy: string;
  op?: number;
  /** Of a base image: kept as it is. */
  done?: HistoryEntry;
}

/** A stage with all its words expanded. */
export interface StagePlan {
  stage: Stage;
  index: number;
  /** Lower case; '' if it has none. */
  name: string;
  base: StagePlan | BaseImage | 'scratch';
  /** `[1/4] FROM docker.io/library/busybox:latest`. */
  baseName: string;
  ops: Op[];
  config: ImageConfig;
  author: string;
  history: HistoryDraft[];
  /** What each instruction made of it, those of ONBUILD first. */
  steps: StageStep[];
}

/** A stage after one of its instructions. */
export interface StageStep {
  instruction: Instruction;
  onBuild: boolean;
  config: ImageConfig;
  author: string;
  createdBy: string;
  op: Op | undefined;
  error?: DockerfileError;
}

export const isStage = (from: object): from is StagePlan => 'ops' in from;

export interface PlanInput {
  file: Dockerfile;
  buildArgs: ReadonlyMap<string, string>;
  platform: string;
  labels: Readonly<Record<string, string>>;
  /** @throws whatever ends the build */
  image(name: string, range: LineRange): BaseImage;
  /** Names shown are those of BuildKit; the classic builder needs none. */
  warn(found: LintWarning): void;
  /** The classic builder finds what is wrong with a step when it comes to it. */
  stepByStep?: boolean;
}
