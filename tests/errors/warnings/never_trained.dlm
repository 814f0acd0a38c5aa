"""W0602: weights that stay as they start."""

model Net {
  input x: f32[N, 4]
  h = x -> Dense(8) -> relu
  param offset: f32[3] = zeros()
  output logits = h -> Dense(3) as head
  output probabilities = softmax(logits)        # has no weights of its own
  output other = h -> Dense(2) as other
  output third = (h -> Dense(2) as third) + offset[:2]
}

"""Both heads are trained, each by one of two trainings."""
model Two {
  input x: f32[N, 4]
  output one = x -> Dense(3) as one
  output two = x -> Dense(3) as two
}

"""Kept as it is, and told so."""
model Frozen {
  input x: f32[N, 4]
  output y = stop_gradient(x -> Dense(3) as fixed) -> Dense(3)
}

model Watched {
  input x: f32[N, 4]
  output y = x -> Dense(3) as main
  output z = x -> Dense(3) as side
}

data points {
  source = inline(x = [[1, 2, 3, 4]], label = [1])
  x:      f32[4]
  label:  i64
}

train Net on points { loss = cross_entropy(logits, label) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1 }
train a = Two on points { loss = cross_entropy(one, label) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1 }
train b = Two on points { loss = cross_entropy(two, label) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1 }
train Frozen on points { loss = cross_entropy(y, label) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1 }
train Watched on points {
  loss      = cross_entropy(y, label)
  metrics   = [accuracy(z, label)]              # looked at alone
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
