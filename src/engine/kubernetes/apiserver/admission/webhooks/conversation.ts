import { AnswerPending } from '../../../client.ts';
import type { Verdict } from './verdict.ts';

/** A question to a webhook. */
export interface Question {
  /** The same for the same webhook in the same round. */
  readonly id: string;
  readonly timeoutMs: number;
  /** The AdmissionReview, all but its uid. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Sends it. Never throws: what goes wrong is a verdict. */
  ask(): Promise<Verdict>;
}

/**
 * How a write talks with webhooks although writes are synchronous: a verdict that is not there yet ends the attempt
 * with `AnswerPending`; the write is tried again when it is, and finds it.
 */
export interface Conversation {
  /** Of what each attempt draws. */
  readonly seed?: number;
  /** @throws AnswerPending if one of the verdicts is still to come */
  verdicts(questions: readonly Question[]): readonly Verdict[];
}

/** The conversation about one request of a client, who waits. */
export class RequestConversation implements Conversation {
  readonly #known = new Map<string, Verdict>();
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  verdicts(questions: readonly Question[]): readonly Verdict[] {
    const missing = questions.filter(({ id }) => !this.#known.has(id));
    if (missing.length > 0) throw new PendingQuestions(missing, (id, verdict) => void this.#known.set(id, verdict));
    return questions.map(({ id }) => this.#known.get(id)!);
  }
}

/** Ends an attempt whose questions are to be asked now. */
class PendingQuestions extends AnswerPending {
  readonly #questions: readonly Question[];
  readonly #note: (id: string, verdict: Verdict) => void;

  constructor(questions: readonly Question[], note: (id: string, verdict: Verdict) => void) {
    super();
    this.#questions = questions;
    this.#note = note;
  }

  /** Asks all at once and waits for all. */
  async answered(): Promise<void> {
    const asked = this.#questions.map(({ id, ask }) => ({ id, verdict: ask() }));
    for (const { id, verdict } of asked) this.#note(id, await verdict);
  }

  override onAnswered(listener: () => void): void {
    void this.answered().then(listener);
  }
}

/** Tries again until nothing is pending. */
export async function converse<T>(seed: number, attempt: (conversation: Conversation) => Promise<T>): Promise<T> {
  const conversation = new RequestConversation(seed);
  for (;;) {
    try {
      return await attempt(conversation);
    } catch (error) {
      if (!(error instanceof PendingQuestions)) throw error;
      await error.answered();
    }
  }
}

interface Exchange {
  verdict: Verdict | undefined;
  listeners: (() => void)[];
}

/** Verdicts that nobody came back for are forgotten beyond this many. */
const maxExchanges = 10_000;

/**
 * The conversations of controllers, which cannot wait: the questions are asked behind their back, and the controller
 * comes again when the verdicts are there. A verdict is for one write with the same content.
 */
export class BackgroundConversations {
  readonly #exchanges = new Map<string, Exchange>();

  /** Makes one attempt at a write. @throws AnswerPending */
  attempt<T>(write: (conversation: Conversation) => T): T {
    const used = new Set<string>();
    try {
      const result = write({ verdicts: (questions) => this.#verdicts(questions, used) });
      this.#forget(used);
      return result;
    } catch (error) {
      // The next write of the same content is asked about anew.
      if (!(error instanceof AnswerPending)) this.#forget(used);
      throw error;
    }
  }

  #verdicts(questions: readonly Question[], used: Set<string>): readonly Verdict[] {
    const exchanges = questions.map((question) => {
      const key = `${question.id} ${contentKey(question.request)}`;
      used.add(key);
      return this.#exchanges.get(key) ?? this.#begin(key, question);
    });
    const open = exchanges.filter(({ verdict }) => !verdict);
    if (open.length > 0) throw new PendingExchanges(open);
    return exchanges.map(({ verdict }) => verdict!);
  }

  #forget(keys: ReadonlySet<string>): void {
    for (const key of keys) this.#exchanges.delete(key);
  }

  #begin(key: string, question: Question): Exchange {
    const exchange: Exchange = { verdict: undefined, listeners: [] };
    if (this.#exchanges.size >= maxExchanges) this.#exchanges.delete([...this.#exchanges.keys()][0]!);
    this.#exchanges.set(key, exchange);
    void question.ask().then((verdict) => {
      exchange.verdict = verdict;
      for (const listener of exchange.listeners.splice(0)) listener();
    });
    return exchange;
  }
}

class PendingExchanges extends AnswerPending {
  readonly #exchanges: readonly Exchange[];

  constructor(exchanges: readonly Exchange[]) {
    super();
    this.#exchanges = exchanges;
  }

  override onAnswered(listener: () => void): void {
    let open = this.#exchanges.length;
    for (const { listeners } of this.#exchanges) listeners.push(() => void (--open === 0 && listener()));
  }
}

/** What two attempts at the same write have in common: all but what the server makes up anew. */
function contentKey(request: Readonly<Record<string, unknown>>): string {
  const { object, ...rest } = request;
  const { metadata, ...content } = (object ?? {}) as { metadata?: Record<string, unknown> };
  const {
    uid: _uid,
    creationTimestamp: _time,
    name,
    generateName,
    managedFields: _managed,
    ...others
  } = metadata ?? {};
  const named = generateName ? { generateName } : { name };
  return JSON.stringify([{ ...rest, name: generateName ? '' : rest['name'] }, named, others, content]);
}
