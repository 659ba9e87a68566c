import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of tests that take long, longest first. They start first, so that no core waits for one of them in the end. */
const long = [
  'test/editor/editor',
  'apps/cli/src/commands',
  'test/server/kill',
  'apps/cli/src/train',
  'apps/editor/src/browser/views',
  'apps/cli/src/run',
  'apps/mini/src/autoencoder',
  'apps/cli/src/verify',
  'apps/editor/src/browser/page',
]

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex(
        (name) => moduleId.endsWith(`${name}.test.ts`) || moduleId.endsWith(`${name}.browser.test.ts`),
      )
      return at < 0 ? long.length : at
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    include: ['{packages,apps}/*/src/**/*.test.ts', 'nodes/src/**/*.test.ts', 'test/**/*.test.ts'],
    maxWorkers: 2,
    // Files share a process and what they have imported: to begin anew with each of three hundred took a quarter of the time. So
    // a file leaves no stub behind, and what it opens it closes.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
  },
})
