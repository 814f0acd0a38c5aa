"""W0606: warm-ups that the training does not outlast; here an epoch has two steps."""

model Net {
  input x: f32[N, 1]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1], [2], [3], [4], [5]], target = [[1], [2], [3], [4], [5]])
  x:      f32[1]
  target: f32[1]
}

train a = Net on points { loss = mse(y, target) optimizer = sgd(lr = cosine(0.1, warmup = 7)) epochs = 3 batch = 4 }
train b = Net on points { loss = mse(y, target) optimizer = sgd(lr = constant(0.1, warmup = 100)) epochs = 1 batch = 5 }
train c = Net on points { loss = mse(y, target) optimizer = sgd(lr = cosine(0.1, warmup = 6)) epochs = 3 batch = 4 }
