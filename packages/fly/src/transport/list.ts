import type { Answered } from './call.ts'

/** A page of a list, and how to get the next. */
export interface Page<T> extends Answered<readonly T[]> {
  readonly next?: (() => Promise<Page<T>>) | undefined
}

/**
 * A list. `await` gives all of it, `for await` goes through it page by page without awaiting first.
 * Nothing is asked before one of the two happens.
 */
export interface FlyList<T> extends AsyncIterable<T>, PromiseLike<readonly T[]> {
  /** The first page, with its response and request id. */
  withResponse(): Promise<Answered<readonly T[]>>
  catch<Other = never>(onRejected: (error: unknown) => Other | PromiseLike<Other>): Promise<readonly T[] | Other>
  finally(onSettled: () => void): Promise<readonly T[]>
}

export function flyList<T>(first: () => Promise<Page<T>>): FlyList<T> {
  async function* items(): AsyncGenerator<T> {
    for (let page = await first(); ; page = await page.next()) {
      yield* page.data
      if (page.next === undefined) return
    }
  }
  async function all(): Promise<readonly T[]> {
    const found: T[] = []
    for await (const item of items()) found.push(item)
    return found
  }
  return {
    [Symbol.asyncIterator]: items,
    // oxlint-disable-next-line unicorn/no-thenable -- a list is awaited or iterated, as the caller likes
    then: (onFulfilled, onRejected) => all().then(onFulfilled, onRejected),
    catch: (onRejected) => all().catch(onRejected),
    finally: (onSettled) => all().finally(onSettled),
    async withResponse() {
      const { data, response, requestId } = await first()
      return { data, response, requestId }
    },
  }
}
