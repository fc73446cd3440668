import type { Process } from '../../../process/index.ts';
import { dataCommands, runData } from './commands.ts';
import type { RedisConfig } from './config.ts';
import { infoText } from './info.ts';
import { array, bulk, bulks, encodeReply, error, integer, nil, ok, type Reply } from './resp.ts';
import { matchesGlob, type Keyspace } from './store.ts';

/** The server as its clients need it. */
export interface RedisHost {
  readonly process: Process;
  readonly version: string;
  readonly config: RedisConfig;
  readonly databases: readonly Keyspace[];
  readonly clients: ReadonlySet<Client>;
  readonly started: number;
  readonly commandsProcessed: number;
  readonly connectionsReceived: number;
  readonly dirty: number;
  readonly lastSave: number;
  random(bound: number): number;
  save(): string | undefined;
  stop(save: boolean): void;
  changed(db: number, words: readonly string[]): void;
}

/** One connection: who it is, which database it uses, what it waits to run together. */
export class Client {
  readonly id: number;
  readonly address: string;
  readonly send: (text: string) => Promise<void>;
  readonly #host: RedisHost;
  readonly #since: number;
  #db = 0;
  #name = '';
  #authenticated: boolean;
  #queued: string[][] | undefined;
  #queueFailed = false;
  readonly channels = new Set<string>();
  monitors = false;
  quit = false;

  constructor(host: RedisHost, id: number, address: string, send: (text: string) => Promise<void>) {
    this.#host = host;
    this.id = id;
    this.address = address;
    this.send = send;
    this.#since = host.process.world.clock.now();
    this.#authenticated = host.config.get('requirepass') === '';
  }

