"""W0604: batches larger than what there is to train on."""

model Net {
  input x: f32[N, 1]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1], [2], [3], [4], [5]], target = [[1], [2], [3], [4], [5]])
  x:      f32[1]
  target: f32[1]
  split   = random(train = 80%, validation = 20%)
}

data flowers {
  source = csv("../flowers.csv")
  x: f32[1] = columns("petal_width")
  target: f32[1] = columns("petal_width")
}

train a = Net on points { loss = mse(y, target) optimizer = sgd(lr = 0.1) epochs = 1 batch = 5 }
train b = Net on points { loss = mse(y, target) optimizer = sgd(lr = 0.1) epochs = 1 batch = 4 }
train c = Net on flowers { loss = mse(y, target) optimizer = sgd(lr = 0.1) epochs = 1 batch = 64 }
