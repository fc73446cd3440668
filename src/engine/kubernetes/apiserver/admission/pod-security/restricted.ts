import { unmasked } from './baseline.ts';
import {
  allContainers,
  containersText,
  namesOf,
  plural,
  quoted,
  setters,
  sorted,
  unlessOwnUsers,
  unlessWindows,
} from './check.ts';
import type { AnyContainer, Check, PodView, Violation } from './check.ts';

/** The checks that the level restricted adds (k8s.io/pod-security-admission/policy), but for seccomp's. */

function mayEscalate({ spec }: PodView): Violation | undefined {
  const bad = namesOf(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  const detail = `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
}

const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, run: mayEscalate },
    { since: 25, run: unlessWindows(mayEscalate) },
  ],
};

function keepsCapabilities({ spec }: PodView): Violation | undefined {
  const added = (c: AnyContainer) =>
    (c.securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const keeping = namesOf(spec, (c) => !c.securityContext?.capabilities?.drop?.includes('ALL'));
  const adding = namesOf(spec, (c) => added(c).length > 0);
  const details: string[] = [];
  if (keeping.length > 0) details.push(`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const names = quoted(sorted(allContainers(spec).flatMap(added)));
    details.push(`${containersText(adding)} must not include ${names} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

const capabilities: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, run: keepsCapabilities, overrides: ['capabilities_baseline'] },
    { since: 25, run: unlessWindows(keepsCapabilities), overrides: ['capabilities_baseline'] },
  ],
};

const procMount: Check = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, run: unmasked, overrides: ['procMount'] }],
};

const harmlessVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

const volumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [
    {
      since: 0,
      overrides: ['hostPathVolumes'],
      run({ spec }) {
        const typeOf = (volume: object) => Object.keys(volume).find((field) => field !== 'name') ?? 'unknown';
        const bad = (spec.volumes ?? []).filter((volume) => !harmlessVolumes.includes(typeOf(volume)));
        if (bad.length === 0) return undefined;
        const names = `${plural(bad.length, 'volume')} ${quoted(bad.map(({ name }) => name))}`;
        const types = sorted(bad.map(typeOf));
        const uses = plural(bad.length, 'uses', 'use');
        const detail = `${names} ${uses} ${plural(types.length, 'restricted volume type')} ${quoted(types)}`;
        return { reason: 'restricted volume types', detail };
      },
    },
  ],
};

const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    {
      since: 0,
      run: unlessOwnUsers(({ spec }) => {
        const reason = 'runAsNonRoot != true';
        const ofPod = spec.securityContext?.runAsNonRoot;
        const bad = namesOf(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false);
        const who = setters(ofPod === false, bad);
        if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
        const silent = ofPod ? [] : namesOf(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
        if (silent.length === 0) return undefined;
        return { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` };
      }),
    },
  ],
};

const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    {
      since: 23,
      run: unlessOwnUsers(({ spec }) => {
        const bad = namesOf(spec, ({ securityContext }) => securityContext?.runAsUser === 0);
        const who = setters(spec.securityContext?.runAsUser === 0, bad);
        return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
      }),
    },
  ],
};

export const restrictedChecks: readonly Check[] = [
  allowPrivilegeEscalation,
  capabilities,
  procMount,
  volumes,
  runAsNonRoot,
  runAsUser,
];
