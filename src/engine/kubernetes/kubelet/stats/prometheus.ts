import type { Kubelet } from '../kubelet.ts';
import type { PodWorker } from '../pod-worker.ts';
import type { ContainerRecord } from '../types.ts';

/** `/metrics/resource` and `/metrics/cadvisor`: the kubelet's measurements in Prometheus' text form. */

type Labels = Readonly<Record<string, string>>;

interface Sample {
  labels: Labels;
  value: number;
}

interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  samples: Sample[];
}

function text(families: readonly Family[], time: number | undefined): string {
  const stamp = time === undefined ? '' : ` ${Math.floor(time)}`;
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const rows = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${number(value)}${stamp}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${rows.join('')}`;
    })
    .join('');
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** As strconv.FormatFloat(value, 'g', -1, 64): an exponent from a million on, and below 1e-4. */
function number(value: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent < 6 && exponent >= -4) return String(value);
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const n = Number(power);
  return `${digits}e${n < 0 ? '-' : '+'}${String(Math.abs(n)).padStart(2, '0')}`;
}

function running(kubelet: Kubelet): { worker: PodWorker; record: ContainerRecord }[] {
  return [...kubelet.workers.values()].flatMap((worker) =>
    [...worker.records.values()]
      .filter((record) => record.current?.state === 'running')
      .map((record) => ({ worker, record })),
  );
}

const where = ({ pod }: PodWorker) => ({ namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name });

/** The body of `/metrics/resource`, which metrics-server reads. */
export function resourceMetrics(kubelet: Kubelet): string {
  const { resources, world, startedAt } = kubelet;
  const now = world.clock.now();
  const all = running(kubelet);
  const containers = (value: (record: ContainerRecord) => number): Sample[] =>
    all.map(({ worker, record }) => ({ labels: { container: record.name, ...where(worker) }, value: value(record) }));
  const pods = (value: (record: ContainerRecord) => number): Sample[] =>
    [...new Set(all.map(({ worker }) => worker))].map((worker) => ({
      labels: where(worker),
      value: all.filter((one) => one.worker === worker).reduce((sum, { record }) => sum + value(record), 0),
    }));
  const cpu = ({ current }: ContainerRecord) => current!.usage.cpuNanos / 1e9;
  const memory = ({ current }: ContainerRecord) => current!.usage.memoryBytes;
  const stable = '[STABLE] ';
  return text(
    [
      { name: 'container_cpu_usage_seconds_total', help: `${stable}Cumulative cpu time consumed by the container in core-seconds`, type: 'counter', samples: containers(cpu) },
      { name: 'container_memory_working_set_bytes', help: `${stable}Current working set of the container in bytes`, type: 'gauge', samples: containers(memory) },
      { name: 'container_start_time_seconds', help: `${stable}Start time of the container since unix epoch in seconds`, type: 'gauge', samples: containers(({ current }) => (current!.startedAt ?? 0) / 1000) },
      { name: 'node_cpu_usage_seconds_total', help: `${stable}Cumulative cpu time consumed by the node in core-seconds`, type: 'counter', samples: [{ labels: {}, value: resources.cpu.usedAt(world.queue.now) / 1000 }] },
      { name: 'node_memory_working_set_bytes', help: `${stable}Current working set of the node in bytes`, type: 'gauge', samples: [{ labels: {}, value: resources.memory.bytes }] },
      { name: 'pod_cpu_usage_seconds_total', help: `${stable}Cumulative cpu time consumed by the pod in core-seconds`, type: 'counter', samples: pods(cpu) },
      { name: 'pod_memory_working_set_bytes', help: `${stable}Current working set of the pod in bytes`, type: 'gauge', samples: pods(memory) },
      { name: 'resource_scrape_error', help: `${stable}1 if there was an error while getting container metrics, 0 otherwise`, type: 'gauge', samples: [{ labels: {}, value: startedAt < 0 ? 1 : 0 }] },
    ],
    now,
  ); // prettier-ignore
}

/** The body of `/metrics/cadvisor`: of its many families those that dashboards and queries are made of. */
export function cadvisorMetrics(kubelet: Kubelet): string {
  const all = running(kubelet);
  const labels = (worker: PodWorker, record: ContainerRecord): Labels => {
    const { metadata } = worker.pod;
    const id = `/kubepods.slice/kubepods-pod${metadata.uid.replaceAll('-', '_')}.slice/cri-containerd-${record.current!.id}.scope`;
    const { namespace, pod } = where(worker);
    return { container: record.name, id, image: record.imageName ?? '', name: record.current!.id, namespace, pod };
  };
  const family = (
    name: string,
    type: Family['type'],
    help: string,
    value: (record: ContainerRecord) => number | undefined,
    more: Labels = {},
  ): Family => ({
    name,
    type,
    help,
    samples: all.flatMap(({ worker, record }) => {
      const measured = value(record);
      return measured === undefined ? [] : [{ labels: { ...labels(worker, record), ...more }, value: measured }];
    }),
  });
  const usage = ({ current }: ContainerRecord) => current!.usage;
  const limits = ({ current }: ContainerRecord) => current!.machine.usage.limits;
  const limited = (record: ContainerRecord) => limits(record).cpus !== undefined;
  return text(
    [
      family('container_cpu_cfs_periods_total', 'counter', 'Number of elapsed enforcement period intervals.', (r) => (limited(r) ? usage(r).throttling.periods : undefined)),
      family('container_cpu_cfs_throttled_periods_total', 'counter', 'Number of throttled period intervals.', (r) => (limited(r) ? usage(r).throttling.throttledPeriods : undefined)),
      family('container_cpu_cfs_throttled_seconds_total', 'counter', 'Total time duration the container has been throttled.', (r) => (limited(r) ? usage(r).throttling.ms / 1000 : undefined)),
      family('container_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed in seconds.', (r) => usage(r).cpuNanos / 1e9, { cpu: 'total' }),
      family('container_memory_max_usage_bytes', 'gauge', 'Maximum memory usage recorded in bytes', (r) => r.current!.machine.usage.memory.peak),
      family('container_memory_usage_bytes', 'gauge', 'Current memory usage in bytes, including all memory regardless of when it was accessed', (r) => usage(r).memoryBytes),
      family('container_memory_working_set_bytes', 'gauge', 'Current working set in bytes.', (r) => usage(r).memoryBytes),
      family('container_oom_events_total', 'counter', 'Count of out of memory events observed for the container', (r) => (r.current!.oomKilled ? 1 : 0)),
      family('container_processes', 'gauge', 'Number of processes running inside the container.', (r) => usage(r).pids),
      family('container_spec_cpu_quota', 'gauge', 'CPU quota of the container.', (r) => (limited(r) ? Math.round(limits(r).cpus! * 100_000) : undefined)),
      family('container_spec_memory_limit_bytes', 'gauge', 'Memory limit for the container.', (r) => limits(r).memory ?? 0),
      family('container_start_time_seconds', 'gauge', 'Start time of the container since unix epoch in seconds.', (r) => Math.floor((r.current!.startedAt ?? 0) / 1000)),
    ],
    kubelet.world.clock.now(),
  ); // prettier-ignore
}
