import type { Cancellation, RunQueue, Timer } from '../world/index.ts';
import { Series } from './series.ts';

/** Virtual ms of one period in which a quota counts (cpu.cfs_period_us). */
const period = 100;

/** CPU ms of a budget that are not worth a change of pace. */
const smallBudget = 0.5;

/** Work that wants CPUs: runs at its group's speed until it is done, or for ever. */
export class CpuTask {
  /** CPUs it keeps busy when nothing holds it back. */
  readonly cores: number;
  /** Ms at full speed that it has had, up to when its group last counted. */
  done = 0;
  /** Ms that it takes at full speed; may be Infinity. */
  readonly whole: number;
  timer: Timer | undefined;
  finish: (() => void) | undefined;

  constructor(ms: number, cores = 1) {
    this.whole = ms;
    this.cores = cores;
  }
}

/**
 * The CPU time of one control group: what runs in it shares its quota evenly. Everything between two changes is worked
 * out when somebody asks, so that neither idle nor busy groups cost anything while time passes.
 */
export class CpuGroup {
  readonly #queue: RunQueue;
  readonly #pool: CpuPool | undefined;
  readonly #tasks = new Set<CpuTask>();
  readonly #history = new Series();
  #quota = Infinity;
  #weight = 2;
  #demand = 0;
  #background = 0;
  #granted = Infinity;
  /** CPU ms that it may use beyond its quota's rate: what is left of a period's worth. */
  #budget = 0;
  /** The budget is used up, and more is wanted than the quota gives. */
  #dry = false;
  #exhaustion: Timer | undefined;
  #since: number;
  #usedMs = 0;
  #throttledMs = 0;
  #throttledPeriods = 0;
  #periods = 0;

  constructor(queue: RunQueue, pool?: CpuPool) {
    this.#queue = queue;
    this.#pool = pool;
    this.#since = queue.now;
    pool?.add(this);
  }

  /** CPUs that it may use at most; a quota that is exceeded stretches time for what runs. */
  get quota(): number {
    return this.#quota;
  }

