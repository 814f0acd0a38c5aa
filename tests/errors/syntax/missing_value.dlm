model M(width = ) {
  input x: f32[N, 4]
  h = x -> Dense(8) ->
  output y = h -> relu
}
