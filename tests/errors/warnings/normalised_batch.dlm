"""W0605: batch normalisations of one number."""

block Stage {
  input x: float[N, D]
  output x -> Dense(4, bias = false) -> BatchNorm
}

model Net {
  input x: f32[N, 4]
  y = x -> Dense(4, bias = false) -> BatchNorm
  output y = y -> Stage -> Stage -> Dense(1)
}

model Image {
  input x: f32[N, 4]
  h = reshape(x, [x.shape[0], 1, 4]) -> Conv(4, 1, bias = false) -> BatchNorm
  output y = h -> flatten -> Dense(1)
}

data points {
  source = inline(x = [[1, 2, 3, 4], [1, 2, 3, 4]], target = [[1], [2]])
  x:      f32[4]
  target: f32[1]
}

train a = Net on points { loss = mse(y, target) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1 }
train b = Net on points { loss = mse(y, target) optimizer = sgd(lr = 0.1) epochs = 1 batch = 2 }
train c = Image on points { loss = mse(y, target) optimizer = sgd(lr = 0.1) epochs = 1 batch = 1 }
