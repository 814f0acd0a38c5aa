"""How many heads, and how wide?"""

model Net {
  input  x: f32[N, T, 32]
  output y = x -> rearrange("n t (h d) -> n h t d")
}
