import {
  Chain,
  parseCidr,
  parseIp,
  rule,
  type ConnectionState,
  type Match,
  type Rule,
  type Table,
  type TableName,
  type Target,
} from '../../network/index.ts';
import { hasCapability, type Process, type Program } from '../../process/index.ts';
import { ruleRow, ruleSpec } from './iptables-text.ts';

/** iptables and iptables-save on the kernel's tables. */

const version = '1.8.9';
const tableNames: readonly TableName[] = ['filter', 'nat', 'mangle', 'raw', 'security'];

class IptablesError extends Error {
  readonly status: number;
  readonly hint: boolean;
  constructor(message: string, status = 2, hint = true) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

interface Call {
  table: TableName;
  command: string;
  chain: string | undefined;
  operands: string[];
  numeric: boolean;
  verbose: boolean;
  lines: boolean;
  rule: Rule | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function parse(args: readonly string[]): Call {
  const call: Call = {
    table: 'filter',
    command: '',
    chain: undefined,
    operands: [],
    numeric: false,
    verbose: false,
    lines: false,
    rule: undefined,
  };
  const match: Mutable<Match> = {};
  let target: Target = { kind: 'none' };
  let comment: string | undefined;
  let negate = false;
  const commands: Record<string, string> = {
    '-A': 'A', '--append': 'A', '-I': 'I', '--insert': 'I', '-D': 'D', '--delete': 'D', '-C': 'C', '--check': 'C', '-L': 'L', '--list': 'L', '-S': 'S',
    '--list-rules': 'S', '-F': 'F', '--flush': 'F', '-N': 'N', '--new-chain': 'N', '-X': 'X', '--delete-chain': 'X', '-P': 'P', '--policy': 'P', '-Z': 'Z', '--zero': 'Z',
  }; // prettier-ignore
  for (let i = 0; i < args.length; i++) {
    const [arg = '', attached] = args[i]!.startsWith('--') ? args[i]!.split(/=(.*)/s) : [args[i]!];
    const value = () => attached ?? args[++i] ?? '';
    const list = () => {
      const v = value();
      if (v === '!') {
        negate = true;
        return value();
      }
      return v;
    };
    const option = <T>(v: T) => {
      const result = negate ? { value: v, not: true } : { value: v };
      negate = false;
      return result;
    };
    const command = commands[arg];
    if (command) {
      call.command = command;
      if (args[i + 1] !== undefined && !args[i + 1]!.startsWith('-')) call.chain = args[++i]!;
      while (args[i + 1] !== undefined && !args[i + 1]!.startsWith('-') && args[i + 1] !== '!')
        call.operands.push(args[++i]!);
      continue;
    }
    if (/^-[nvL]{2,}$/.test(arg)) {
      call.numeric ||= arg.includes('n');
      call.verbose ||= arg.includes('v');
      if (arg.includes('L')) {
        call.command = 'L';
        if (args[i + 1] !== undefined && !args[i + 1]!.startsWith('-')) call.chain = args[++i]!;
      }
      continue;
    }
    switch (arg) {
      case '!': negate = true; break;
      case '-t': case '--table': call.table = value() as TableName; break;
      case '-n': case '--numeric': call.numeric = true; break;
      case '-v': case '--verbose': call.verbose = true; break;
      case '--line-numbers': call.lines = true; break;
      case '-w': case '--wait': if (/^\d+$/.test(args[i + 1] ?? '')) i++; break;
      case '-x': case '--exact': break;
      case '-p': case '--protocol': { const p = list(); if (p !== 'all') match.protocol = option(p as 'tcp'); break; }
      case '-s': case '--source': match.source = option(parseCidr(list())); break;
      case '-d': case '--destination': match.destination = option(parseCidr(list())); break;
      case '-i': case '--in-interface': match.in = option(list()); break;
      case '-o': case '--out-interface': match.out = option(list()); break;
      case '--dport': case '--destination-port': match.destinationPort = option(ports(list())); break;
      case '--sport': case '--source-port': match.sourcePort = option(ports(list())); break;
      case '-m': case '--match': value(); break;
      case '--ctstate': case '--state': match.state = option(list().split(',') as ConnectionState[]); break;
      case '--comment': comment = value(); break;
      case '--dst-type': match.addressType = option({ side: 'destination', type: value() as 'LOCAL' }); break;
      case '--src-type': match.addressType = option({ side: 'source', type: value() as 'LOCAL' }); break;
      case '--mark': match.mark = option(mark(value())); break;
      case '--probability': match.probability = Number(value()); break;
      case '--mode': value(); break;
      case '--physdev-is-bridged': match.physdevBridged = option(true as const); break;
      case '-j': case '--jump': target = targetOf(value()); break;
      case '-g': case '--goto': target = { kind: 'goto', chain: value() }; break;
      case '--to-destination': { const [ip = '', port] = value().split(':'); target = { kind: 'dnat', ip: address(ip), ...(port ? { port: Number(port) } : undefined) }; break; }
      case '--to-source': target = { kind: 'snat', ip: address(value()) }; break;
      case '--to-ports': case '--to-port': target = { kind: 'redirect', port: Number(value()) }; break;
      case '--reject-with': target = { kind: 'reject', with: value() }; break;
      case '--random-fully': target = { kind: 'masquerade', fully: true }; break;
      case '--set-mark': case '--set-xmark': { const m = mark(value()); target = { kind: 'mark', value: m.value, mask: m.mask }; break; }
      case '--log-prefix': target = { kind: 'log', prefix: value() }; break;
      case '-V': case '--version': call.command = 'V'; break;
      case '-h': case '--help': call.command = 'H'; break;
      default: throw new IptablesError(`unknown option "${arg}"`);
    } // prettier-ignore
  }
  if ('ACID'.includes(call.command) && call.command !== '') call.rule = rule(match, target, comment);
  return call;
}

function ports(text: string): { from: number; to: number } {
  const [from, to = from] = text.split(':').map(Number);
  if (!(from! >= 0)) throw new IptablesError(`invalid port/service \`${text}' specified`);
  return { from: from!, to: to! };
}

function mark(text: string): { value: number; mask: number } {
  const [value = 0, mask = 0xffffffff] = text.split('/').map(Number);
  return { value, mask };
}

function address(text: string): number {
  const ip = parseIp(text);
  if (Number.isNaN(ip)) throw new IptablesError(`Bad IP address "${text}"`);
  return ip;
}

function targetOf(name: string): Target {
  switch (name) {
    case 'ACCEPT':
      return { kind: 'accept' };
    case 'DROP':
      return { kind: 'drop' };
    case 'RETURN':
      return { kind: 'return' };
    case 'REJECT':
      return { kind: 'reject', with: 'icmp-port-unreachable' };
    case 'MASQUERADE':
      return { kind: 'masquerade' };
    case 'LOG':
      return { kind: 'log', prefix: '' };
    case 'DNAT':
    case 'SNAT':
    case 'MARK':
    case 'REDIRECT':
      return { kind: 'none' };
    default:
      return { kind: 'jump', chain: name };
  }
}

export const iptables: Program = async (process) => {
  const name = process.argv[0]!.split('/').at(-1)!;
  try {
    return await run(process, parse(process.argv.slice(1)));
  } catch (error) {
    const text =
      error instanceof RangeError
        ? `host/network \`${error.message.replace('invalid CIDR address: ', '')}' not found`
        : '';
    if (!(error instanceof IptablesError) && text === '') throw error;
    const hint = error instanceof IptablesError ? error.hint : true;
    const message = error instanceof IptablesError ? error.message : text;
    await process.printError(hint ? `${name} v${version} (nf_tables): ${message}\nTry \`${name} -h' or '${name} --help' for more information.\n` : `${name}: ${message}\n`); // prettier-ignore
    return error instanceof IptablesError ? error.status : 2;
  }
};

async function run(process: Process, call: Call): Promise<number> {
  if (call.command === 'V') {
    await process.print(`iptables v${version} (nf_tables)\n`);
    return 0;
  }
  if (call.command === 'H') {
    await process.print(`iptables v${version}\n\nUsage: iptables -[ACD] chain rule-specification [options]\n`);
    return 0;
  }
  if (!hasCapability(process.user, 'NET_ADMIN'))
    throw new IptablesError(`Could not fetch rule set generation id: Permission denied (you must be root)`, 4, false);
  if (!tableNames.includes(call.table)) throw new IptablesError(`can't initialize iptables table \`${call.table}': Table does not exist (do you need to insmod?)\nPerhaps iptables or your kernel needs to be upgraded.`, 3, false); // prettier-ignore
  const { netfilter } = process.machine.net;
  netfilter.refresh();
  const table = netfilter.iptables(call.table);
  const wanted = (): Chain => {
    const chain = call.chain === undefined ? undefined : table.chains.get(call.chain);
    if (!chain) throw new IptablesError('No chain/target/match by that name.', 1, false);
    return chain;
  };
  switch (call.command) {
    case 'L':
      await process.print(listing(table, call, call.chain === undefined ? sortedChains(table) : [wanted()]));
      return 0;
    case 'S':
      await process.print(rulesText(table, call.chain === undefined ? sortedChains(table) : [wanted()]));
      return 0;
    case '':
      throw new IptablesError('no command specified');
    default:
      change(table, call, wanted);
      netfilter.changed();
      return 0;
  }
}

function change(table: Table, call: Call, wanted: () => Chain): void {
  switch (call.command) {
    case 'A':
    case 'I': {
      const added = call.rule!;
      checkTarget(table, added);
      const chain = wanted();
      const at = call.command === 'A' ? chain.rules.length : Number(call.operands[0] ?? 1) - 1;
      if (at > chain.rules.length) throw new IptablesError('Index of insertion too big.', 1, false);
      chain.rules = [...chain.rules.slice(0, at), added, ...chain.rules.slice(at)];
      return;
    }
    case 'C':
    case 'D': {
      const chain = wanted();
      const number = call.operands[0];
      const spec = ruleSpec(call.rule!);
      const at = number === undefined ? chain.rules.findIndex((r) => ruleSpec(r) === spec) : Number(number) - 1;
      if (!chain.rules[at])
        throw new IptablesError(
          number === undefined ? 'Bad rule (does a matching rule exist in that chain?).' : 'Index of deletion too big.',
          1,
          false,
        );
      if (call.command === 'D') chain.rules = chain.rules.filter((_, i) => i !== at);
      return;
    }
    case 'F':
      for (const chain of call.chain === undefined ? table.chains.values() : [wanted()]) chain.rules = [];
      return;
    case 'Z':
      for (const chain of call.chain === undefined ? table.chains.values() : [wanted()])
        for (const r of chain.rules) r.packets = 0;
      return;
    case 'N':
      if (table.chains.has(call.chain ?? '')) throw new IptablesError('Chain already exists.', 1, false);
      table.chain(call.chain!);
      return;
    case 'X':
      for (const chain of call.chain === undefined ? [...table.chains.values()].filter((c) => !c.hook) : [wanted()]) {
        if (chain.hook) throw new IptablesError("Invalid argument. Run `dmesg' for more information.", 1, false);
        if (chain.rules.length > 0) throw new IptablesError('Directory not empty', 4, false);
        const used = [...table.chains.values()].some((c) =>
          c.rules.some((r) => 'chain' in r.target && r.target.chain === chain.name),
        );
        if (used) throw new IptablesError('CHAIN_DEL failed (Device or resource busy): chain ' + chain.name, 4, false);
        table.chains.delete(chain.name);
      }
      return;
    default: {
      const policy = call.operands[0];
      if (policy !== 'ACCEPT' && policy !== 'DROP')
        throw new IptablesError("Bad policy name. Run `dmesg' for more information.", 1, false);
      wanted().policy = policy === 'DROP' ? 'drop' : 'accept';
    }
  }
}

function checkTarget(table: Table, { target }: Rule): void {
  if ((target.kind === 'jump' || target.kind === 'goto') && !table.chains.has(target.chain))
    throw new IptablesError(`Couldn't load target \`${target.chain}':No such file or directory`);
}

function sortedChains(table: Table): Chain[] {
  const all = [...table.chains.values()];
  const own = all.filter((c) => !c.hook).sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...all.filter((c) => c.hook), ...own];
}

function listing(table: Table, { numeric, verbose, lines }: Call, chains: readonly Chain[]): string {
  const bytes = (n: number) => n * 60;
  const big = (n: number) => (n >= 100_000 ? `${Math.floor(n / 1000)}K` : String(n));
  return chains
    .map((chain) => {
      const references = [...table.chains.values()].reduce(
        (n, c) => n + c.rules.filter((r) => 'chain' in r.target && r.target.chain === chain.name).length,
        0,
      );
      const head = chain.hook
        ? `policy ${chain.policy.toUpperCase()}${verbose ? ` ${chain.packets} packets, ${bytes(chain.packets)} bytes` : ''}`
        : `${references} references`;
      let text = `Chain ${chain.name} (${head})\n`;
      const num = lines ? 'num  ' : '';
      text += verbose
        ? `${num}${lines ? ' ' : ''} pkts bytes target     prot opt in     out     source               destination         \n`
        : `${num}target     prot opt source               destination         \n`;
      chain.rules.forEach((r, i) => {
        const row = ruleRow(r, numeric);
        const number = lines ? String(i + 1).padEnd(5) : '';
        const counters = verbose ? `${big(r.packets).padStart(5)} ${big(bytes(r.packets)).padStart(5)} ` : '';
        const devices = verbose ? `${row.in.padEnd(6)} ${row.out.padEnd(6)} ` : '';
        text += `${number}${counters}${row.target.padEnd(10)} ${row.protocol.padEnd(4)} -- ${verbose ? ' ' : ' '}${devices}${row.source.padEnd(20)} ${row.destination.padEnd(20)}${row.extra === '' ? '' : ` ${row.extra}`}\n`; // prettier-ignore
      });
      return text;
    })
    .join('\n');
}

function rulesText(_: Table, chains: readonly Chain[]): string {
  const heads = chains.map((c) => (c.hook ? `-P ${c.name} ${c.policy.toUpperCase()}\n` : `-N ${c.name}\n`));
  return heads.join('') + chains.flatMap((c) => c.rules.map((r) => `-A ${c.name} ${ruleSpec(r)}\n`)).join('');
}

export const iptablesSave: Program = async (process) => {
  const args = process.argv.slice(1);
  const only = args.includes('-t') ? args[args.indexOf('-t') + 1] : undefined;
  const counters = args.includes('-c');
  if (!hasCapability(process.user, 'NET_ADMIN')) {
    await process.printError(
      `iptables-save v${version} (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n`,
    );
    return 4;
  }
  const now = new Date(process.world.clock.now());
  const stamp = now.toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 $4');
  const tables = process.machine.net.netfilter
    .tables()
    .filter((t) => t.family === 'iptables' && (only === undefined || t.name === only));
  for (const table of tables) {
    const chains = sortedChains(table);
    let text = `# Generated by iptables-save v${version} on ${stamp}\n*${table.name}\n`;
    for (const chain of chains)
      text += `:${chain.name} ${chain.hook ? chain.policy.toUpperCase() : '-'} [${chain.packets}:${chain.packets * 60}]\n`;
    for (const chain of chains)
      for (const r of chain.rules)
        text += `${counters ? `[${r.packets}:${r.packets * 60}] ` : ''}-A ${chain.name} ${ruleSpec(r)}\n`;
    await process.print(`${text}COMMIT\n# Completed on ${stamp}\n`);
  }
  return 0;
};
