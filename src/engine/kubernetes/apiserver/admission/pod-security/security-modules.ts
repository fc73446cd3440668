import { allContainers, containersText, namesOf, plural, quoted, setters, sorted, unlessWindows } from './check.ts';
import type { AnyContainer, Check, PodView, Violation } from './check.ts';

/** The checks about AppArmor, SELinux and seccomp (k8s.io/pod-security-admission/policy). */

const confined = new Set(['RuntimeDefault', 'Localhost']);

const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

interface Profile {
  readonly type?: string;
}
const appArmorOf = (context: object | undefined) =>
  (context as { appArmorProfile?: Profile } | undefined)?.appArmorProfile?.type;

export const appArmor: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [
    {
      since: 0,
      run({ metadata, spec }) {
        const isBad = (type: string | undefined): type is string => type !== undefined && !confined.has(type);
        const ofPod = appArmorOf(spec.securityContext);
        const bad = namesOf(spec, (c) => isBad(appArmorOf(c.securityContext)));
        const values = sorted([ofPod, ...allContainers(spec).map((c) => appArmorOf(c.securityContext))].filter(isBad));
        const annotations = Object.entries(metadata.annotations ?? {})
          .filter(([name, value]) => name.startsWith(appArmorAnnotation) && !isConfinedText(value))
          .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
          .sort();
        const who = [
          setters(isBad(ofPod), bad),
          annotations.length > 0 ? plural(annotations.length, 'annotation') : '',
        ];
        const all = [...values, ...annotations];
        if (all.length === 0) return undefined;
        return {
          reason: plural(all.length, 'forbidden AppArmor profile'),
          detail: `${who.filter(Boolean).join(' and ')} must not set AppArmor profile type to ${quoted(all)}`,
        };
      },
    },
  ],
};

function isConfinedText(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

function seLinux(types: ReadonlySet<string>): (pod: PodView) => Violation | undefined {
  return ({ spec }) => {
    const options = [spec.securityContext, ...allContainers(spec).map((c) => c.securityContext)].flatMap((context) =>
      context?.seLinuxOptions ? [context.seLinuxOptions] : [],
    );
    const isBad = (context: AnyContainer['securityContext']) => {
      const { type = '', user, role } = context?.seLinuxOptions ?? {};
      return !types.has(type) || !!user || !!role;
    };
    const bad = namesOf(spec, (c) => isBad(c.securityContext));
    const who = setters(isBad(spec.securityContext as AnyContainer['securityContext']), bad);
    if (who === '') return undefined;
    const wrong = sorted(options.map(({ type = '' }) => type).filter((type) => !types.has(type)));
    const what = wrong.length > 0 ? [`${plural(wrong.length, 'type')} ${quoted(wrong)}`] : [];
    if (options.some(({ user }) => user)) what.push('user may not be set');
    if (options.some(({ role }) => role)) what.push('role may not be set');
    const detail = `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`;
    return { reason: 'seLinuxOptions', detail };
  };
}

export const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, run: seLinux(new Set(seLinuxTypes)) },
    { since: 31, run: seLinux(new Set([...seLinuxTypes, 'container_engine_t'])) },
  ],
};

const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';

const seccompOf = (context: { seccompProfile?: { type?: string } } | undefined) => context?.seccompProfile?.type;

export const seccompBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, run: unconfinedAnnotations },
    { since: 19, run: unconfinedSetters },
  ],
};

function unconfinedAnnotations({ metadata, spec }: PodView): Violation | undefined {
  const names = [seccompPodAnnotation, ...allContainers(spec).map(({ name }) => seccompContainerAnnotation + name)];
  const bad = sorted(
    names.flatMap((name) => {
      const value = metadata.annotations?.[name];
      const fine = value === undefined || value === 'docker/default' || (value !== '' && isConfinedText(value));
      return fine ? [] : [`${name}=${JSON.stringify(value)}`];
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural(bad.length, 'annotation')} ${bad.join(', ')}` };
}

function unconfinedSetters({ spec }: PodView): Violation | undefined {
  const isBad = (type: string | undefined): type is string => type !== undefined && !confined.has(type);
  const bad = namesOf(spec, (c) => isBad(seccompOf(c.securityContext)));
  const who = setters(isBad(seccompOf(spec.securityContext)), bad);
  if (who === '') return undefined;
  const types = [seccompOf(spec.securityContext), ...allContainers(spec).map((c) => seccompOf(c.securityContext))];
  const values = quoted(sorted(types.filter(isBad)));
  return { reason: 'seccompProfile', detail: `${who} must not set securityContext.seccompProfile.type to ${values}` };
}

function unconfined(pod: PodView): Violation | undefined {
  const violation = unconfinedSetters(pod);
  if (violation || seccompOf(pod.spec.securityContext) !== undefined) return violation;
  const silent = namesOf(pod.spec, (c) => seccompOf(c.securityContext) === undefined);
  if (silent.length === 0) return undefined;
  const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason: 'seccompProfile', detail: `pod or ${containersText(silent)} ${must}` };
}

export const seccompRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, run: unconfined, overrides: ['seccompProfile_baseline'] },
    { since: 25, run: unlessWindows(unconfined), overrides: ['seccompProfile_baseline'] },
  ],
};
