import type { Process, Program } from '../../../process/index.ts';
import { Deferred, FsError, type Cancellation, type Duplex } from '../../../world/index.ts';
import { Connections } from '../lib/connections.ts';
import { AddressInUse } from '../service.ts';
import { Client, type RedisHost } from './client-session.ts';
import { ConfigProblem, readConfig, type RedisConfig } from './config.ts';
import { runData } from './commands.ts';
import { Persistence } from './persistence.ts';
import { encodeReply, ProtocolError, RespReader } from './resp.ts';
import { Keyspace } from './store.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** redis-server. */
export const redisServer: Program = async (process) => {
  const version = process.env.get('REDIS_VERSION') ?? '8.4.0';
  if (process.argv.some((a) => a === '--version' || a === '-v')) {
    await process.print(
      `Redis server v=${version} sha=00000000:1 malloc=jemalloc-5.3.0 bits=64 build=7a5f2e3b1c9d8e46\n`,
    );
    return 0;
  }
  try {
    const { config, given } = readConfig(process);
    return await new RedisServer(process, version, config, given).run();
  } catch (error) {
    if (!(error instanceof ConfigProblem)) throw error;
    await process.printError(`${error.message}\n`);
    return 1;
  }
};

class RedisServer implements RedisHost {
  readonly process: Process;
  readonly version: string;
  readonly config: RedisConfig;
  readonly databases: Keyspace[];
  readonly clients = new Set<Client>();
  readonly started: number;
  commandsProcessed = 0;
  connectionsReceived = 0;
  dirty = 0;
  lastSave: number;
  readonly #given: boolean;
  readonly #persistence: Persistence;
  readonly #stopped: Deferred<'SIGTERM' | 'SIGINT' | 'SHUTDOWN' | 'NOSAVE'>;
  #nextClient = 1;

  constructor(process: Process, version: string, config: RedisConfig, given: boolean) {
    this.process = process;
    this.version = version;
    this.config = config;
    this.#given = given;
    const { clock } = process.world;
    this.databases = Array.from(
      { length: Number(config.get('databases')) || 16 },
      () => new Keyspace(() => clock.now()),
    );
    const owner = process.user.uid === 0 ? { uid: 999, gid: 1000 } : { uid: process.user.uid, gid: process.user.gid };
    this.#persistence = new Persistence(process.machine.fs, config, version, owner);
    this.started = this.lastSave = clock.now();
    this.#stopped = new Deferred(process.world.queue);
  }

  log(role: 'C' | 'M', level: '*' | '#' | '-', text: string): Promise<void> {
    const d = new Date(this.process.world.clock.now());
    const date = `${String(d.getUTCDate()).padStart(2, '0')} ${months[d.getUTCMonth()]} ${d.getUTCFullYear()} ${d.toISOString().slice(11, 23)}`;
    return this.process.print(`${this.process.pid}:${role} ${date} ${level} ${text}\n`);
  }

  async run(): Promise<number> {
    const { process, config, version } = this;
    const port = Number(config.get('port'));
    await this.log('C', '*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo');
    await this.log(
      'C',
      '*',
      `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`,
    );
    if (this.#given) await this.log('C', '*', 'Configuration loaded');
    else
      await this.log(
        'C',
        '#',
        'Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf',
      );
    await this.log('M', '*', 'monotonic clock: POSIX clock_gettime');
    const connections = new Connections(process);
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.onSignal(signal, () => {
        void process.print(
          `${process.pid}:signal-handler (${Math.floor(process.world.clock.now() / 1000)}) Received ${signal} scheduling shutdown...\n`,
        );
        this.#stopped.resolve(signal);
      });
    const bind = (config.get('bind') ?? '').split(' ')[0] ?? '';
    const address = bind === '127.0.0.1' || bind === 'localhost' ? '127.0.0.1' : '0.0.0.0';
    let listener;
    try {
      listener = process.machine.net.listen(
        port,
        connections.server((c, peer, cancel) => this.#serve(c, peer, cancel)),
        address,
        { pid: process.pid, name: 'redis-server' },
      );
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      await this.log(
        'M',
        '#',
        `Warning: Could not create server TCP listening socket *:${port}: bind: Address already in use`,
      );
      await this.log('M', '#', 'Failed listening on port ' + port + ' (tcp), aborting.');
      return 1;
    }
    try {
      await this.log('M', '*', `Running mode=standalone, port=${port}.`);
      await this.log('M', '*', 'Server initialized');
      await this.#load();
      await this.log('M', '*', 'Ready to accept connections tcp');
      const why = await this.#stopped.wait(process.cancel);
      await this.log('M', '*', 'User requested shutdown...');
      return await this.#shutDown(why !== 'NOSAVE');
    } finally {
      listener.close();
      connections.close();
    }
  }

  async #load(): Promise<void> {
    const { clock } = this.process.world;
    if (this.#persistence.appends) {
      const context = (db: number) => ({
        db: this.databases[db]!,
        now: clock.now(),
        random: (n: number) => this.random(n),
      });
      if (await this.#persistence.replay((db, words) => void this.#replayOne(words, context(db)))) {
        await this.log('M', '*', 'DB loaded from append only file: 0.001 seconds');
        return;
      }
    }
    const loaded = this.#persistence.load(this.databases, clock.now());
    if (!loaded) return;
    await this.log('M', '*', `Loading RDB produced by version ${loaded.version}`);
    await this.log('M', '*', `RDB age ${Math.floor(loaded.age / 1000)} seconds`);
    await this.log('M', '*', `Done loading RDB, keys loaded: ${loaded.keys}, keys expired: 0.`);
    await this.log('M', '*', 'DB loaded from disk: 0.000 seconds');
  }

  #replayOne(words: readonly string[], context: Parameters<typeof runData>[1]): void {
    if (/^flushall$/i.test(words[0] ?? '')) for (const db of this.databases) db.clear();
    else if (/^flushdb$/i.test(words[0] ?? '')) context.db.clear();
    else runData(words, context);
  }

