fn counted(x) = {
  state n: f32[] = zeros()
  x + n
}
