"""W0603: learning rates with which nothing is learned."""

model Net {
  input x: f32[N, 4]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1, 2, 3, 4]], target = [[1]])
  x:      f32[4]
  target: f32[1]
}

fn own(lr, step, steps) = lr + 0.1

train a = Net on points { loss = mse(y, target) optimizer = sgd(lr = 0) epochs = 1 batch = 1 }
train b = Net on points { loss = mse(y, target) optimizer = adam(lr = 1) epochs = 1 batch = 1 }
train c = Net on points { loss = mse(y, target) optimizer = adamw(lr = cosine(30)) epochs = 1 batch = 1 }
train d = Net on points { loss = mse(y, target) optimizer = sgd(lr = 1.5) epochs = 1 batch = 1 }
train e = Net on points { loss = mse(y, target) optimizer = adam(lr = 0.9) epochs = 1 batch = 1 }
train f = Net on points { loss = mse(y, target) optimizer = adam(lr = own(0)) epochs = 1 batch = 1 }
