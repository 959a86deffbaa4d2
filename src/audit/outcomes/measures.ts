/** How good predictions were: measures that are gathered one prediction at a time, in constant space (a few numbers a class). */

/** A sum whose rounding errors are summed up too (Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen"). */
export class Sum {
  private total = 0;
  private lost = 0;

  add(value: number): void {
    const next = this.total + value;
    this.lost +=
      Math.abs(this.total) >= Math.abs(value) ? this.total - next + value : value - next + this.total;
    this.total = next;
  }

  get value(): number {
    return this.total + this.lost;
  }
}

/** In the unit of the target; null where they are beyond what a number holds. */
export interface NumericQuality {
  /** Mean absolute error. */
  mae: number | null;
  /** Root of the mean squared error. */
  rmse: number | null;
  /** Mean of predicted − true: above 0 where the model says too much. */
  bias: number | null;
}

/** Errors of predicted numbers. Where a prediction has several elements, its error is the mean over them. */
export class NumericMeasures {
  private count = 0;
  private readonly errors = new Sum();
  private readonly absolute = new Sum();
  private readonly squared = new Sum();

  /** @param predicted and `value` have the same number of elements, at least one */
  add(predicted: readonly number[], value: readonly number[]): void {
    const elements = predicted.length;
    this.count++;
    for (let i = 0; i < elements; i++) {
      const error = (predicted[i] as number) - (value[i] as number);
      this.errors.add(error / elements);
      this.absolute.add(Math.abs(error) / elements);
      this.squared.add((error * error) / elements);
    }
  }

  /** Null where nothing was added. */
  get quality(): NumericQuality | null {
    const { count } = this;
    if (count === 0) return null;
    return {
      mae: finite(this.absolute.value / count),
      rmse: finite(Math.sqrt(this.squared.value / count)),
      bias: finite(this.errors.value / count),
    };
  }
}

/** Of one class: null where there was nothing to be right about. */
export interface LabelQuality {
  /** Of those predicted to be of the class, the share that was; null where none was predicted. */
  precision: number | null;
  /** Of those that were of the class, the share predicted; null where none was. */
  recall: number | null;
  /** How many were of the class. */
  support: number;
}

export interface ClassQuality {
  /** Share of the predictions that were right. */
  accuracy: number;
  /**
   * Mean of −ln of the probability given to the true class, over those of which it is on record; null where it is of none. A
   * probability is taken for no less than 2^-52, as scikit-learn's `log_loss` does for float64.
   */
  logLoss: number | null;
  /** Mean of the classes' own, of those that have one (`average="macro", zero_division=nan` in scikit-learn). */
  precision: number | null;
  recall: number | null;
  classes: Record<string, LabelQuality>;
  /** Classes beyond `MAX_CLASSES`, which `classes` leaves out; the means are over all. */
  otherClasses?: number;
}

/** Most classes that are told one by one: those with the greatest support. */
export const MAX_CLASSES = 1000;

interface Tally {
  right: number;
  predicted: number;
  support: number;
}

/** Predicted classes against true ones, by their labels. */
export class ClassMeasures {
  private count = 0;
  private right = 0;
  private readonly losses = new Sum();
  private withProbability = 0;
  private readonly tallies = new Map<string, Tally>();

  /** @param probability what was given to the true class; null where it is not known */
  add(predicted: string, value: string, probability: number | null): void {
    this.count++;
    this.tally(predicted).predicted++;
    const tally = this.tally(value);
    tally.support++;
    if (predicted === value) {
      tally.right++;
      this.right++;
    }
    if (probability === null) return;
    this.withProbability++;
    this.losses.add(-Math.log(Math.min(1, Math.max(probability, Number.EPSILON))) + 0); // never -0
  }

  /** Null where nothing was added. */
  get quality(): ClassQuality | null {
    if (this.count === 0) return null;
    const each = [...this.tallies].map(([label, tally]) => [label, labelQuality(tally)] as const);
    const told = each.length > MAX_CLASSES ? each.sort(bySupport).slice(0, MAX_CLASSES) : each.sort(byLabel);
    const quality: ClassQuality = {
      accuracy: this.right / this.count,
      logLoss: this.withProbability === 0 ? null : this.losses.value / this.withProbability,
      precision: meanOf(each.map(([, { precision }]) => precision)),
      recall: meanOf(each.map(([, { recall }]) => recall)),
      classes: Object.fromEntries(told),
    };
    if (each.length > told.length) quality.otherClasses = each.length - told.length;
    return quality;
  }

  private tally(label: string): Tally {
    let tally = this.tallies.get(label);
    if (!tally) {
      tally = { right: 0, predicted: 0, support: 0 };
      this.tallies.set(label, tally);
    }
    return tally;
  }
}

function labelQuality({ right, predicted, support }: Tally): LabelQuality {
  return {
    precision: predicted === 0 ? null : right / predicted,
    recall: support === 0 ? null : right / support,
    support,
  };
}

type Labelled = readonly [string, LabelQuality];

function byLabel([a]: Labelled, [b]: Labelled): number {
  return a < b ? -1 : 1;
}

function bySupport(a: Labelled, b: Labelled): number {
  return b[1].support - a[1].support || byLabel(a, b);
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const sum = new Sum();
  for (const value of known) sum.add(value);
  return sum.value / known.length;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
