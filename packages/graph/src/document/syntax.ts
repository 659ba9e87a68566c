/** The syntax tree of a JSON text: where each value stands. The parser is momoa's; this names the parts we use. */
import { type MemberNode, parse, type ValueNode } from '@humanwhocodes/momoa'
import { pointer } from './pointer.js'

export type JsonSyntax = ValueNode

/** The syntax tree of a text that is known to be JSON. */
export function parseSyntax(text: string): JsonSyntax {
  return parse(text, { mode: 'json', ranges: true }).body
}

/** Start and end offsets in the text, end exclusive. */
export function span(node: JsonSyntax | MemberNode): readonly [number, number] {
  return node.range as [number, number]
}

/** The name of an object member as JSON reads it. */
export function memberName(member: MemberNode): string {
  return member.name.type === 'String' ? member.name.value : member.name.name
}

/** JSON pointers of object keys that occur a second time. Depth was limited before, so recursion is safe. */
export function duplicateKeys(node: JsonSyntax, path = ''): string[] {
  if (node.type === 'Array') {
    return node.elements.flatMap((element, index) => duplicateKeys(element.value, path + pointer(index)))
  }
  if (node.type !== 'Object') return []
  const seen = new Set<string>()
  return node.members.flatMap((member) => {
    const name = memberName(member)
    const here = path + pointer(name)
    const inner = duplicateKeys(member.value, here)
    if (!seen.has(name)) {
      seen.add(name)
      return inner
    }
    return [here, ...inner]
  })
}
