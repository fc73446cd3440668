import { AnswerPending } from '../../../client.ts';
import type { Verdict } from './verdict.ts';

/** A question to a webhook. */
export interface Question {
  /** The same for the same webhook in the same round. */
  readonly id: string;
  /** Sends it. Never throws: what goes wrong is a verdict. */
  ask(): Promise<Verdict>;
}

interface Exchange {
  verdict: Verdict | undefined;
  readonly answered: Promise<void>;
}

/**
 * How one write talks with webhooks although writes are synchronous: a verdict that is not there yet ends the attempt
 * with `AnswerPending`; the write is tried again when it is, and finds it.
 */
export class Conversation {
  readonly #exchanges = new Map<string, Exchange>();
  /** Of what each attempt draws: what webhooks saw is what is stored. */
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** All questions are asked at once. @throws AnswerPending if one of the verdicts is still to come */
  verdicts(questions: readonly Question[]): readonly Verdict[] {
    const exchanges = questions.map((question) => this.#exchanges.get(question.id) ?? this.#begin(question));
    const open = exchanges.filter(({ verdict }) => !verdict);
    if (open.length > 0) throw new VerdictsPending(open);
    return exchanges.map(({ verdict }) => verdict!);
  }

  #begin({ id, ask }: Question): Exchange {
    const exchange: Exchange = {
      verdict: undefined,
      answered: ask().then((verdict) => void (exchange.verdict = verdict)),
    };
    this.#exchanges.set(id, exchange);
    return exchange;
  }
}

/** An attempt that is to be repeated after something has been asked for. */
export abstract class Pending extends AnswerPending {
  abstract answered(): Promise<void>;

  override onAnswered(listener: () => void): void {
    void this.answered().then(listener);
  }
}

class VerdictsPending extends Pending {
  readonly #exchanges: readonly Exchange[];

  constructor(exchanges: readonly Exchange[]) {
    super();
    this.#exchanges = exchanges;
  }

  async answered(): Promise<void> {
    for (const { answered } of this.#exchanges) await answered;
  }
}

/** Tries a client's write until nothing is pending. */
export async function converse<T>(seed: number, attempt: (conversation: Conversation) => Promise<T>): Promise<T> {
  const conversation = new Conversation(seed);
  for (;;) {
    try {
      return await attempt(conversation);
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      await error.answered();
    }
  }
}

/** Writes that nobody came back for are forgotten beyond this many. */
const maxConversations = 10_000;

/**
 * The conversations of controllers, which cannot wait: the questions are asked behind their back, and the controller
 * comes again with the same write when the verdicts are there.
 */
export class BackgroundConversations {
  readonly #open = new Map<string, Conversation>();

  /**
   * Makes one attempt at a write.
   * @param key what the write is: the same for each attempt
   * @throws AnswerPending
   */
  attempt<T>(key: string, seed: () => number, write: (conversation: Conversation) => T): T {
    let conversation = this.#open.get(key);
    if (!conversation) {
      conversation = new Conversation(seed());
      if (this.#open.size >= maxConversations) this.#open.delete([...this.#open.keys()][0]!);
      this.#open.set(key, conversation);
    }
    try {
      const result = write(conversation);
      this.#open.delete(key);
      return result;
    } catch (error) {
      // The next write of the same content is asked about anew.
      if (!(error instanceof AnswerPending)) this.#open.delete(key);
      throw error;
    }
  }
}
