import { defineConfig } from 'vitest/config'

// The long proofs: kills, seeds, contracts, real senders. They take the time they need, one file after another.
const conditions = ['@firebreak/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    environment: 'node',
    include: ['packages/*/src/**/*.prove.ts', 'examples/*/src/**/*.prove.ts', 'tooling/**/*.prove.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
})
