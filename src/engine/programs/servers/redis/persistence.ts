import type { FileSystem } from '../../../world/index.ts';
import type { RedisConfig } from './config.ts';
import { encodeCommand, RespReader } from './resp.ts';
import { Keyspace } from './store.ts';
import { Cancellation, concatBytes, readerOf, toBytes } from '../../../world/index.ts';

/** What Redis keeps on a disk: a snapshot (dump.rdb), or a file that commands are appended to. */
export class Persistence {
  readonly #fs: FileSystem;
  readonly #config: RedisConfig;
  readonly #version: string;
  readonly #owner: { uid: number; gid: number };
  #lastDb = -1;

  constructor(fs: FileSystem, config: RedisConfig, version: string, owner: { uid: number; gid: number }) {
    this.#fs = fs;
    this.#config = config;
    this.#version = version;
    this.#owner = owner;
  }

  get snapshotFile(): string {
    return `${this.#config.get('dir')}/${this.#config.get('dbfilename')}`;
  }

  get appendFile(): string {
    return `${this.#config.get('dir')}/${this.#config.get('appenddirname')}/appendonly.aof.1.incr.aof`;
  }

  get appends(): boolean {
    return this.#config.get('appendonly') === 'yes';
  }

  /** @throws FsError */
  save(databases: readonly Keyspace[]): void {
    const all = databases.map((db, i) => [i, db.dump()] as const).filter(([, entries]) => entries.length > 0);
    this.#fs.writeFile(this.snapshotFile, `REDIS0012\nredis-ver ${this.#version}\n${JSON.stringify(all)}\n`, {
      mode: 0o600,
      ...this.#owner,
    });
  }

  /** @returns the version that wrote it, the number of keys and the file's age in ms; undefined if there is none */
  load(databases: readonly Keyspace[], now: number): { version: string; keys: number; age: number } | undefined {
    const node = this.#fs.lookup(this.snapshotFile);
    if (node?.type !== 'file') return undefined;
    const [, version = '', json = '[]'] = new TextDecoder().decode(node.data).split('\n');
    for (const [i, entries] of JSON.parse(json) as [number, never[]][]) databases[i]?.load(entries);
    return {
      version: version.replace('redis-ver ', ''),
      keys: databases.reduce((n, db) => n + db.keys().length, 0),
      age: now - node.mtime,
    };
  }

  /** @throws FsError */
  append(db: number, words: readonly string[]): void {
    const file = this.appendFile;
    const select = db === this.#lastDb ? '' : encodeCommand(['SELECT', String(db)]);
    this.#lastDb = db;
    const node = this.#fs.lookup(file);
    const before = node?.type === 'file' ? node.data : new Uint8Array();
    if (!node) this.#fs.mkdir(file.replace(/\/[^/]*$/, ''), { recursive: true, mode: 0o755, ...this.#owner });
    this.#fs.writeFile(file, concatBytes([before, toBytes(select + encodeCommand(words))]), {
      mode: 0o644,
      ...this.#owner,
    });
  }

  /** Runs the appended commands again. @returns whether there were any */
  async replay(run: (db: number, words: readonly string[]) => void): Promise<boolean> {
    const node = this.#fs.lookup(this.appendFile);
    if (node?.type !== 'file') return false;
    const reader = new RespReader(readerOf(node.data), new Cancellation());
    let db = 0;
    for (let words = await reader.command(); words; words = await reader.command()) {
      if (words[0]?.toUpperCase() === 'SELECT') db = Number(words[1]);
      else run(db, words);
    }
    return true;
  }
}
