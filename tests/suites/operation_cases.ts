/**
 * Every operation with its input and what comes out: run with plain and with async callbacks, over a
 * generator and over keys.
 *
 * @module
 */

/** One row. In `chain`, `fn(…)` stands around callbacks that may be async. */
export interface OperationCase {
  readonly input: readonly unknown[];
  /** What is chained between the reader and `run()`. */
  readonly chain: string;
  readonly results: readonly unknown[];
  /** Whether the result depends on the order of the input, which keys do not have. */
  readonly ordered?: true;
  /** Whether the result has an order of its own, whatever the order of the input. */
  readonly sorted?: true;
}

/** Rows by name. */
export const OPERATION_CASES: Readonly<Record<string, OperationCase>> = {
  "map": { input: [1, 2, 3], chain: ".map(fn((r) => r * 2))", results: [2, 4, 6] },
  "map to null, false and nested arrays": {
    input: [0, 1, 2],
    chain: ".map(fn((r) => [null, false, [r]][r]))",
    results: [null, false, [2]],
  },
  "flatMap keeps the order of elements": {
    input: ["a b", "c"],
    chain: ".flatMap(fn((r) => r.split(' ')))",
    results: ["a", "b", "c"],
  },
  "flatMap opens one level, drops empty arrays, passes what is no array": {
    input: [0, 1, 2, 3],
    chain: ".flatMap(fn((r) => [[], [[r]], 'two', { r }][r]))",
    results: [[1], "two", { r: 3 }],
  },
  "forEach passes the record, with what the callback did to it": {
    input: [{ n: 1 }, { n: 2 }],
    chain: ".forEach(fn((r) => { r.n *= 10; return 'ignored'; }))",
    results: [{ n: 10 }, { n: 20 }],
  },
  "filter by truthiness": {
    input: [0, 1, 2, 3],
    chain: ".filter(fn((r) => ['', 'yes', null, {}][r]))",
    results: [1, 3],
  },
  "accumulate": {
    input: [1, 2, 3],
    chain: ".accumulate(fn((a, r) => (a ?? 100) + r))",
    results: [106],
  },
  "accumulate keeps falsy accumulators": {
    input: [5, 5],
    chain: ".accumulate(fn((a, r) => a === undefined ? 0 : a === 0 ? '' : 'lost'))",
    results: [""],
  },
  "localGroupBy": {
    input: ["ant", "bee", "ape"],
    chain: ".localGroupBy((r) => r[0], fn((k, a, r) => (a ?? k) + r.length))",
    results: [{ key: "a", value: "a33" }, { key: "b", value: "b3" }],
  },
  "groupBy shows keys as text": {
    input: [1, 2, 3],
    chain: ".groupBy((r) => r % 2, fn((k, a, r) => (a ?? 0) + r))",
    results: [{ key: "1", value: 4 }, { key: "0", value: 2 }],
    ordered: true,
  },
  "groupBy of keys of every kind": {
    input: [0, 1, 2, 3],
    chain: ".groupBy((r) => [null, true, [1], { a: 1 }][r], fn((k, a, r) => r))",
    results: [
      { key: "null", value: 0 },
      { key: "true", value: 1 },
      { key: "[1]", value: 2 },
      { key: '{"a":1}', value: 3 },
    ],
  },
  "batchGroupBy": {
    input: [3, 1, 4, 1, 5],
    chain: ".batchGroupBy((r) => r % 2 ? 'odd' : 'even', fn((k, rs) => rs.join('+')))",
    results: [{ key: "odd", value: "3+1+1+5" }, { key: "even", value: "4" }],
    ordered: true,
  },
  "aggregate": {
    input: [1, 2, 3],
    chain: ".aggregate({ sum: 0 }, fn((a, r) => ({ sum: a.sum + r })), " +
      "fn((a, p) => ({ sum: a.sum + p.sum })))",
    results: [{ sum: 6 }],
  },
  "aggregate may change its zero value, which stays as it is": {
    input: [1, 2],
    chain: ".aggregate([], fn((a, r) => { a.push(r); return a; }), fn((a, p) => [...a, ...p]))" +
      ".map((r) => r.length)",
    results: [2],
  },
  "aggregateBy": {
    input: ["a", "b", "a"],
    chain: ".aggregateBy((r) => r, 0, fn((k, a, r) => a + 1), fn((k, a, p) => a + p))",
    results: [{ key: "a", value: 2 }, { key: "b", value: 1 }],
  },
  "count": { input: ["x", null, 0], chain: ".count()", results: [3] },
  "countBy with and without extractor": {
    input: ["ab", "cd", "ab"],
    chain: ".countBy().countBy(({ value }) => value)",
    results: [{ key: "2", value: 1 }, { key: "1", value: 1 }],
  },
  "avg of records and of what an extractor gives": {
    input: [1, 2, "4.5", true],
    chain: ".avg(fn((r) => r))",
    results: [2.125],
  },
  "avg without extractor": { input: [1, 2], chain: ".avg()", results: [1.5] },
  "limit": { input: [1, 2, 3, 4], chain: ".limit(2)", results: [1, 2], ordered: true },
  "limit with start": {
    input: [1, 2, 3, 4],
    chain: ".limit(2, 1)",
    results: [2, 3],
    ordered: true,
  },
  "limit beyond the end": { input: [1, 2], chain: ".limit(9, 1)", results: [2], ordered: true },
  "limit of nothing": { input: [1, 2], chain: ".limit(0)", results: [] },
  "limit of nothing before a count": { input: [1, 2], chain: ".limit(0).count()", results: [] },
  "limit after a sort": { input: [3, 1, 2], chain: ".sort().limit(1, 1)", results: [2] },
  "distinct": { input: [1, "1", 1, null, null], chain: ".distinct()", results: [1, "1", null] },
  "distinct of objects, by content": {
    input: [{ a: 1, b: [2] }, { b: [2], a: 1 }, { a: 1 }],
    chain: ".distinct().count()",
    results: [2],
  },
  "sort of numbers": { input: [10, 9, -1], chain: ".sort()", results: [-1, 9, 10], sorted: true },
  "sort of text, by code unit": {
    input: ["b", "a", "B", "ä"],
    chain: ".sort()",
    results: ["B", "a", "b", "ä"],
    sorted: true,
  },
  "sort of mixed records": {
    input: ["a", [1], 2, null, true, 1],
    chain: ".sort()",
    results: [1, 2, true, "a", [1], null],
    sorted: true,
  },
  "sort in reverse": {
    input: [2, 3, 1],
    chain: ".sort({ reverse: true })",
    results: [3, 2, 1],
    sorted: true,
  },
  "sort by a comparator": {
    input: ["aaa", "b", "cc"],
    chain: ".sort((a, b) => a.length - b.length)",
    results: ["b", "cc", "aaa"],
    sorted: true,
  },
  "collect": { input: [1, 2], chain: ".collect()", results: [1, 2] },
  "repartition": {
    input: [1, 2],
    chain: ".repartition((r) => r).map(fn((r) => r))",
    results: [1, 2],
  },
};

/** Operations that give no record where there was none. */
export const EMPTY_CHAINS: readonly string[] = [
  ".map((r) => r)",
  ".flatMap((r) => r)",
  ".accumulate((a) => a)",
  ".count()",
  ".countBy()",
  ".avg()",
  ".aggregate(0, (a) => a, (a) => a)",
  ".aggregateBy((r) => r, 0, (k, a) => a, (k, a) => a)",
  ".groupBy((r) => r, (k, a) => a)",
  ".batchGroupBy((r) => r, (k, rs) => rs)",
  ".sort()",
  ".distinct()",
  ".limit(5)",
  ".repartition((r) => r)",
  ".collect()",
];
