import type { Command } from '../framework/command.ts';
import { alpha } from './alpha.ts';
import { annotate } from './annotate.ts';
import { apply } from './apply.ts';
import { autoscale } from './autoscale.ts';
import { create } from './create/index.ts';
import { deleteCommand } from './delete.ts';
import { diff } from './diff.ts';
import { edit } from './edit.ts';
import { apiResources } from './api-resources.ts';
import { apiVersions } from './api-versions.ts';
import { auth } from './auth/index.ts';
import { clusterInfo } from './cluster-info.ts';
import { config } from './config/index.ts';
import { certificate } from './certificate.ts';
import { attach } from './attach.ts';
import { completeCommand, completion } from './completion.ts';
import { cp } from './cp.ts';
import { debug } from './debug.ts';
import { exec } from './exec.ts';
import { portForward } from './port-forward.ts';
import { proxy } from './proxy.ts';
import { cordon, uncordon } from './cordon.ts';
import { describe } from './describe.ts';
import { drain } from './drain.ts';
import { events } from './events.ts';
import { explain } from './explain.ts';
import { logs } from './logs.ts';
import { options } from './options.ts';
import { plugin } from './plugin.ts';
import { rollout } from './rollout/index.ts';
import { taint } from './taint.ts';
import { top } from './top/index.ts';
import { version } from './version.ts';
import { wait } from './wait.ts';
import { expose } from './expose.ts';
import { get } from './get.ts';
import { kustomize } from './kustomize.ts';
import { label } from './label.ts';
import { patch } from './patch.ts';
import { replace } from './replace.ts';
import { runCommand } from './run.ts';
import { scale } from './scale.ts';
import { set } from './set/index.ts';
import { globalFlags } from '../framework/globals.ts';

const beginner = 'Basic Commands (Beginner):';
const intermediate = 'Basic Commands (Intermediate):';
const deploy = 'Deploy Commands:';
const management = 'Cluster Management Commands:';
const troubleshooting = 'Troubleshooting and Debugging Commands:';
const advanced = 'Advanced Commands:';
const settings = 'Settings Commands:';
const other = 'Other Commands:';

/** All commands under the headings of `kubectl --help`, in its order. A verb is one file here and one line. */
const registry: readonly [group: string, commands: readonly Command[]][] = [
  [beginner, [create, expose, runCommand, set]],
  [intermediate, [explain, get, edit, deleteCommand]],
  [deploy, [rollout, scale, autoscale]],
  [management, [certificate, clusterInfo, top, cordon, uncordon, drain, taint]],
  [troubleshooting, [describe, logs, attach, exec, portForward, proxy, cp, auth, debug, events]],
  [advanced, [diff, apply, patch, replace, wait, kustomize]],
  [settings, [label, annotate, completion]],
  [other, [alpha, apiResources, apiVersions, config, options, plugin, version, completeCommand]],
];

export const root: Command = {
  use: 'kubectl [flags]',
  short: 'kubectl talks to the control plane of a Kubernetes cluster',
  long: 'kubectl talks to the control plane of a Kubernetes cluster.\n\nFind more information at: https://kubernetes.io/docs/reference/kubectl/',
  flags: globalFlags,
  commands: registry.flatMap(([group, commands]) => commands.map((command) => ({ ...command, group }))),
};
