"""W0203: inputs, parameters, states and arguments that nothing asks for."""

fn shifted(x, by, scale = 1) = x + by

"""A schedule takes what a training gives it."""
fn level(lr, step, steps) = lr

optimizer plain(lr, decay = 0.1) {
  state moment = zeros()
  state unread = zeros()
  unread = grad
  weight = weight - lr * grad
}

"""Others say what a function that is handed around is given."""
fn first(a, b) = a

fn with_both(f, x) = f(x, x)

block Scale(width, depth = 2) {
  input x: float[N, D]
  input mask: float[N, D]
  input like: float[M, K]          # gives `K` its meaning
  param gain: float[D] = ones()
  param unused: float[D] = zeros()
  state seen: float[D] = zeros()
  state count: float[1] = zeros()
  count = count + 1                # changing a state is using it
  output with_both(first, x) * gain -> Dense(width * K)
}

model Net(classes = 2, hidden = 8) {
  input x: f32[N, 4]
  input _reserved: f32[N, 2]
  scale = Scale(classes)
  output y = shifted(scale(x, x, x), 1)
}

data points {
  source = inline(x = [[1, 2, 3, 4]], _reserved = [[1, 2]], target = [[1, 2, 3, 4, 5, 6, 7, 8]])
  x: f32[4]
  _reserved: f32[2]
  target: f32[8]
}

train Net on points {
  loss      = mse(y, target)
  optimizer = plain(lr = level(0.1))
  epochs    = 1
  batch     = 1
}