  set quota(cpus: number) {
    this.#change(() => {
      this.#quota = cpus;
      this.#budget = cpus === Infinity ? 0 : cpus * period;
    });
  }

  /** Its share when the machine's CPUs are all busy (cpu.shares): 1024 for each CPU that was asked for. */
  get weight(): number {
    return this.#weight;
  }

  set weight(shares: number) {
    this.#change(() => (this.#weight = Math.max(2, shares)));
  }

  /** CPUs that it would use if there were enough, its quota considered: bursts up to a period's worth are free. */
  get wanted(): number {
    const demand = this.#demand + this.#background;
    return this.#dry ? Math.min(demand, this.#quota) : demand;
  }

  /** CPUs in use. */
  get rate(): number {
    return Math.min(this.wanted, this.#granted);
  }

  get #speed(): number {
    const demand = this.#demand + this.#background;
    return demand === 0 ? 1 : Math.min(1, this.rate / demand);
  }

  /** CPU ms used so far. */
  get usedMs(): number {
    return this.#usedMs + this.rate * this.#elapsed;
  }

  /** Ms since the counters were brought up to date. Reading must leave no trace: it isn't part of what happens. */
  get #elapsed(): number {
    return this.#queue.now - this.#since;
  }

  /** Time (ms, summed over CPUs) for which its quota stopped it, and the periods in which it did. */
  get throttling(): { ms: number; periods: number; throttledPeriods: number } {
    const more = this.#throttled(this.#elapsed);
    return {
      ms: this.#throttledMs + more.ms,
      periods: Math.floor(this.#periods + more.periods),
      throttledPeriods: Math.floor(this.#throttledPeriods + more.throttledPeriods),
    };
  }

  /** What the quota does in `elapsed` ms as things are. */
  #throttled(elapsed: number): { ms: number; periods: number; throttledPeriods: number } {
    if (this.#quota === Infinity || this.#demand === 0) return { ms: 0, periods: 0, throttledPeriods: 0 };
    const over = this.#demand + this.#background - this.#quota;
    const periods = elapsed / period;
    return over > 0 && this.#dry
      ? { ms: over * elapsed, periods, throttledPeriods: periods }
      : { ms: 0, periods, throttledPeriods: 0 };
  }

  /** Counts CPU time without letting time pass: what is over so quickly that nobody waits for it. */
  charge(ms: number): void {
    this.#settle();
    this.#usedMs += ms;
  }

  /** Something that never ends uses so many CPUs on average. Returns an undo. */
  background(cores: number): () => void {
    this.#change(() => (this.#background += cores));
    return () => this.#change(() => (this.#background = Math.max(0, this.#background - cores)));
  }

  /** Resolves when the task has had its time: later than that when the quota or the machine is short. */
  run(task: CpuTask, cancel: Cancellation): Promise<void> {
    return new Promise((resolve, reject) => {
      if (cancel.reason) return this.#queue.wake(() => reject(cancel.reason!));
      const end = () =>
        this.#change(() => {
          this.#tasks.delete(task);
          this.#demand = this.#tasks.size === 0 ? 0 : this.#demand - task.cores;
        });
      const forget = cancel.onCancel((reason) => {
        task.timer?.cancel();
        end();
        this.#queue.wake(() => reject(reason));
      });
      task.finish = () => {
        forget();
        end();
        task.done = task.whole;
        resolve();
      };
      this.#change(() => {
        this.#tasks.add(task);
        this.#demand += task.cores;
      });
      if (!task.timer) this.#time(task);
    });
  }

  /** CPU ms that a task has had so far. */
  usedBy(task: CpuTask): number {
    const running = this.#tasks.has(task) ? this.#elapsed * this.#speed : 0;
    return Math.min(task.whole, task.done + running) * task.cores;
  }

  #time(task: CpuTask): void {
    task.timer?.cancel();
    task.timer = undefined;
    const speed = this.#speed;
    if (task.whole === Infinity || speed <= 0) return;
    task.timer = this.#queue.wakeAfter(Math.max(0, (task.whole - task.done) / speed), () => task.finish!());
  }

  #change(change: () => void): void {
    this.#settle();
    const before = this.#speed;
    change();
    this.#watchBudget();
    this.#pool?.balance(this);
    if (this.#speed !== before) for (const task of this.#tasks) this.#time(task);
  }

  /** A quota is a budget for each period: whoever has slept may run at full speed until it is used up. */
  #watchBudget(): void {
    this.#exhaustion?.cancel();
    this.#exhaustion = undefined;
    const over = this.#demand + this.#background - this.#quota;
    if (over <= 0) this.#dry = false;
    else if (this.#budget <= smallBudget) this.#dry = true;
    else if (!this.#dry)
      this.#exhaustion = this.#queue.after(this.#budget / over, () => this.#change(() => (this.#budget = 0)));
  }

  /** The machine gives it so many CPUs from now on. */
  grant(cpus: number): void {
    if (cpus === this.#granted) return;
    this.#settle();
    const before = this.#speed;
    this.#granted = cpus;
    if (this.#speed !== before) for (const task of this.#tasks) this.#time(task);
  }

  /** Brings the counters up to now. */
  #settle(): void {
    const { now } = this.#queue;
    const elapsed = now - this.#since;
    if (elapsed <= 0) return;
    const { rate } = this;
    const speed = this.#speed;
    for (const task of this.#tasks) task.done = Math.min(task.whole, task.done + elapsed * speed);
    this.#history.advance(this.#since, now, this.#usedMs, rate);
    this.#usedMs += rate * elapsed;
    if (this.#quota !== Infinity)
      this.#budget = Math.min(this.#quota * period, Math.max(0, this.#budget + (this.#quota - rate) * elapsed));
    const { ms, periods, throttledPeriods } = this.#throttled(elapsed);
    this.#throttledMs += ms;
    this.#periods += periods;
    this.#throttledPeriods += throttledPeriods;
    this.#since = now;
  }

  /** CPU ms used until `time`: now, or one of the moments that `Series` keeps. */
  usedAt(time: number): number | undefined {
    if (time < this.#since) return this.#history.at(time);
    return this.#usedMs + this.rate * (Math.min(time, this.#queue.now) - this.#since);
  }

  /** Nothing runs in it any more. */
  close(): void {
    this.#change(() => (this.#background = 0));
    this.#exhaustion?.cancel();
    this.#pool?.remove(this, this.#queue.now);
  }

  snapshot(): unknown {
    const rates = [this.#demand, this.#background, this.#quota, this.#granted].map(String);
    return [rates, this.#since, this.#usedMs, this.#throttledMs, this.#budget, this.#dry];
  }
}

/** The CPUs of one machine: when they are all busy, groups get them by weight. */
export class CpuPool {
  readonly capacity: number;
  readonly #groups = new Set<CpuGroup>();
  readonly #wanted = new Map<CpuGroup, number>();
  readonly #ended: { group: CpuGroup; time: number }[] = [];
  #endedMs = 0;
  #total = 0;
  #scarce = false;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(group: CpuGroup): void {
    this.#groups.add(group);
  }

  remove(group: CpuGroup, now: number): void {
    this.#total -= this.#wanted.get(group) ?? 0;
    this.#wanted.delete(group);
    this.#groups.delete(group);
    // What has just ended still counts in the averages of the last minute.
    while (this.#ended[0] && this.#ended[0].time < now - 60_000) this.#endedMs += this.#ended.shift()!.group.usedMs;
    this.#ended.push({ group, time: now });
    this.#share();
  }

  /** CPU ms that all groups have used until `time`, as `CpuGroup.usedAt`. */
  usedAt(time: number): number {
    let sum = this.#endedMs;
    for (const { group } of this.#ended) sum += group.usedAt(time) ?? 0;
    for (const group of this.#groups) sum += group.usedAt(time) ?? 0;
    return sum;
  }

  /** `group` wants more or less than before. */
  balance(group: CpuGroup): void {
    const { wanted } = group;
    const before = this.#wanted.get(group) ?? 0;
    if (wanted === before && !this.#scarce) return;
    if (wanted === 0) this.#wanted.delete(group);
    else this.#wanted.set(group, wanted);
    this.#total = this.#wanted.size === 0 ? 0 : this.#total + wanted - before;
    this.#share();
  }

  #share(): void {
    const scarce = this.#total > this.capacity;
    if (!scarce && !this.#scarce) return;
    this.#scarce = scarce;
    if (!scarce) {
      for (const group of this.#groups) group.grant(Infinity);
      return;
    }
    // Whoever wants less than its share leaves the rest to the others.
    let left = this.capacity;
    let open = [...this.#wanted].map(([group, wanted]) => ({ group, wanted }));
    for (;;) {
      const weights = open.reduce((sum, { group }) => sum + group.weight, 0);
      const share = (group: CpuGroup) => (left * group.weight) / weights;
      const content = open.filter(({ group, wanted }) => wanted <= share(group));
      if (content.length === 0) {
        const shares = open.map(({ group }) => [group, share(group)] as const);
        for (const [group, cpus] of shares) group.grant(cpus);
        return;
      }
      for (const { group, wanted } of content) {
        group.grant(wanted);
        left -= wanted;
      }
      open = open.filter((one) => !content.includes(one));
      if (open.length === 0) return;
    }
  }
}
