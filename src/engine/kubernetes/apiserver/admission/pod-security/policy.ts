import { invalid, type FieldError } from '../../../apimachinery/field-error.ts';

/** The Pod Security levels and versions that a namespace's labels name (k8s.io/pod-security-admission/api). */

export type Level = 'privileged' | 'baseline' | 'restricted';

/** A level as some minor version of Kubernetes understood it; Infinity is the newest. */
export interface LevelVersion {
  readonly level: Level;
  readonly minor: number;
}

export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
  /** Wrong labels. */
  readonly errors: readonly FieldError[];
}

const levels: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const prefix = 'pod-security.kubernetes.io/';
const privileged: LevelVersion = { level: 'privileged', minor: Infinity };
const unrestricted: Policy = { enforce: privileged, audit: privileged, warn: privileged, errors: [] };

const policies = new WeakMap<object, Policy>();

/** The policy of a namespace by its labels. */
export function policyOf(labels: Readonly<Record<string, string>> | undefined): Policy {
  if (!labels) return unrestricted;
  let policy = policies.get(labels);
  if (!policy) {
    const has = Object.keys(labels).some((name) => name.startsWith(prefix));
    policies.set(labels, (policy = has ? readPolicy(labels) : unrestricted));
  }
  return policy;
}

export function isUnrestricted({ enforce, audit, warn, errors }: Policy): boolean {
  return errors.length === 0 && [enforce, audit, warn].every(({ level }) => level === 'privileged');
}

/** Negative, zero or positive: how strict one level is in comparison. */
export function compareLevels(a: Level, b: Level): number {
  return levels.indexOf(a) - levels.indexOf(b);
}

export function sameLevelVersion(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.minor === b.minor;
}

/** `restricted:latest`, `baseline:v1.24`. */
export function levelVersionText({ level, minor }: LevelVersion): string {
  return `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`;
}

function readPolicy(labels: Readonly<Record<string, string>>): Policy {
  const errors: FieldError[] = [];
  const wrong = (name: string, value: string, detail: string) =>
    void errors.push(invalid(`metadata.labels[${name}]`, value, detail));
  const read = (mode: string): { value: LevelVersion; hasLevel: boolean; hasVersion: boolean; valid: boolean } => {
    const [levelLabel, versionLabel] = [prefix + mode, `${prefix}${mode}-version`];
    const [level, version] = [labels[levelLabel], labels[versionLabel]];
    let minor = Infinity;
    let known: Level = 'privileged';
    let valid = false;
    if (level !== undefined) {
      valid = (levels as readonly string[]).includes(level);
      if (!valid) wrong(levelLabel, level, `must be one of ${levels.join(', ')}`);
      // What is not understood is taken for the strictest.
      known = valid ? (level as Level) : 'restricted';
    }
    if (version !== undefined && version !== 'latest') {
      const parts = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(version);
      if (parts) minor = Number(parts[1]);
      else wrong(versionLabel, version, 'must be "latest" or "v1.x"');
    }
    return { value: { level: known, minor }, hasLevel: level !== undefined, hasVersion: version !== undefined, valid };
  };
  const enforce = read('enforce');
  const audit = read('audit');
  const own = read('warn');
  let warn = own.value;
  // Who enforces more than is warned of by default is warned of it, too.
  if (!own.hasLevel && enforce.valid && compareLevels(enforce.value.level, warn.level) > 0) {
    warn = { level: enforce.value.level, minor: own.hasVersion ? warn.minor : enforce.value.minor };
  }
  return { enforce: enforce.value, audit: audit.value, warn, errors };
}