  run(words: readonly string[]): Reply | undefined {
    const name = words[0]!.toLowerCase();
    if (!this.#authenticated && this.#host.config.get('requirepass') !== '' && !/^(auth|hello|quit|reset)$/.test(name))
      return error('NOAUTH Authentication required.');
    if (this.#queued && !/^(multi|exec|discard|quit)$/.test(name)) return this.#queue(name, words);
    if (this.channels.size > 0 && !/^(p?subscribe|p?unsubscribe|ping|quit|reset)$/.test(name))
      return error(
        `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      );
    return this.#execute(name, words);
  }

  #queue(name: string, words: readonly string[]): Reply {
    if (!Object.hasOwn(dataCommands, name) && !serverCommands.has(name)) {
      this.#queueFailed = true;
      return this.#unknown(words);
    }
    this.#queued!.push([...words]);
    return { kind: 'status', text: 'QUEUED' };
  }

  #unknown(words: readonly string[]): Reply {
    const args = words
      .slice(1, 21)
      .map((w) => `'${w}' `)
      .join('');
    return error(`ERR unknown command '${words[0]}', with args beginning with: ${args}`);
  }

  #execute(name: string, words: readonly string[]): Reply | undefined {
    const host = this.#host;
    const { clock } = host.process.world;
    for (const other of host.clients)
      if (other.monitors && other !== this && name !== 'auth')
        void other
          .send(
            `+${(clock.now() / 1000).toFixed(6)} [${this.#db} ${this.address}] ${words.map((w) => JSON.stringify(w)).join(' ')}\r\n`,
          )
          .catch(() => {});
    const command = Object.hasOwn(dataCommands, name) ? dataCommands[name] : undefined;
    if (!command) return this.#server(name, words.slice(1), words);
    const reply = runData(words, { db: host.databases[this.#db]!, now: clock.now(), random: (n) => host.random(n) })!;
    if (command.writes && reply.kind !== 'error') host.changed(this.#db, absolute(words, clock.now()));
    return reply;
  }

  #server(name: string, args: readonly string[], words: readonly string[]): Reply | undefined {
    const host = this.#host;
    const { clock } = host.process.world;
    const wrong = () => error(`ERR wrong number of arguments for '${name}' command`);
    switch (name) {
      case 'ping':
        return args.length > 1 ? wrong() : args.length === 1 ? bulk(args[0]) : { kind: 'status', text: 'PONG' };
      case 'echo':
        return args.length === 1 ? bulk(args[0]) : wrong();
      case 'auth':
        return this.#auth(args);
      case 'quit':
        this.quit = true;
        return ok;
      case 'select': {
        const n = Number(args[0]);
        if (args.length !== 1) return wrong();
        if (!Number.isInteger(n)) return error('ERR value is not an integer or out of range');
        if (n < 0 || n >= host.databases.length) return error('ERR DB index is out of range');
        this.#db = n;
        return ok;
      }
      case 'dbsize':
        return integer(host.databases[this.#db]!.keys().length);
      case 'flushdb':
      case 'flushall':
        for (const db of name === 'flushall' ? host.databases : [host.databases[this.#db]!]) db.clear();
        host.changed(this.#db, [name]);
        return ok;
      case 'info':
        return bulk(infoText(host, args[0]?.toLowerCase()));
      case 'config':
        return this.#config(args);
      case 'save': {
        const problem = host.save();
        return problem === undefined ? ok : error('ERR');
      }
      case 'bgsave': {
        const problem = host.save();
        return problem === undefined ? { kind: 'status', text: 'Background saving started' } : error('ERR');
      }
      case 'lastsave':
        return integer(Math.floor(host.lastSave / 1000));
      case 'shutdown':
        host.stop(args[0]?.toUpperCase() !== 'NOSAVE');
        return undefined;
      case 'time':
        return bulks([String(Math.floor(clock.now() / 1000)), String(Math.floor(clock.now() % 1000) * 1000)]);
      case 'client':
        return this.#client(args);
      case 'command':
        return args[0]?.toUpperCase() === 'COUNT'
          ? integer(Object.keys(dataCommands).length + serverCommands.size)
          : array([]);
      case 'role':
        return array([bulk('master'), integer(0), array([])]);
      case 'monitor':
        this.monitors = true;
        return ok;
      case 'multi':
        if (this.#queued) return error('ERR MULTI calls can not be nested');
        this.#queued = [];
        this.#queueFailed = false;
        return ok;
      case 'discard':
        if (!this.#queued) return error('ERR DISCARD without MULTI');
        this.#queued = undefined;
        return ok;
      case 'exec':
        return this.#exec();
      case 'publish': {
        if (args.length !== 2) return wrong();
        const receivers = [...host.clients].filter((c) => c.channels.has(args[0]!));
        for (const receiver of receivers)
          void receiver.send(encodeReply(bulks(['message', args[0]!, args[1]!]))).catch(() => {});
        return integer(receivers.length);
      }
      case 'subscribe':
        for (const channel of args) {
          this.channels.add(channel);
          void this.send(encodeReply(array([bulk('subscribe'), bulk(channel), integer(this.channels.size)]))).catch(
            () => {},
          );
        }
        return args.length === 0 ? wrong() : undefined;
      case 'unsubscribe': {
        const [channel] = args;
        if (channel === undefined) this.channels.clear();
        else this.channels.delete(channel);
        return array([bulk('unsubscribe'), bulk(channel), integer(this.channels.size)]);
      }
      case 'hello':
      case 'replicaof':
      case 'slaveof':
      case 'cluster':
      case 'eval':
      case 'evalsha':
      case 'script':
      case 'blpop':
      case 'brpop':
      case 'xadd':
      case 'xread':
      case 'watch':
      case 'psubscribe':
      case 'object':
      case 'memory':
      case 'debug':
      case 'acl':
      case 'slowlog':
        return error(`ERR slipway: ${name.toUpperCase()} is not simulated`);
      default:
        return this.#unknown(words);
    }
  }

  #auth(args: readonly string[]): Reply {
    const password = this.#host.config.get('requirepass') ?? '';
    if (args.length === 0 || args.length > 2) return error("ERR wrong number of arguments for 'auth' command");
    if (password === '' && args.length === 1)
      return error(
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      );
    const [user, given] = args.length === 2 ? [args[0], args[1]] : ['default', args[0]];
    if (user !== 'default' || (password !== '' && given !== password))
      return error('WRONGPASS invalid username-password pair or user is disabled.');
    this.#authenticated = true;
    return ok;
  }

  #exec(): Reply {
    const queued = this.#queued;
    if (!queued) return error('ERR EXEC without MULTI');
    this.#queued = undefined;
    if (this.#queueFailed) return error('EXECABORT Transaction discarded because of previous errors.');
    return array(queued.map((words) => this.#execute(words[0]!.toLowerCase(), words) ?? nil));
  }

  #config(args: readonly string[]): Reply {
    const { config } = this.#host;
    const verb = args[0]?.toUpperCase();
    if (verb === 'GET')
      return bulks([...config].filter(([n]) => args.slice(1).some((p) => matchesGlob(n, p.toLowerCase()))).flat());
    if (verb === 'SET') {
      for (let i = 1; i + 1 < args.length; i += 2) {
        const name = args[i]!.toLowerCase();
        if (!config.has(name)) return error(`ERR Unknown option or number of arguments for CONFIG SET - '${args[i]}'`);
        if (/^(port|dir|databases|bind)$/.test(name) && name !== 'dir')
          return error(
            `ERR CONFIG SET failed (possibly related to argument '${args[i]}') - can't set immutable config`,
          );
        config.set(name, args[i + 1]!);
      }
      return ok;
    }
    if (verb === 'RESETSTAT') return ok;
    return error(`ERR unknown subcommand '${args[0] ?? ''}'. Try CONFIG HELP.`);
  }

  #client(args: readonly string[]): Reply {
    switch (args[0]?.toUpperCase()) {
      case 'SETNAME':
        this.#name = args[1] ?? '';
        return ok;
      case 'GETNAME':
        return bulk(this.#name);
      case 'ID':
        return integer(this.id);
      case 'SETINFO':
        return ok;
      case 'LIST':
        return bulk([...this.#host.clients].map((c) => c.line()).join(''));
      case 'INFO':
        return bulk(this.line());
      default:
        return error(`ERR unknown subcommand '${args[0] ?? ''}'. Try CLIENT HELP.`);
    }
  }

  line(): string {
    const age = Math.floor((this.#host.process.world.clock.now() - this.#since) / 1000);
    return `id=${this.id} addr=${this.address} name=${this.#name} age=${age} db=${this.#db} sub=${this.channels.size} resp=2\n`;
  }
}

const serverCommands = new Set(
  'ping echo auth quit select dbsize flushdb flushall info config save bgsave lastsave shutdown time client command role publish'.split(
    ' ',
  ),
);

/** Times to live as points in time: what is replayed later must not live longer. */
function absolute(words: readonly string[], now: number): readonly string[] {
  const [name = '', key = '', amount = '', ...rest] = words;
  switch (name.toLowerCase()) {
    case 'expire':
      return ['expireat', key, String(Math.floor(now / 1000) + Number(amount))];
    case 'pexpire':
      return ['expireat', key, String(Math.floor((now + Number(amount)) / 1000))];
    case 'setex':
      return ['set', key, rest[0] ?? '', 'PXAT', String(now + Number(amount) * 1000)];
    case 'set': {
      const at = rest.findIndex((w) => /^(EX|PX)$/i.test(w));
      if (at < 0) return words;
      const unit = /^EX$/i.test(rest[at]!) ? 1000 : 1;
      return ['set', key, amount, 'PXAT', String(now + Number(rest[at + 1]) * unit)];
    }
    default:
      return words;
  }
}
