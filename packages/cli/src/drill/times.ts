/**
 * The one place where a drill is faster than production. POLICY's times are data; here they are shortened so that a whole
 * incident fits into less than a minute of real traffic. Thresholds and counts are production's. Milliseconds.
 */
export const times = {
  /** A look every 15 s becomes one every 750 ms. */
  probeEveryMs: 750,
  /** The windows of 1 m and 5 m. */
  windowsMs: [1_000, 5_000],
  /** A sample every 15 s. */
  scrapeEveryMs: 250,
  /** Two looks at the checks at least 15 s apart. */
  settleMs: 700,
  /** Production's times of the severity policy times this: a level is lowered after half a minute, not two. */
  policyFactor: 1 / 4,
  /** The ladder: P1 waits 60 s, the engineer is told after 5 min. */
  routesFactor: 1 / 10,
  /** 10 s between the page and the first write. */
  pageToWriteMs: 400,
  /** Two sources must have read it for 60 s at P0, 180 s at P1. */
  measuredMs: { P0: 3_500, P1: 20_000 },
  /** Machine 1 is judged for 45 s. */
  judgeMs: 7_000,
  /** After the last machine: healthy for so long is verified. */
  verifyMs: 4_000,
  /** 10 min. */
  bakeMs: 8_000,
  /** A release was good before for 10 min, measured for 60 s, and live for 30 min. */
  evidenceFactor: 1 / 60,
  /** What the platform takes to replace a machine, and to start it. */
  replaceMs: 500,
  startMs: 300,
  /** How long v3 answers well before it begins to fail, on all machines at once, counted from its release. */
  goodForMs: 8_500,
  /** How much later it is as ill as it gets: P1 is a station on the way, whenever the looks fall. */
  worseAfterMs: 2_500,
  /** Users of the service that will fail; few enough that one short window is judged by the rule for few requests. */
  requestsPerSecond: 21,
  /** Good traffic before the deploy: what "healthy before" is measured on. */
  warmUpMs: 5_000,
  /** A healthy drill waits so long for nothing to happen. */
  quietMs: 20_000,
  /** How much later the informational check of v3 fails. */
  deepAfterMs: 4_000,
  /** The drill gives up, counted from its start: it ends by itself within a minute. */
  longestMs: 56_000,
} as const
