/**
 * Sorts in place as Go's sort.Sort does: a pattern-defeating quicksort that keeps no order among equals. Which of them
 * comes first is visible in `--sort-by`, so the steps are the same: insertion sort up to twelve items, a pivot by
 * medians, shuffling by xorshift after bad splits, heap sort when those repeat.
 */
export function goSort<T>(items: T[], less: (a: T, b: T) => boolean): T[] {
  new PatternDefeatingSort(items, less).sort(0, items.length, Math.ceil(Math.log2(items.length + 1)));
  return items;
}

const insertionLimit = 12;
type Hint = 'unknown' | 'increasing' | 'decreasing';

class PatternDefeatingSort<T> {
  readonly #items: T[];
  readonly #compare: (a: T, b: T) => boolean;

  constructor(items: T[], less: (a: T, b: T) => boolean) {
    this.#items = items;
    this.#compare = less;
  }

  sort(from: number, to: number, badSplitsAllowed: number): void {
    let [a, b, limit] = [from, to, badSplitsAllowed];
    let wasBalanced = true;
    let wasPartitioned = true;
    for (;;) {
      const length = b - a;
      if (length <= insertionLimit) return this.#insertionSort(a, b);
      if (limit === 0) return this.#heapSort(a, b);
      if (!wasBalanced) {
        this.#breakPatterns(a, b);
        limit--;
      }
      let { pivot, hint } = this.#choosePivot(a, b);
      if (hint === 'decreasing') {
        this.#reverse(a, b);
        pivot = b - 1 - (pivot - a);
        hint = 'increasing';
      }
      if (wasBalanced && wasPartitioned && hint === 'increasing' && this.#partialInsertionSort(a, b)) return;
      if (a > 0 && !this.#less(a - 1, pivot)) {
        a = this.#partitionEqual(a, b, pivot);
        continue;
      }
      const { middle, alreadyPartitioned } = this.#partition(a, b, pivot);
      wasPartitioned = alreadyPartitioned;
      const left = middle - a;
      const right = b - middle;
      const threshold = Math.floor(length / 8);
      wasBalanced = Math.min(left, right) >= threshold;
      if (left < right) {
        this.sort(a, middle, limit);
        a = middle + 1;
      } else {
        this.sort(middle + 1, b, limit);
        b = middle;
      }
    }
  }

  #less(i: number, j: number): boolean {
    return this.#compare(this.#items[i]!, this.#items[j]!);
  }

  #swap(i: number, j: number): void {
    const kept = this.#items[i]!;
    this.#items[i] = this.#items[j]!;
    this.#items[j] = kept;
  }

  #reverse(a: number, b: number): void {
    for (let i = a, j = b - 1; i < j; i++, j--) this.#swap(i, j);
  }

  #insertionSort(a: number, b: number): void {
    for (let i = a + 1; i < b; i++) for (let j = i; j > a && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
  }

  #heapSort(a: number, b: number): void {
    const size = b - a;
    for (let i = Math.floor((size - 1) / 2); i >= 0; i--) this.#siftDown(i, size, a);
    for (let i = size - 1; i >= 0; i--) {
      this.#swap(a, a + i);
      this.#siftDown(0, i, a);
    }
  }

  #siftDown(low: number, high: number, first: number): void {
    for (let root = low; ;) {
      let child = 2 * root + 1;
      if (child >= high) return;
      if (child + 1 < high && this.#less(first + child, first + child + 1)) child++;
      if (!this.#less(first + root, first + child)) return;
      this.#swap(first + root, first + child);
      root = child;
    }
  }

  /** Smaller items to the left of the pivot, all others to its right. */
  #partition(a: number, b: number, pivot: number): { middle: number; alreadyPartitioned: boolean } {
    this.#swap(a, pivot);
    let i = a + 1;
    let j = b - 1;
    const skip = () => {
      while (i <= j && this.#less(i, a)) i++;
      while (i <= j && !this.#less(j, a)) j--;
    };
    skip();
    const alreadyPartitioned = i > j;
    while (i <= j) {
      this.#swap(i++, j--);
      skip();
    }
    this.#swap(j, a);
    return { middle: j, alreadyPartitioned };
  }

  /** Items equal to the pivot first. @returns where the larger ones begin */
  #partitionEqual(a: number, b: number, pivot: number): number {
    this.#swap(a, pivot);
    let i = a + 1;
    let j = b - 1;
    for (;;) {
      while (i <= j && !this.#less(a, i)) i++;
      while (i <= j && this.#less(a, j)) j--;
      if (i > j) return i;
      this.#swap(i++, j--);
    }
  }

  /** Repairs a few items that are out of place. @returns whether all is sorted then */
  #partialInsertionSort(a: number, b: number): boolean {
    const repairs = 5;
    const worthShifting = 50;
    let i = a + 1;
    for (let n = 0; n < repairs; n++) {
      while (i < b && !this.#less(i, i - 1)) i++;
      if (i === b) return true;
      if (b - a < worthShifting) return false;
      this.#swap(i, i - 1);
      if (i - a >= 2) for (let j = i - 1; j >= 1 && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
      if (b - i >= 2) for (let j = i + 1; j < b && this.#less(j, j - 1); j++) this.#swap(j, j - 1);
    }
    return false;
  }

  #breakPatterns(a: number, b: number): void {
    const length = b - a;
    if (length < 8) return;
    let random = BigInt(length);
    const next = () => {
      random = BigInt.asUintN(64, random ^ (random << 13n));
      random ^= random >> 7n;
      random = BigInt.asUintN(64, random ^ (random << 17n));
      return random;
    };
    const modulus = 1n << BigInt(length.toString(2).length);
    const middle = a + Math.floor(length / 4) * 2 - 1;
    for (let i = 0; i < 3; i++) {
      let other = Number(next() & (modulus - 1n));
      if (other >= length) other -= length;
      this.#swap(middle - 1 + i, a + other);
    }
  }

  #choosePivot(a: number, b: number): { pivot: number; hint: Hint } {
    const length = b - a;
    const [shortest, longest] = [8, 50];
    let swaps = 0;
    const quarter = Math.floor(length / 4);
    let [i, j, k] = [a + quarter, a + quarter * 2, a + quarter * 3];
    const ordered = (x: number, y: number): [number, number] => {
      if (!this.#less(y, x)) return [x, y];
      swaps++;
      return [y, x];
    };
    const median = (x: number, y: number, z: number): number => {
      [x, y] = ordered(x, y);
      [y, z] = ordered(y, z);
      [x, y] = ordered(x, y);
      return y;
    };
    if (length >= shortest) {
      if (length >= longest) [i, j, k] = [i, j, k].map((m) => median(m - 1, m, m + 1)) as [number, number, number];
      j = median(i, j, k);
    }
    const hint = swaps === 0 ? 'increasing' : swaps === 12 ? 'decreasing' : 'unknown';
    return { pivot: j, hint };
  }
}
