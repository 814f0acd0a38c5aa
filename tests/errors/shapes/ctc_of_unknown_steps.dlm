model M {
  input sound:   f32[N, T, 4]
  input said:    i64[N, 3]
  input steps:   i64[N]
  input letters: i64[N]
  output loss = ctc(sound -> Dense(5), said, steps, letters)
}
