/** Colours to choose from, and none. */
import { Icon } from './icons.js'

const colors = ['#e5605e', '#e08a4f', '#d6a541', '#6fae6a', '#4db6ac', '#4ea1f3', '#8b7cf6', '#c069d0', '#8a93a3']
const names = ['Red', 'Orange', 'Yellow', 'Green', 'Teal', 'Blue', 'Violet', 'Pink', 'Grey']

interface SwatchesProps {
  readonly onPick: (color: string | undefined) => void
  /** They are entries of a menu. */
  readonly isMenu?: boolean
}

export function Swatches({ onPick, isMenu }: SwatchesProps) {
  const role = isMenu ? 'menuitem' : undefined
  return (
    <fieldset className="swatches" aria-label="Colour">
      {colors.map((color, index) => (
        <button
          type="button"
          role={role}
          key={color}
          aria-label={names[index]}
          title={names[index]}
          style={{ background: color }}
          onClick={() => onPick(color)}
        />
      ))}
      <button
        type="button"
        role={role}
        className="none"
        aria-label="No colour"
        title="No colour"
        onClick={() => onPick(undefined)}
      >
        <Icon name="close" size={12} />
      </button>
    </fieldset>
  )
}
