import type { FlagSpec, FlagValues } from './flags.ts';

/** Flags of every command (`kubectl options`). */
export const globalFlags: readonly FlagSpec[] = (
  [
    { name: 'as', type: 'string', usage: 'User name to act as: a person, or a service account of a namespace.' },
    { name: 'as-group', type: 'stringArray', usage: 'Group to act as a member of; may be given several times.' },
    { name: 'as-uid', type: 'string', usage: 'UID to act as.' },
    {
      name: 'as-user-extra',
      type: 'stringArray',
      usage: 'Extra field (key=value) of the user to act as; may be given several times.',
    },
    {
      name: 'cache-dir',
      type: 'string',
      shownDefault: "'/home/learner/.kube/cache'",
      usage: 'Directory for cached answers of the server.',
    },
    {
      name: 'certificate-authority',
      type: 'string',
      usage: 'File with the certificate of the authority that signed the server certificate.',
    },
    { name: 'client-certificate', type: 'string', usage: 'File with the client certificate for TLS.' },
    { name: 'client-key', type: 'string', usage: 'File with the client key for TLS.' },
    { name: 'cluster', type: 'string', usage: 'Cluster entry of the kubeconfig to use.' },
    { name: 'context', type: 'string', usage: 'Context entry of the kubeconfig to use.' },
    { name: 'disable-compression', type: 'bool', usage: 'If true, responses are not compressed.' },
    {
      name: 'insecure-skip-tls-verify',
      type: 'bool',
      usage: "If true, the server's certificate is not checked, which makes HTTPS insecure.",
    },
    { name: 'kubeconfig', type: 'string', usage: 'The kubeconfig file to use.' },
    { name: 'kuberc', type: 'string', usage: 'File with preferences for kubectl.' },
    {
      name: 'log-flush-frequency',
      notSimulated: true,
      type: 'duration',
      default: 5000,
      usage: 'Longest time between two writes of the log.',
    },
    { name: 'match-server-version', type: 'bool', usage: 'Fail unless client and server have the same version.' },
    { name: 'namespace', shorthand: 'n', type: 'string', usage: 'The namespace to work in.' },
    { name: 'password', type: 'string', usage: 'Password for basic authentication.' },
    {
      name: 'profile',
      notSimulated: true,
      type: 'string',
      default: 'none',
      usage: 'Profile to take. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)',
    },
    {
      name: 'profile-output',
      notSimulated: true,
      type: 'string',
      default: 'profile.pprof',
      usage: 'File that the profile is written to.',
    },
    {
      name: 'request-timeout',
      type: 'string',
      default: '0',
      usage: 'How long one request may take, with a unit (1s, 2m, 3h). Zero means without end.',
    },
    { name: 'server', shorthand: 's', type: 'string', usage: 'Address and port of the API server.' },
    {
      name: 'tls-server-name',
      type: 'string',
      usage: "Name that the server's certificate must carry, if it isn't the host name of its address.",
    },
    { name: 'token', type: 'string', usage: 'Bearer token to authenticate with.' },
    { name: 'user', type: 'string', usage: 'User entry of the kubeconfig to use.' },
    { name: 'username', type: 'string', usage: 'User name for basic authentication.' },
    { name: 'v', shorthand: 'v', type: 'int32', usage: 'How much to log: a number, higher for more.' },
    {
      name: 'vmodule',
      notSimulated: true,
      type: 'string',
      shownDefault: '',
      usage: 'Log levels by file: comma-separated pattern=N.',
    },
    {
      name: 'warnings-as-errors',
      type: 'bool',
      usage: 'Treat warnings of the server as errors and exit with a non-zero status.',
    },
  ] satisfies FlagSpec[]
).map((flag: FlagSpec) => ({ ...flag, persistent: true }));

const byName = new Map(globalFlags.map((flag) => [flag.name, flag]));

/** Whether a name means the global flag here: `create rolebinding --user` hides the global `--user`. */
export function isGlobal(flags: FlagValues, name: string): boolean {
  return flags.spec(name) === byName.get(name);
}

/** A global flag of type string; '' where the command has a flag of its own by that name. */
export function globalString(flags: FlagValues, name: string): string {
  return isGlobal(flags, name) ? flags.string(name) : '';
}
