model M {
  input a: f32[N, 4]
  input b: f32[N, 8]
  project = Dense(16)
  output y = project(a) + project(b)
}
