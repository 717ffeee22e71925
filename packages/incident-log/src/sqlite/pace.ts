/**
 * When to commit what is queued. At the end of the event loop's turn, everybody who wants to append in it has said so, but a
 * turn costs a lone caller a third of its speed. Before the end of the turn there is a cheaper moment, after all promises
 * that are settled have been gone through: enough for callers who wait for their last append, not for requests that come
 * from outside one after another. So the cheap moment is used as long as it finds as many as the turn did.
 */
export interface Pace {
  /** Runs `work` at the right moment. `waiting` tells how many are queued: while turns bring more, it is not yet right. */
  soon(work: () => void, waiting?: () => number): void
  /** How many were found at that moment. */
  found(count: number): void
}

/** Cheap moments in a row, and appends in them: after that the loop turns, for everything else and to count anew. */
const mostMoments = 16
const mostAppends = 256
/** Turns that are waited for at most, each of them for having brought more: a flush costs more than many turns. */
const mostTurns = 4
/** After a cheap moment that found too few: so many turns before the next try. */
const wary = 64

export function createPace(endOfTurn: (work: () => void) => void = setEndOfTurn): Pace {
  /** What the last turn found. */
  let expected = 0
  let moments = mostMoments
  let appends = 0
  let turnsLeft = 0
  let byTurn = true

  function whenNoMoreCome(work: () => void, waiting: () => number) {
    let turns = 0
    let before = 0
    const look = () => {
      const count = waiting()
      turns += 1
      if (count <= before || turns > mostTurns) return work()
      before = count
      endOfTurn(look)
    }
    endOfTurn(look)
  }

  return {
    soon(work, waiting) {
      byTurn = turnsLeft > 0 || moments >= mostMoments || appends >= mostAppends
      if (byTurn && waiting !== undefined) whenNoMoreCome(work, waiting)
      else if (byTurn) endOfTurn(work)
      else process.nextTick(work)
    },
    found(count) {
      if (byTurn) {
        expected = count
        moments = 0
        appends = 0
        turnsLeft = Math.max(0, turnsLeft - 1)
      } else {
        moments += 1
        appends += count
        if (count * 4 < expected * 3) turnsLeft = wary
      }
    },
  }
}

/** setImmediate is no clock: it is the end of the current turn. */
function setEndOfTurn(work: () => void): void {
  setImmediate(work) // oxlint-disable-line house/clock-port -- as said
}
