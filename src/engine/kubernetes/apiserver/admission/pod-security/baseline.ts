import { allContainers, containersText, namesOf, plural, quoted, setters, sorted, unlessOwnUsers } from './check.ts';
import type { AnyContainer, Check, PodView, Violation } from './check.ts';

/** The checks of the level baseline (k8s.io/pod-security-admission/policy), but for those about the kernel's modules. */

const harmlessCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const capabilities: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [
    {
      since: 0,
      run({ spec }) {
        const beyond = (c: AnyContainer) =>
          (c.securityContext?.capabilities?.add ?? []).filter((name) => !harmlessCapabilities.has(name));
        const bad = namesOf(spec, (c) => beyond(c).length > 0);
        if (bad.length === 0) return undefined;
        const names = quoted(sorted(allContainers(spec).flatMap(beyond)));
        const detail = `${containersText(bad)} must not include ${names} in securityContext.capabilities.add`;
        return { reason: 'non-default capabilities', detail };
      },
    },
  ],
};

const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  versions: [
    {
      since: 0,
      run({ spec }) {
        const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
        if (shared.length === 0) return undefined;
        return { reason: 'host namespaces', detail: shared.map((name) => `${name}=true`).join(', ') };
      },
    },
  ],
};

const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [
    {
      since: 0,
      run({ spec }) {
        const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
        if (bad.length === 0) return undefined;
        return { reason: 'hostPath volumes', detail: `${plural(bad.length, 'volume')} ${quoted(bad)}` };
      },
    },
  ],
};

const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [
    {
      since: 0,
      run({ spec }) {
        const taken = (c: AnyContainer) => (c.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [`${hostPort}`] : []));
        const bad = namesOf(spec, (c) => taken(c).length > 0);
        if (bad.length === 0) return undefined;
        const ports = sorted(allContainers(spec).flatMap(taken));
        const uses = plural(bad.length, 'uses', 'use');
        const detail = `${containersText(bad)} ${uses} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`;
        return { reason: 'hostPort', detail };
      },
    },
  ],
};

interface Handler {
  readonly httpGet?: { readonly host?: string };
  readonly tcpSocket?: { readonly host?: string };
}

const hostProbes: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [
    {
      since: 34,
      run({ spec }) {
        const hosts = (c: AnyContainer) =>
          [c.livenessProbe, c.readinessProbe, c.startupProbe, c.lifecycle?.postStart, c.lifecycle?.preStop]
            .flatMap((handler: Handler | undefined) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
            .filter((host) => host !== undefined && host !== '');
        const bad = sorted(namesOf(spec, (c) => hosts(c).length > 0));
        if (bad.length === 0) return undefined;
        const named = sorted(allContainers(spec).flatMap(hosts) as string[]);
        const uses = plural(bad.length, 'uses', 'use');
        const detail = `${containersText(bad)} ${uses} ${plural(named.length, 'probe or lifecycle host')} ${quoted(named)}`;
        return { reason: 'probe or lifecycle host', detail };
      },
    },
  ],
};

const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  versions: [
    {
      since: 0,
      run({ spec }) {
        const bad = namesOf(spec, ({ securityContext }) => securityContext?.privileged === true);
        if (bad.length === 0) return undefined;
        return { reason: 'privileged', detail: `${containersText(bad)} must not set securityContext.privileged=true` };
      },
    },
  ],
};

/** Baseline and, for Pods with users of their own, restricted. */
export function unmasked({ spec }: PodView): Violation | undefined {
  const type = ({ securityContext }: AnyContainer) => securityContext?.procMount ?? 'Default';
  const bad = namesOf(spec, (c) => type(c) !== 'Default');
  if (bad.length === 0) return undefined;
  const types = sorted(allContainers(spec).map(type)).filter((t) => t !== 'Default');
  const detail = `${containersText(bad)} must not set securityContext.procMount to ${quoted(types)}`;
  return { reason: 'procMount', detail };
}

const procMount: Check = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, run: unmasked },
    { since: 35, run: unlessOwnUsers(unmasked) },
  ],
};

const safeSysctls: readonly { since: number; names: readonly string[] }[] = [
  {
    since: 0,
    names: [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  },
  { since: 27, names: ['net.ipv4.ip_local_reserved_ports'] },
  {
    since: 29,
    names: [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  },
  { since: 32, names: ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'] },
];

const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  versions: safeSysctls.map(({ since }) => {
    const safe = new Set(safeSysctls.filter((step) => step.since <= since).flatMap(({ names }) => names));
    return {
      since,
      run({ spec }) {
        const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.has(name));
        return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
      },
    };
  }),
};

const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [
    {
      since: 0,
      run({ spec }) {
        const bad = namesOf(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
        const who = setters(spec.securityContext?.windowsOptions?.hostProcess === true, bad);
        if (who === '') return undefined;
        return { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
      },
    },
  ],
};

export const baselineChecks: readonly Check[] = [
  capabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  sysctls,
  windowsHostProcess,
];
