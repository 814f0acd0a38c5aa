fn share(x) = x / total(sum(x))

model Line {
  input  x: f32[N, 2]
  output y = x -> share -> Dense(1)
}
