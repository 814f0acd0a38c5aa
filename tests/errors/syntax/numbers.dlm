const A = .5
const B = 1.
const C = 0x10
const D = 1e
const E = 2x
