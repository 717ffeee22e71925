/** What a `firebreak.config.ts` imports. The command itself is the package's bin. */
export type { Config } from './config.ts'
export { defineConfig } from './config.ts'
