/** The picture under a file's name, where it is one that can be seen. */
import type { JsonValue, ParamDescription } from '@dreamgraph/graph'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'

interface FilePictureProps {
  readonly workspace: Workspace
  readonly param: ParamDescription
  readonly value: JsonValue | undefined
}

export function FilePicture({ workspace, param, value }: FilePictureProps) {
  useSelect(workspace.files, (files) => files)
  const url = param.kind === 'file' && typeof value === 'string' ? workspace.backend.fileUrl(value) : undefined
  return url ? <img className="file-picture" src={url} alt={`${param.title}: ${value}`} draggable={false} /> : null
}
