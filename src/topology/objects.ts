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
    containers: { name: string; image?: string }[];
    initContainers?: { name: string; restartPolicy?: string }[];
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
