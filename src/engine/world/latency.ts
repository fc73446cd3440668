/** Virtual milliseconds that things take: the one table of latencies (docs/decisions/0003-latencies.md). */
export const latency = {
  /** Loading and starting a program. */
  programStart: 80,
  /** Starting a small text tool (grep, ls, …). */
  toolStart: 3,
  /** A built-in of the shell, or one turn of a loop. */
  builtin: 0.1,
  /** One write to the API server, etcd included. */
  apiWrite: 2,
  /** One read from the API server. */
  apiRead: 1,
  /** Watch event from the API server to an informer. */
  watchDelivery: 1,
  /** The scheduler's attempt at one Pod. */
  schedulingAttempt: 3,
  /** The kubelet noticing and beginning to act on a change of a Pod. */
  kubeletSync: 20,
  /** Setting up a Pod's sandbox and network. */
  sandboxStart: 250,
  /** Creating a container from a local image. */
  containerCreate: 60,
  /** Starting a created container. */
  containerStart: 80,
  /** The kubelet's Pod lifecycle event generator looks at the runtime this often. */
  plegPeriod: 1000,
  /** One round trip to an image registry. */
  registryRoundTrip: 120,
  /** Registry bandwidth in bytes per virtual ms. */
  registryBytesPerMs: 100_000,
  /** One hop between two hosts. */
  networkHop: 0.2,
} as const;
