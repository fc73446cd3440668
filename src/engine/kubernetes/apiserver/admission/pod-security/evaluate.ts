import { baselineChecks } from './baseline.ts';
import type { Check, PodView, Violation } from './check.ts';
import type { Level, LevelVersion } from './policy.ts';
import { restrictedChecks } from './restricted.ts';
import { appArmor, seccompBaseline, seccompRestricted, seLinuxOptions } from './security-modules.ts';

type Run = (pod: PodView) => Violation | undefined;

const byId = (a: Check, b: Check) => (a.id < b.id ? -1 : 1);

/** Baseline's first, then restricted's, each by id: the order in which violations are told. */
const checks: readonly Check[] = [
  ...[...baselineChecks, appArmor, seccompBaseline, seLinuxOptions].sort(byId),
  ...[...restrictedChecks, seccompRestricted].sort(byId),
];

const newest = Math.max(...checks.flatMap(({ versions }) => versions.map(({ since }) => since)));
const runs = new Map<string, readonly Run[]>();

/** What a Pod does that its level does not allow. */
export function violations({ level, minor }: LevelVersion, pod: PodView): Violation[] {
  if (level === 'privileged') return [];
  const result: Violation[] = [];
  for (const run of runsOf(level, Math.min(minor, newest))) {
    const violation = run(pod);
    if (violation) result.push(violation);
  }
  return result;
}

/** `host namespaces (hostNetwork=true), privileged (…)`. */
export function violationDetails(found: readonly Violation[]): string {
  return found.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ');
}

/** `host namespaces, privileged`. */
export function violationReasons(found: readonly Violation[]): string {
  return found.map(({ reason }) => reason).join(', ');
}

function runsOf(level: Level, minor: number): readonly Run[] {
  const key = `${level} ${minor}`;
  let known = runs.get(key);
  if (!known) {
    const inForce = checks
      .filter((check) => level === 'restricted' || check.level === 'baseline')
      .flatMap((check) => {
        const version = check.versions.findLast(({ since }) => since <= minor);
        return version ? [{ id: check.id, ...version }] : [];
      });
    const overridden = new Set(inForce.flatMap(({ overrides = [] }) => overrides));
    runs.set(key, (known = inForce.filter(({ id }) => !overridden.has(id)).map(({ run }) => run)));
  }
  return known;
}