  async #shutDown(save: boolean): Promise<number> {
    if (this.#persistence.appends) await this.log('M', '*', 'Calling fsync() on the AOF file.');
    if (save && this.config.get('save') !== '') {
      await this.log('M', '*', 'Saving the final RDB snapshot before exiting.');
      const problem = this.save();
      if (problem !== undefined) {
        await this.log(
          'M',
          '#',
          `Failed opening the temp RDB file temp-${this.process.pid}.rdb (in server root dir ${this.config.get('dir')}) for saving: ${problem}`,
        );
        await this.log('M', '#', "Error trying to save the DB, can't exit.");
      } else await this.log('M', '*', 'DB saved on disk');
    }
    await this.log('M', '#', 'Redis is now ready to exit, bye bye...');
    return 0;
  }

  random(bound: number): number {
    return this.process.world.random.stream('redis').int(bound);
  }

  /** Writes the snapshot. @returns why that failed */
  save(): string | undefined {
    try {
      this.#persistence.save(this.databases);
      this.dirty = 0;
      this.lastSave = this.process.world.clock.now();
      return undefined;
    } catch (error) {
      if (error instanceof FsError) return error.message;
      throw error;
    }
  }

  stop(save: boolean): void {
    this.#stopped.resolve(save ? 'SHUTDOWN' : 'NOSAVE');
  }

  changed(db: number, words: readonly string[]): void {
    if (this.#persistence.appends) this.#persistence.append(db, words);
    if (this.dirty++ === 0) this.#plan();
  }

  /** The save points: so many seconds after a change, if there were so many changes. */
  #plan(): void {
    const { process } = this;
    const points = (this.config.get('save') ?? '').split(' ').map(Number);
    const since = this.lastSave;
    for (let i = 0; i + 1 < points.length; i += 2) {
      const [seconds = 0, changes = 1] = [points[i], points[i + 1]];
      process.world.queue.after(seconds * 1000, () => {
        if (process.cancel.cancelled || this.#stopped.settled || this.lastSave !== since || this.dirty < changes)
          return;
        void this.log('M', '*', `${changes} changes in ${seconds} seconds. Saving...`);
        this.save();
        void this.log('M', '*', 'Background saving terminated with success');
      });
    }
  }

  async #serve(
    connection: Duplex,
    peer: { address?: string; port?: number } | undefined,
    cancel: Cancellation,
  ): Promise<void> {
    this.connectionsReceived++;
    const client = new Client(this, this.#nextClient++, `${peer?.address ?? '127.0.0.1'}:${peer?.port ?? 0}`, (text) =>
      connection.writer.write(text, cancel),
    );
    this.clients.add(client);
    const reader = new RespReader(connection.reader, cancel);
    try {
      while (!client.quit) {
        const words = await reader.command();
        if (!words) return;
        if (words.length === 0) continue;
        this.process.charge(0.02);
        this.commandsProcessed++;
        const reply = client.run(words);
        if (reply) await client.send(encodeReply(reply));
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      await client.send(`-ERR Protocol error: ${error.message}\r\n`);
    } finally {
      this.clients.delete(client);
    }
  }
}
