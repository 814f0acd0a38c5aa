const ZERO = zeros()
const LAYER = Dense(8)

model M {
  input x: f32[N, 4]
  output y = x -> LAYER
}
