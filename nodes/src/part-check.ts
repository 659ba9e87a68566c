// One part of a model, looked at without running anything: is it there, and is every tensor?
import { access } from 'node:fs/promises'
import { type Component, type ComponentKind, checkComponent } from '@dreamgraph/dreamo'
import { assertLoraFits, assertMatch, matchLora, openLora, type WeightSet } from '@dreamgraph/weights'

/** `absent` is a fault only of a part that every model needs. */
export interface PartReport {
  readonly part: string
  readonly path: string
  readonly state: 'fits' | 'wrong' | 'absent'
  /** How many tensors, or what is wrong. */
  readonly detail: string
  /** Tensors that the model uses, of a LoRA its modules; 0 for parts without weights. */
  readonly tensors: number
  /** Names that the model needs and the file lacks; of a LoRA, modules that its base lacks. */
  readonly missing: readonly string[]
  /** Names in the file that are of no use to the model. */
  readonly unused: readonly string[]
}

export interface WeightsCheck {
  readonly report: PartReport
  /** Present when they fit. */
  readonly weights?: WeightSet
  /** The keys are those of another kind of part. */
  readonly isOther: boolean
}

export async function checkWeights(kind: ComponentKind, path: string): Promise<WeightsCheck> {
  let opened: Pick<Component<unknown>, 'weights' | 'report'> | undefined
  let isOther = false
  const report = await checkPart(kind, path, async () => {
    try {
      opened = await checkComponent(kind, path)
    } catch (error) {
      isOther = faultOf(error)?.code === 'weights/layout-unknown'
      throw error
    }
    assertMatch(opened.report, path)
    const { matched, unexpected } = opened.report
    const extra = unexpected.length > 0 ? `, ${unexpected.length} more that are not used` : ''
    return `${matched.length} tensors of ${dtypesOf(opened.weights, matched)}${extra}`
  })
  const { matched = [], missing = [], unexpected = [] } = opened?.report ?? {}
  return {
    report: { ...report, tensors: matched.length, missing, unused: unexpected },
    weights: report.state === 'fits' ? opened?.weights : undefined,
    isOther,
  }
}

/** Element types, the most common first. */
function dtypesOf(weights: WeightSet, names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) {
    const { dtype } = weights.get(name)!
    counts.set(dtype, (counts.get(dtype) ?? 0) + 1)
  }
  return [...counts.entries()]
    .sort((a, b) => b[1] - a[1])
    .map(([dtype]) => dtype)
    .join(', ')
}

/** Without a transformer to compare with, a LoRA can only be read. */
export async function checkLora(path: string, base: WeightSet | undefined): Promise<PartReport> {
  let found: Pick<PartReport, 'tensors' | 'missing' | 'unused'> | undefined
  const report = await checkPart('LoRA', path, async () => {
    const lora = await openLora(path)
    found = { tensors: lora.modules.size, missing: [], unused: lora.unknown }
    if (base) {
      const match = matchLora(lora, base)
      found = {
        tensors: match.matched.length,
        missing: match.unknownModules,
        unused: [...match.unknownKeys, ...match.textEncoderKeys],
      }
      assertLoraFits(match, path)
    }
    const embeddings = Object.keys(lora.embeddings).length > 0 ? ", DreamO's embeddings" : ''
    return `${lora.modules.size} modules, ${lora.format} keys${embeddings}${base ? '' : ' (base not given, fit not checked)'}`
  })
  return { ...report, ...found }
}

/** Reports what `open` says, or the user's fault that it throws. Throws what is a bug of ours. */
export async function checkPart(
  part: string,
  path: string,
  open: (path: string) => Promise<string>,
): Promise<PartReport> {
  const none = { tensors: 0, missing: [], unused: [] }
  if (!(await exists(path))) return { part, path, state: 'absent', detail: 'not there', ...none }
  try {
    return { part, path, state: 'fits', detail: await open(path), ...none }
  } catch (error) {
    const fault = faultOf(error)
    if (!fault) throw error
    return { part, path, state: 'wrong', detail: `${fault.code}: ${fault.message}`, ...none }
  }
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The mark that every package's typed errors carry. */
function faultOf(error: unknown): { readonly code: string; readonly message: string } | undefined {
  const { userFault, code, message } = error as { userFault?: unknown; code: string; message: string }
  return error instanceof Error && userFault === true ? { code, message } : undefined
}
