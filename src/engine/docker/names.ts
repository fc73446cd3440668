import type { RandomStream } from '../world/index.ts';

const adjectives =
  'agile amber ancient autumn blithe bold brave bright brisk calm candid cheerful clever cosmic crisp curious dapper daring ' +
  'dazzling eager earnest elated electric fearless festive fluent friendly gallant gentle gifted glad graceful happy hardy ' +
  'hopeful humble jolly jovial keen kind lively loyal lucid mellow merry mighty modest neat nimble noble optimistic patient ' +
  'peaceful playful polite proud quick quiet quirky radiant relaxed serene sharp silent sincere sleepy smart steady sunny ' +
  'swift tender thoughtful trusting upbeat vibrant vigilant vivid warm wise witty wonderful zealous';

const surnames =
  'abel archimedes babbage bardeen bell boole bose cantor carson cerf chandrasekhar clarke curie darwin dijkstra dirac ' +
  'edison einstein engelbart erdos euclid euler faraday fermat fermi feynman franklin galileo galois gauss germain goldberg ' +
  'hamilton hawking heisenberg hellman hertz hopper hypatia jackson johnson kepler kilby knuth kovalevskaya lamarr lamport ' +
  'leavitt liskov lovelace maxwell mcclintock meitner mendel mendeleev mirzakhani moore napier neumann newton nobel noether ' +
  'pascal pasteur payne perlman planck poincare ramanujan ride ritchie rosalind rubin sagan shannon snyder stallman tesla ' +
  'thompson torvalds turing volta wescoff wiles wing wozniak wu yalow';

const first = adjectives.split(' ');
const second = surnames.split(' ');

/** A name for a container that was given none: an adjective and a scientist, a digit added while it is taken. */
export function generateName(random: RandomStream, taken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${random.pick(first)}_${random.pick(second)}${attempt > 5 ? attempt - 5 : ''}`;
    if (!taken(name)) return name;
  }
}
