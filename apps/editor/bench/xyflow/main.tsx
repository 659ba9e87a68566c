/**
 * The yardstick of the bench: @xyflow/react with the same nodes and links. Its nodes show a title and the sockets that
 * links name, so they are lighter than the editor's, which have all their fields.
 */
import type { Workflow } from '@dreamgraph/graph'
import {
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  type ReactFlowInstance,
} from '@xyflow/react'
import { memo } from 'react'
import { createRoot } from 'react-dom/client'
import '@xyflow/react/dist/style.css'

type BenchNode = Node<{
  readonly title: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}>

const View = memo(function View({ data }: NodeProps<BenchNode>) {
  return (
    <div style={{ width: 240, border: '1px solid #888', borderRadius: 8, background: '#fff' }}>
      <strong style={{ display: 'block', padding: 8 }}>{data.title}</strong>
      {data.inputs.map((name) => (
        <div key={name} style={{ position: 'relative', padding: '3px 12px' }}>
          <Handle type="target" position={Position.Left} id={name} />
          {name}
        </div>
      ))}
      {data.outputs.map((name) => (
        <div key={name} style={{ position: 'relative', padding: '3px 12px', textAlign: 'right' }}>
          <Handle type="source" position={Position.Right} id={name} />
          {name}
        </div>
      ))}
    </div>
  )
})

const nodeTypes = { bench: View }

function open(workflow: Workflow, onlyRenderVisibleElements: boolean): Promise<ReactFlowInstance<BenchNode>> {
  const links = workflow.links ?? []
  const names = (ends: readonly string[]): string[] => [...new Set(ends)]
  const nodes = Object.entries(workflow.nodes).map(
    ([id, { type, ui }]): BenchNode => ({
      id,
      type: 'bench',
      position: { x: ui?.x ?? 0, y: ui?.y ?? 0 },
      data: {
        title: type,
        inputs: names(links.filter(({ to }) => to.node === id).map(({ to }) => to.socket)),
        outputs: names(links.filter(({ from }) => from.node === id).map(({ from }) => from.socket)),
      },
    }),
  )
  const edges = links.map(
    ({ from, to }, index): Edge => ({
      id: `link-${index}`,
      source: from.node,
      sourceHandle: from.socket,
      target: to.node,
      targetHandle: to.socket,
    }),
  )
  return new Promise((resolve) => {
    createRoot(document.getElementById('app')!).render(
      <ReactFlow
        defaultNodes={nodes}
        defaultEdges={edges}
        nodeTypes={nodeTypes}
        onlyRenderVisibleElements={onlyRenderVisibleElements}
        minZoom={0.04}
        panOnDrag={[0, 1, 2]}
        fitView
        onInit={resolve}
      />,
    )
  })
}

Object.assign(window, { openFlow: open })
