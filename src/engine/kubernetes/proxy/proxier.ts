import { Chain, rule, type Match, type RuleKeeper, type Table } from '../../network/index.ts';

/** One mode of kube-proxy on one node. */
export interface Proxier extends Omit<RuleKeeper, 'concerns'> {
  /** Takes away everything that this mode has made. */
  cleanUp(): void;
}

/** Packets that must be masqueraded carry this mark. */
export const masqueradeMark = 0x4000;

/** Puts a jump to the front of a built-in chain, unless it is there already. */
export function addJump(table: Table, from: string, to: string, match: Match, comment: string | undefined): void {
  const chain = table.chain(from);
  table.chain(to);
  if (chain.rules.some(({ target }) => target.kind === 'jump' && target.chain === to)) return;
  chain.rules = [rule(match, { kind: 'jump', chain: to }, comment), ...chain.rules];
}

/** Removes chains and all jumps to them. */
export function removeChains(table: Table, test: (name: string) => boolean): void {
  for (const [name, chain] of [...table.chains]) {
    if (!chain.hook && test(name)) table.chains.delete(name);
    else if (chain.rules.some(({ target }) => 'chain' in target && test(target.chain)))
      chain.rules = chain.rules.filter(({ target }) => !('chain' in target && test(target.chain)));
  }
}

/** Replaces the rules of a chain in a table, making it if need be. */
export function setChain(table: Table, name: string, rules: Chain['rules']): void {
  table.chains.set(name, new Chain(name, table.chains.get(name)?.hook, rules));
}
