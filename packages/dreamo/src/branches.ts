// The branches of true CFG as one function of a point: one after the other, or side by side in two processes; alone, or with others
// who denoise at the same time.
import { cachedField } from './cached-field.js'
import type { DenoiseRequest } from './denoise-request.js'
import { type FieldConditions, type FieldPoint, sequenceTokens } from './field-feeds.js'
import { Gathering } from './gathering.js'
import { isSmall } from './lora.js'
import type { Model } from './model.js'
import { orderReferences } from './references.js'
import type { Sessions } from './sessions.js'
import { type FieldOptions, type FieldValue, mostInPass, type VelocityField, velocityField } from './velocity-field.js'

type Velocities = FieldValue & { readonly negativeVelocity?: Float32Array }

export interface Branches {
  /** Both branches as one function: what it tells of a point, the negative velocity where that is guided. */
  readonly velocitiesAt: (at: FieldPoint, isGuided: boolean) => Promise<Velocities>
  /** Others no longer wait for this one. */
  readonly leave: () => void
}

export function branches(model: Model, request: DenoiseRequest): Branches {
  const { grid, text, references: given, trueCfg, firstBlockCache = 0, together } = request
  const references = orderReferences(given)
  // Without references the image still gets its row; the negative branch of true CFG knows neither.
  const conditions: FieldConditions = { grid, text, references, hasRows: true }
  const halves = halvesFor(model, request)
  const meetings = together ? meetingsOf(model) : newMeetings()
  const fieldOf = (conditions: FieldConditions, options: FieldOptions): VelocityField =>
    firstBlockCache > 0 ? cachedField(model, conditions, firstBlockCache) : velocityField(model, conditions, options)
  const positive = fieldOf(conditions, { gathering: meetings.positive, sessions: halves?.[0] })
  const graceMs = together ? arrivalMs : 0
  const leave = meetings.positive.join(graceMs)
  if (!trueCfg) return { velocitiesAt: positive, leave }

  const without: FieldConditions = { grid, text: trueCfg.negative, references: [], hasRows: false }
  const place = halves ? { gathering: meetings.negative, sessions: halves[1] } : { gathering: meetings.positive }
  const negative = fieldOf(without, place)
  const negativeAt = async (at: FieldPoint): Promise<Float32Array> => {
    const ahead = at.ahead?.map(({ sigma }) => ({ sigma, guidance: trueCfg.guidance }))
    const { velocity } = await negative({ ...at, guidance: trueCfg.guidance, ahead, withResponses: false })
    return velocity
  }
  // Nobody shall wait for a negative branch that does not come.
  let leaveNegative: (() => void) | undefined
  return {
    async velocitiesAt(at, isGuided) {
      if (!isGuided) {
        leaveNegative?.()
        leaveNegative = undefined
        return positive(at)
      }
      if (!halves) return { ...(await positive(at)), negativeVelocity: await negativeAt(at) }
      leaveNegative ??= meetings.negative.join(graceMs)
      const [value, negativeVelocity] = await Promise.all([positive(at), negativeAt(at)])
      return { ...value, negativeVelocity }
    },
    leave() {
      leave()
      leaveNegative?.()
    },
  }
}

/**
 * Where the branches of true CFG run side by side, each on half of the processor. Threads on one small product mostly wait for each
 * other; on large ones they do not, and weights would be read and held twice.
 */
function halvesFor(
  model: Model,
  { grid, text, references, trueCfg, firstBlockCache = 0 }: DenoiseRequest,
): readonly [Sessions, Sessions] | undefined {
  if (!trueCfg || trueCfg.scale <= 1 || firstBlockCache > 0 || !isSmall(model)) return undefined
  const tokens = sequenceTokens({ grid, text, references, hasRows: true })
  return mostInPass(model.transformer.config, tokens) < 1 ? undefined : model.sessions.halves()
}

/** Items of a list are looked up in the cache one by one, so they do not start in the same moment. */
const arrivalMs = 20

/** Where those who denoise together meet: in one place, or for each branch in its own where both run side by side. */
type Meetings = Readonly<Record<'positive' | 'negative', Gathering>>

const newMeetings = (): Meetings => ({ positive: new Gathering(), negative: new Gathering() })

const allMeetings = new WeakMap<Model, Meetings>()

function meetingsOf(model: Model): Meetings {
  const known = allMeetings.get(model) ?? newMeetings()
  allMeetings.set(model, known)
  return known
}
