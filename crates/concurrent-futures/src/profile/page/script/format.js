// Numbers as text. Whatever the page prints goes through here.

/** Three digits; of large numbers all before the point, in groups. The terminal has them so, too. */
function digits(number) {
  const size = Math.abs(number);
  const decimals = size === 0 || size >= 99.95 ? 0 : size < 9.995 ? 2 : 1;
  return number.toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function duration(us) {
  if (us >= 999.5e3) return digits(us / 1e6) + " s";
  if (us >= 999.5) return digits(us / 1e3) + " ms";
  if (us >= 0.9995) return digits(us) + " µs";
  return count(us * 1e3) + " ns";
}

function seconds(s) {
  return duration(s * 1e6);
}

function count(number) {
  return number.toLocaleString("en-GB", { maximumFractionDigits: 0 });
}

function rate(perSecond) {
  return digits(perSecond) + "/s";
}

function factor(number) {
  return digits(number) + " ×";
}

function percent(number) {
  return number.toFixed(1) + " %";
}

function plural(number, one, many) {
  return count(number) + " " + (number === 1 ? one : many);
}

/** Labels of a time axis: one unit, and as many decimals as its step needs. */
function timeLabels(splits, step, end) {
  const [unit, scale] = end < 1e-3 ? ["µs", 1e6] : end < 1 ? ["ms", 1e3] : ["s", 1];
  const decimals = Math.max(0, Math.ceil(-Math.log10(step * scale) - 1e-9));
  return splits.map((at) => (at * scale).toFixed(decimals) + " " + unit);
}
