"""A small perceptron on synthetic rows: next to nothing to compute but the loop itself."""

model MLP(classes = 10) {
  input  features: f32[N, 32]
  output logits:   f32[N, classes] =
    features -> Dense(128) -> relu -> Dense(64) -> relu -> Dense(classes)
}

data rows {
  source = npz("mlp.npz")
  features: f32[32]
  label:    i64
}

train MLP on rows {
  loss      = cross_entropy(logits, label)
  optimizer = adam(lr = 1e-3)
  epochs    = 3
  batch     = 256
}
