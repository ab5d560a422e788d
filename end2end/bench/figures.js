// Computes and prints medians and percentiles.

export function quantile(values, part) {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
}

export function ms(value) {
  return `${value.toFixed(1).padStart(7)} ms`;
}
