/** A name of a metric in a PromQL expression, and the names of the labels that it is asked by. */
export interface Selector {
  metric: string;
  labels: string[];
}

const WORDS = new Set(
  (
    'and or unless by without on ignoring group_left group_right bool offset sum rate increase max min avg count ' +
    'histogram_quantile label_values inf nan'
  ).split(' '),
);

/**
 * The metrics that an expression asks for, with the labels of their matchers. Labels of `by (…)` and the like are told with every metric,
 * since each must have them; `le` only where there are buckets.
 */
export function selectorsOf(expression: string): Selector[] {
  const grouped: string[] = [];
  const text = expression
    .replaceAll(/\b(by|without|on|ignoring)\s*\(([^)]*)\)/g, (_all, _word, names: string) => {
      grouped.push(...names.split(',').map((name) => name.trim()));
      return ' ';
    })
    .replaceAll(/\[[^\]]*\]/g, ' ');
  const found: Selector[] = [];
  for (const [, metric = '', matchers = ''] of text.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?/g)) {
    if (WORDS.has(metric.toLowerCase()) || !metric.includes('_')) {
      if (metric !== 'up') continue;
    }
    const own = [...matchers.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)].map(
      ([, name = '']) => name,
    );
    found.push({ metric, labels: [...own, ...grouped] });
  }
  return found;
}
