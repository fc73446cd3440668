import { build } from './builder/build.ts';
import { attach } from './container/attach.ts';
import { commit } from './container/commit.ts';
import { cp } from './container/cp.ts';
import { create } from './container/create.ts';
import { diff } from './container/diff.ts';
import { exec } from './container/exec.ts';
import { exportContainer } from './container/export.ts';
import { kill } from './container/kill.ts';
import { logs } from './container/logs.ts';
import { ls as listContainers } from './container/ls.ts';
import { pause } from './container/pause.ts';
import { port } from './container/port.ts';
import { prune as pruneContainers } from './container/prune.ts';
import { rename } from './container/rename.ts';
import { restart } from './container/restart.ts';
import { rm } from './container/rm.ts';
import { run } from './container/run.ts';
import { start } from './container/start.ts';
import { stats } from './container/stats.ts';
import { stop } from './container/stop.ts';
import { top } from './container/top.ts';
import { unpause } from './container/unpause.ts';
import { update } from './container/update.ts';
import { wait } from './container/wait.ts';
import { renamed, type Command } from './framework/command.ts';
import { history } from './image/history.ts';
import { importImage } from './image/import.ts';
import { load } from './image/load.ts';
import { ls as listImages } from './image/ls.ts';
import { prune as pruneImages } from './image/prune.ts';
import { pull } from './image/pull.ts';
import { push } from './image/push.ts';
import { rm as rmi } from './image/rm.ts';
import { save } from './image/save.ts';
import { search } from './image/search.ts';
import { tag } from './image/tag.ts';
import { df } from './system/df.ts';
import { events } from './system/events.ts';
import { info } from './system/info.ts';
import { typedInspect } from './system/inspect.ts';
import { prune as pruneSystem } from './system/prune.ts';

export const container: Command = {
  use: 'container',
  short: 'Manage containers',
  group: 'management',
  commands: [
    attach, commit, cp, create, diff, exec, exportContainer,
    typedInspect('container', 'inspect [OPTIONS] CONTAINER [CONTAINER...]', 'Display detailed information on one or more containers', true),
    kill, logs, listContainers, pause, port, pruneContainers, rename, restart, rm, run, start, stats, stop, top, unpause, update, wait,
  ], // prettier-ignore
};

export const image: Command = {
  use: 'image',
  short: 'Manage images',
  group: 'management',
  commands: [
    build, history, importImage,
    typedInspect('image', 'inspect [OPTIONS] IMAGE [IMAGE...]', 'Display detailed information on one or more images'),
    load, listImages, pruneImages, pull, push, rmi, save, tag,
  ], // prettier-ignore
};

export const system: Command = {
  use: 'system',
  short: 'Manage Docker',
  group: 'management',
  commands: [
    df,
    events,
    info,
    pruneSystem,
    {
      use: 'dial-stdio',
      short: 'Proxy the stdio stream to the daemon connection. Should not be invoked manually.',
      hidden: true,
      args: [0, 0],
      run: async ({ client }) => void (await client.ping()),
    },
  ],
};

/** Commands of containers and images that stand at the top level, too. */
export const shortcuts: readonly Command[] = [
  attach, commit, cp, create, diff, events, exec, exportContainer, history, renamed(listImages, 'images'), importImage, info, kill,
  load, logs, pause, port, renamed(listContainers, 'ps'), pull, push, rename, restart, renamed(rm, 'rm'), renamed(rmi, 'rmi'), run, save,
  search, start, stats, stop, tag, top, unpause, update, wait,
]; // prettier-ignore
