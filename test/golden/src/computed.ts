// What a kind of case hands to the comparison: values by the recorded tensor's name.
export type Computed = Map<string, ArrayLike<number>>
