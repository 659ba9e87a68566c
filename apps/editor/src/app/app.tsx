/** The page: bar on top, a rail of panels, the canvas, details on the right. */
import { type DragEvent, type ReactNode, useEffect, useState } from 'react'
import { CanvasView } from '../canvas/canvas-view.js'
import { DreamoPanel } from '../dreamo/dreamo-panel.js'
import { DetailsPanel } from '../panels/details-panel.js'
import { GalleryPanel } from '../panels/gallery-panel.js'
import { HistoryPanel } from '../panels/history-panel.js'
import { ModelsPanel } from '../panels/models-panel.js'
import { NodesPanel } from '../panels/nodes-panel.js'
import { PictureDialog } from '../panels/picture-dialog.js'
import { ProblemsPanel } from '../panels/problems-panel.js'
import { QueuePanel } from '../panels/queue-panel.js'
import { TemplatesPanel } from '../panels/templates-panel.js'
import { useSelect } from '../state/use-select.js'
import { TrainingPanel } from '../training/training-panel.js'
import { addAt, nodeDrag } from './add-node.js'
import { ConflictDialog } from './conflict-dialog.js'
import { ConnectionBanner } from './connection-banner.js'
import { ImportReportDialog } from './import-report-dialog.js'
import { Palette } from './palette.js'
import { Popup } from './popup.js'
import { Rail } from './rail.js'
import { RunFormDialog } from './run-form-dialog.js'
import { pasteText, takeFile } from './selection-edits.js'
import { ShortcutSheet } from './shortcut-sheet.js'
import { listenForShortcuts } from './shortcuts.js'
import { TopBar } from './top-bar.js'
import type { LeftPanel, RightPanel, Workspace } from './workspace.js'

const leftPanels: Readonly<Record<LeftPanel, (workspace: Workspace) => ReactNode>> = {
  nodes: (workspace) => <NodesPanel workspace={workspace} />,
  templates: (workspace) => <TemplatesPanel workspace={workspace} />,
  queue: (workspace) => <QueuePanel workspace={workspace} />,
  gallery: (workspace) => <GalleryPanel workspace={workspace} />,
  models: (workspace) => <ModelsPanel workspace={workspace} />,
}

const rightPanels: Readonly<Record<RightPanel, (workspace: Workspace) => ReactNode>> = {
  details: (workspace) => <DetailsPanel workspace={workspace} />,
  problems: (workspace) => <ProblemsPanel workspace={workspace} />,
  dreamo: (workspace) => <DreamoPanel workspace={workspace} />,
  history: (workspace) => <HistoryPanel workspace={workspace} />,
  training: (workspace) => <TrainingPanel workspace={workspace} />,
}

export function App({ workspace }: { readonly workspace: Workspace }) {
  const page = useSelect(workspace.page, (state) => state)
  const tab = page.tabs.find(({ id }) => id === page.active) ?? page.tabs[0]!
  const closeDialog = (): void => workspace.page.set({ dialog: undefined })
  useEffect(() => listenForShortcuts(workspace), [workspace])
  useEffect(() => listenForPaste(workspace), [workspace])
  return (
    <DropZone workspace={workspace}>
      <TopBar workspace={workspace} />
      <ConnectionBanner workspace={workspace} />
      <div className="body">
        <Rail workspace={workspace} />
        {page.left && <div className="side left">{leftPanels[page.left](workspace)}</div>}
        <main className="center">
          <CanvasView key={tab.id} workspace={workspace} tab={tab} />
        </main>
        {page.right && <div className="side right">{rightPanels[page.right](workspace)}</div>}
      </div>
      <Popup workspace={workspace} />
      {page.dialog === 'palette' && <Palette workspace={workspace} onClose={closeDialog} />}
      {page.dialog === 'run-form' && <RunFormDialog workspace={workspace} onClose={closeDialog} />}
      {page.dialog === 'shortcuts' && <ShortcutSheet onClose={closeDialog} />}
      {typeof page.dialog === 'object' && 'picture' in page.dialog && (
        <PictureDialog workspace={workspace} digest={page.dialog.picture} onClose={closeDialog} />
      )}
      {typeof page.dialog === 'object' && 'imported' in page.dialog && (
        <ImportReportDialog
          workspace={workspace}
          title={page.dialog.imported}
          report={page.dialog.report}
          onClose={closeDialog}
        />
      )}
      {typeof page.dialog === 'object' && 'conflict' in page.dialog && (
        <ConflictDialog
          workspace={workspace}
          tab={page.dialog.tab}
          name={page.dialog.conflict}
          head={page.dialog.head}
          onClose={closeDialog}
        />
      )}
      <Notice workspace={workspace} />
    </DropZone>
  )
}

/** Drop a workflow, or a picture that carries one, anywhere but on a field; a node of the library on the canvas. */
function DropZone({ workspace, children }: { readonly workspace: Workspace; readonly children: ReactNode }) {
  const [isOver, setOver] = useState(false)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its twin in the command "Open a file…"
    <div
      className={`page${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(nodeDrag) && isOnCanvas(event)) event.preventDefault()
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => event.target === event.currentTarget && setOver(false)}
      onDrop={(event) => {
        setOver(false)
        const at = { x: event.clientX, y: event.clientY }
        const { canvas, catalogue } = workspace
        const node = catalogue.find(event.dataTransfer.getData(nodeDrag))
        if (node && canvas && isOnCanvas(event)) {
          event.preventDefault()
          addAt(workspace, node, canvas.toWorld(at))
        }
        if (event.dataTransfer.files.length === 0) return
        event.preventDefault()
        for (const file of event.dataTransfer.files) void takeFile(workspace, file, at)
      }}
    >
      {children}
    </div>
  )
}

const isOnCanvas = (event: DragEvent): boolean => (event.target as HTMLElement).closest('.canvas') !== null

/** Such a paste comes with the press of the button, or with its release. */
const middlePasteMs = 150

function listenForPaste(workspace: Workspace): () => void {
  let middleAtMs = Number.NEGATIVE_INFINITY
  const press = (event: PointerEvent): void => {
    if (event.button === 1) middleAtMs = event.timeStamp
  }
  const paste = (event: ClipboardEvent): void => {
    if ((event.target as HTMLElement).closest?.('input, textarea')) return
    // On Linux the middle button pastes what is marked anywhere; here it pans.
    event.preventDefault()
    if (event.timeStamp - middleAtMs < middlePasteMs) return
    const [file] = event.clipboardData?.files ?? []
    if (file) void takeFile(workspace, file)
    else void pasteText(workspace, event.clipboardData?.getData('text/plain'))
  }
  document.addEventListener('paste', paste)
  window.addEventListener('pointerdown', press, true)
  window.addEventListener('pointerup', press, true)
  return () => {
    document.removeEventListener('paste', paste)
    window.removeEventListener('pointerdown', press, true)
    window.removeEventListener('pointerup', press, true)
  }
}

function Notice({ workspace }: { readonly workspace: Workspace }) {
  const notice = useSelect(workspace.page, (page) => page.notice)
  useEffect(() => {
    if (!notice) return
    const timer = setTimeout(() => workspace.page.set({ notice: undefined }), notice.tone === 'bad' ? 9000 : 3500)
    return () => clearTimeout(timer)
  }, [notice, workspace])
  return (
    <div className="notices" role="status" aria-live="polite">
      {notice && (
        <button
          type="button"
          key={notice.count}
          className={`notice ${notice.tone}`}
          onClick={() => workspace.page.set({ notice: undefined })}
        >
          {notice.text}
        </button>
      )}
    </div>
  )
}
