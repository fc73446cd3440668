import type { Environment } from '@marcbachmann/cel-js';

/** What the caller is asked: may the user of the request, or that ServiceAccount, do this? */
export interface AuthorizationQuestion {
  readonly verb: string;
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

type Ask = (question: AuthorizationQuestion) => { allowed: boolean; reason?: string };

/** The variable `authorizer` of admission policies. */
export class CelAuthorizer {
  readonly requestResource: ResourceCheck;
  readonly #ask: Ask;
  readonly #serviceAccount: AuthorizationQuestion['serviceAccount'];

  /** @param requested what the request itself is about */
  constructor(
    ask: Ask,
    requested: Omit<AuthorizationQuestion, 'verb'> = {},
    serviceAccount?: AuthorizationQuestion['serviceAccount'],
  ) {
    this.#ask = ask;
    this.#serviceAccount = serviceAccount;
    this.requestResource = new ResourceCheck(ask, requested);
  }

  path(path: string): PathCheck {
    return new PathCheck(this.#ask, { path, ...this.#who });
  }

  group(group: string): GroupCheck {
    return new GroupCheck(this.#ask, { group, ...this.#who });
  }

  serviceAccount(namespace: string, name: string): CelAuthorizer {
    return new CelAuthorizer(this.#ask, {}, { namespace, name });
  }

  get #who(): Pick<AuthorizationQuestion, 'serviceAccount'> {
    return this.#serviceAccount ? { serviceAccount: this.#serviceAccount } : {};
  }
}

class Check {
  readonly ask: Ask;
  readonly question: Omit<AuthorizationQuestion, 'verb'>;
  constructor(ask: Ask, question: Omit<AuthorizationQuestion, 'verb'>) {
    this.ask = ask;
    this.question = question;
  }
  check(verb: string): CelDecision {
    return new CelDecision(this.ask({ ...this.question, verb }));
  }
}

class PathCheck extends Check {}
class GroupCheck extends Check {}
class ResourceCheck extends Check {
  with(part: Partial<AuthorizationQuestion>): ResourceCheck {
    return new ResourceCheck(this.ask, { ...this.question, ...part });
  }
}

class CelDecision {
  readonly isAllowed: boolean;
  readonly why: string;
  constructor({ allowed, reason = '' }: { allowed: boolean; reason?: string }) {
    this.isAllowed = allowed;
    this.why = reason;
  }
}

const prefix = 'kubernetes.authorization';

/** authorizer.* (k8s.io/apiserver/pkg/cel/library/authz.go). */
export function registerAuthorizer(environment: Environment): void {
  const [root, path, group, resource, decision] = [
    'Authorizer',
    'PathCheck',
    'GroupCheck',
    'ResourceCheck',
    'Decision',
  ].map((name) => `${prefix}.${name}`) as [string, string, string, string, string];
  environment.registerType(decision, CelDecision);
  environment.registerType(path, PathCheck);
  environment.registerType(group, GroupCheck);
  environment.registerType(resource, ResourceCheck);
  environment.registerType(root, { ctor: CelAuthorizer, fields: { requestResource: resource } });
  environment.registerVariable('authorizer', root);
  const define = (signature: string, run: (...args: never[]) => unknown) =>
    environment.registerFunction(signature, run as (...args: unknown[]) => unknown);
  define(`${root}.path(string): ${path}`, (a: CelAuthorizer, text: string) => a.path(text));
  define(`${root}.group(string): ${group}`, (a: CelAuthorizer, name: string) => a.group(name));
  define(`${root}.serviceAccount(string, string): ${root}`, (a: CelAuthorizer, namespace: string, name: string) =>
    a.serviceAccount(namespace, name),
  );
  define(
    `${group}.resource(string): ${resource}`,
    (g: GroupCheck, name: string) => new ResourceCheck(g.ask, { ...g.question, resource: name }),
  );
  for (const part of ['subresource', 'namespace', 'name'] as const) {
    define(`${resource}.${part}(string): ${resource}`, (r: ResourceCheck, text: string) => r.with({ [part]: text }));
  }
  for (const type of [path, resource]) {
    define(`${type}.check(string): ${decision}`, (c: Check, verb: string) => c.check(verb));
  }
  define(`${decision}.allowed(): bool`, (d: CelDecision) => d.isAllowed);
  define(`${decision}.reason(): string`, (d: CelDecision) => d.why);
  define(`${decision}.errored(): bool`, () => false);
  define(`${decision}.error(): string`, () => '');
}
