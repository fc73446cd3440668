/** An API object as the picture reads it. */
export interface TopologyObject {
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    labels?: Readonly<Record<string, string>>;
    deletionTimestamp?: string;
    ownerReferences?: readonly { kind: string; name: string; uid: string; controller?: boolean }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** The fields of a Pod that decide how it looks. */
export interface PodFields {
  spec: {
    nodeName?: string;
    restartPolicy?: string;
    containers: {
      name: string;
      image?: string;
      ports?: { name?: string; containerPort: number; protocol?: string }[];
    }[];
    initContainers?: { name: string; restartPolicy?: string }[];
    volumes?: { name: string; persistentVolumeClaim?: { claimName: string }; ephemeral?: object }[];
    readinessGates?: { conditionType: string }[];
  };
  status: {
    phase?: string;
    reason?: string;
    podIP?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  state?: {
    waiting?: { reason?: string; message?: string };
    running?: object;
    terminated?: { reason?: string; exitCode?: number; signal?: number; message?: string };
  };
  lastState?: { terminated?: { reason?: string; exitCode?: number } };
}

/** Gives all objects of a resource, e.g. `apps/deployments`, `/pods`. */
export type ListObjects = (resource: string) => readonly TopologyObject[];

/** namespace/name, or name. */
export const keyOf = ({ metadata: { namespace, name } }: TopologyObject): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** By namespace and name, in code units. */
export function byName(a: TopologyObject, b: TopologyObject): number {
  const [x, y] = [keyOf(a), keyOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
