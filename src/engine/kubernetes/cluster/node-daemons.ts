import type { Machine, MachineProcesses } from '../../process/index.ts';
import { Deferred } from '../../world/index.ts';

/** What systemd has started on a node, by the time that it is used. */
const daemons: readonly (readonly string[])[] = [
  ['/sbin/init'],
  ['/lib/systemd/systemd-journald'],
  ['/usr/local/bin/containerd'],
  [
    '/usr/bin/kubelet',
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
  ],
];

/** Starts a node's daemons: they are there for `ps` and for Pods with `hostPID`; what they do is simulated elsewhere. */
export function startDaemons(machine: Machine): void {
  const { world } = machine;
  const processes = machine.processes as MachineProcesses;
  if (processes.pids.table.size === 0) processes.pids.nextPid = 1;
  for (const argv of daemons) {
    const forever = new Deferred<number>(world.queue);
    processes.run((process) => forever.wait(process.cancel), argv, undefined, {});
  }
}
