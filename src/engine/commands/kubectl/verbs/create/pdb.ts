import { selectorFrom } from './selector.ts';
import { CommandError } from '../../framework/errors.ts';
import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create poddisruptionbudget`. */
export const createPodDisruptionBudget = generator({
  use: 'poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
  aliases: ['pdb'],
  short: 'Create a pod disruption budget with the specified name',
  long: 'Create a pod disruption budget with the specified name, selector and least number of available pods.',
  examples: `# At least one Pod stays
kubectl create poddisruptionbudget web --selector=app=web --min-available=1

# At least half of them stay
kubectl create pdb web --selector=app=web --min-available=50%`,
  flags: [
    { name: 'max-unavailable', type: 'string', usage: 'Most pods, or percentage of them, that may be missing.' },
    { name: 'min-available', type: 'string', usage: 'Fewest pods, or percentage of them, that must stay.' },
    { name: 'selector', type: 'string', usage: "Label selector for the pods. '=' and sets are understood." },
  ],
  mapping: mappings.disruptionBudgets,
  failure: 'failed to create poddisruptionbudgets: ',
  build: ({ flags }, name) => {
    const selector = flags.string('selector');
    const minAvailable = flags.string('min-available');
    const maxUnavailable = flags.string('max-unavailable');
    if (selector === '') throw new CommandError('a selector must be specified');
    if (maxUnavailable === '' && minAvailable === '')
      throw new CommandError('one of min-available or max-unavailable must be specified');
    if (maxUnavailable !== '' && minAvailable !== '')
      throw new CommandError('min-available and max-unavailable cannot be both specified');
    for (const [flag, text] of [
      ['min-available', minAvailable],
      ['max-unavailable', maxUnavailable],
    ] as const)
      if (text !== '' && !/^\d+%?$/.test(text)) throw new CommandError(`invalid format specified for ${flag}`);
    const number = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
    return {
      kind: 'PodDisruptionBudget',
      apiVersion: 'policy/v1',
      metadata: { name },
      spec: {
        ...(minAvailable === '' ? {} : { minAvailable: number(minAvailable) }),
        selector: selectorFrom(selector),
        ...(maxUnavailable === '' ? {} : { maxUnavailable: number(maxUnavailable) }),
      },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    };
  },
});
