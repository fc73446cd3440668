import { exactDestination, type Rule } from './rule.ts';

export type HookName = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** Where a base chain hangs. */
export interface Hook {
  readonly name: HookName;
  readonly type: 'filter' | 'nat';
  /** Lower ones first: raw -300, mangle -150, dstnat -100, filter 0, srcnat 100. */
  readonly priority: number;
}

/** From this length on a chain is searched by destination. */
const indexFrom = 12;

/** Rules in order. */
export class Chain {
  readonly name: string;
  readonly hook: Hook | undefined;
  policy: 'accept' | 'drop' = 'accept';
  #rules: readonly Rule[];
  #index: { byDestination: Map<number, number[]>; others: number[] } | undefined;
  /** Packets that the policy decided about. */
  packets = 0;

  constructor(name: string, hook?: Hook, rules: readonly Rule[] = []) {
    this.name = name;
    this.hook = hook;
    this.#rules = rules;
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  set rules(rules: readonly Rule[]) {
    this.#rules = rules;
    this.#index = undefined;
  }

  /** The rules that a packet to `destination` can match, in order. */
  candidates(destination: number): readonly Rule[] {
    const rules = this.#rules;
    if (rules.length < indexFrom) return rules;
    const { byDestination, others } = (this.#index ??= this.#buildIndex());
    const own = byDestination.get(destination);
    if (!own) return others.length === rules.length ? rules : others.map((i) => rules[i]!);
    return [...own, ...others].sort((a, b) => a - b).map((i) => rules[i]!);
  }

  #buildIndex(): { byDestination: Map<number, number[]>; others: number[] } {
    const byDestination = new Map<number, number[]>();
    const others: number[] = [];
    this.#rules.forEach((rule, i) => {
      const destination = exactDestination(rule);
      if (destination === undefined) return void others.push(i);
      const list = byDestination.get(destination);
      if (list) list.push(i);
      else byDestination.set(destination, [i]);
    });
    return { byDestination, others };
  }
}

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

/** A verdict map of nftables. */
export interface VerdictMap {
  /** What its keys are made of, in nft's words: `ip daddr . meta l4proto . th dport`. */
  readonly fields: string;
  readonly type: string;
  readonly comment?: string;
  /** Key in nft's notation to the chain that it goes to (or a verdict). */
  readonly elements: Map<string, string>;
}

/** A table: chains by name. `family` `iptables` is what iptables(8) shows; others are nftables'. */
export class Table {
  readonly family: 'iptables' | 'ip' | 'inet';
  readonly name: string;
  readonly chains = new Map<string, Chain>();
  readonly maps = new Map<string, VerdictMap>();
  readonly sets = new Map<string, { type: string; comment?: string; elements: Set<string> }>();
  readonly comment: string | undefined;

  constructor(family: Table['family'], name: string, comment?: string) {
    this.family = family;
    this.name = name;
    this.comment = comment;
  }

  chain(name: string): Chain {
    let chain = this.chains.get(name);
    if (!chain) this.chains.set(name, (chain = new Chain(name)));
    return chain;
  }
}

const hooksOf: Record<TableName, Partial<Record<HookName, number>>> = {
  raw: { PREROUTING: -300, OUTPUT: -300 },
  mangle: { PREROUTING: -150, INPUT: -150, FORWARD: -150, OUTPUT: -150, POSTROUTING: -150 },
  nat: { PREROUTING: -100, INPUT: 100, OUTPUT: -100, POSTROUTING: 100 },
  filter: { INPUT: 0, FORWARD: 0, OUTPUT: 0 },
  security: { INPUT: 50, FORWARD: 50, OUTPUT: 50 },
};

/** A table of iptables with its built-in chains. */
export function builtinTable(name: TableName): Table {
  const table = new Table('iptables', name);
  for (const [hook, priority] of Object.entries(hooksOf[name]) as [HookName, number][])
    table.chains.set(hook, new Chain(hook, { name: hook, type: name === 'nat' ? 'nat' : 'filter', priority }));
  return table;
}
