/** The curves in numbers: the newest mean of each loss and task, and the learning rate. For reading, and for readers aloud. */
import { lossTitle } from './loss-titles.js'
import { newest, type TrainingStage } from './stages.js'

interface LossTableProps {
  readonly stages: readonly TrainingStage[]
  readonly names: readonly string[]
  readonly tasks: readonly string[]
}

export function LossTable({ stages, names, tasks }: LossTableProps) {
  const last = stages.findLast(({ lines }) => lines.length > 0)?.lines.at(-1)
  return (
    <>
      <table className="tokens">
        <caption>Newest losses, means of 20 steps</caption>
        <thead>
          <tr>
            <th scope="col">Task</th>
            {names.map((name) => (
              <th scope="col" key={name}>
                {lossTitle(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <tr key={task}>
              <th scope="row">{task}</th>
              {names.map((name) => (
                <td key={name}>{newest(stages, name, task)?.toPrecision(3) ?? '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {last && (
        <p className="dim">
          Learning rate {last.learningRate.toExponential(1)}, norm of the gradient {last.gradientNorm.toPrecision(3)}.
        </p>
      )}
    </>
  )
}
