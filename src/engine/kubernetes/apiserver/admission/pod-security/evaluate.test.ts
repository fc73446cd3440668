import { describe, expect, it } from 'vitest';
import type { PodView } from './check.ts';
import { violationDetails, violations } from './evaluate.ts';
import type { Level } from './policy.ts';

function told(level: Level, spec: object, minor = Infinity, annotations: Record<string, string> = {}): string {
  const pod = { metadata: { annotations }, spec: { containers: [{ name: 'a' }], ...spec } } as unknown as PodView;
  return violationDetails(violations({ level, minor }, pod));
}
const container = (securityContext: object, name = 'a') => ({ name, securityContext });
const restricted = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

describe('Pod Security Standards: baseline', () => {
  it.each([
    [
      { hostNetwork: true, hostPID: true, hostIPC: true },
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    [{ volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes (volume "v")'],
    [
      {
        containers: [
          { name: 'a', ports: [{ hostPort: 9090 }, { hostPort: 80 }] },
          { name: 'b', ports: [{ hostPort: 80 }] },
        ],
      },
      'hostPort (containers "a", "b" use hostPorts 80, 9090)',
    ],
    [
      { containers: [container({ capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } })] },
      'non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      {
        securityContext: { seccompProfile: { type: 'Unconfined' } },
        containers: [container({ seccompProfile: { type: 'Unconfined' } })],
      },
      'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } },
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    ],
    [
      { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ],
    [
      { securityContext: { sysctls: [{ name: 'kernel.msgmax' }, { name: 'net.ipv4.tcp_rmem' }] } },
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      { containers: [{ name: 'a', livenessProbe: { httpGet: { host: '127.0.0.1' } } }] },
      'probe or lifecycle host (container "a" uses probe or lifecycle host "127.0.0.1")',
    ],
    [
      { containers: [container({ procMount: 'Unmasked' })] },
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    [{ hostUsers: false, containers: [container({ procMount: 'Unmasked' })] }, ''],
    [
      { securityContext: { windowsOptions: { hostProcess: true } } },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [{}, ''],
  ])('%j', (spec, expected) => {
    expect(told('baseline', spec)).toBe(expected);
  });

  it('depends on the version', () => {
    const sysctl = { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_keepalive_time' }] } };
    expect(told('baseline', sysctl, 28)).toBe('forbidden sysctls (net.ipv4.tcp_keepalive_time)');
    expect(told('baseline', sysctl, 29)).toBe('');
    const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
    expect(told('baseline', {}, 18, annotations)).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
    expect(told('baseline', {}, 19, annotations)).toBe('');
  });
});

describe('Pod Security Standards: restricted', () => {
  it.each([
    [{ containers: [container(restricted)] }, ''],
    [
      {
        initContainers: [{ name: 'i' }],
        containers: [container({ ...restricted, allowPrivilegeEscalation: true })],
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost' } },
      },
      'allowPrivilegeEscalation != false (containers "i", "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "i" must set securityContext.capabilities.drop=["ALL"])',
    ],
    [
      { containers: [container({ ...restricted, capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'] } })] },
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      {
        containers: [container(restricted)],
        volumes: [
          { name: 'h', hostPath: {} },
          { name: 'n', nfs: {} },
          { name: 'c', configMap: {} },
        ],
      },
      'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")',
    ],
    [
      { containers: [container({ ...restricted, runAsNonRoot: false, runAsUser: 0 })] },
      'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false), runAsUser=0 (container "a" must not set runAsUser=0)',
    ],
    [{ os: { name: 'windows' }, containers: [container({ runAsNonRoot: true })] }, ''],
  ])('%j', (spec, expected) => {
    expect(told('restricted', spec)).toBe(expected);
  });

  it('old versions ask for less', () => {
    expect(told('restricted', { containers: [container({ runAsNonRoot: true })] }, 7)).toBe('');
    expect(told('privileged', { hostNetwork: true })).toBe('');
  });
});
