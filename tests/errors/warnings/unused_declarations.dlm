"""W0204: of a program, not of a library, what nothing uses."""

const WIDTH = 4
const SPARE = 5
const _KEPT = 6

fn doubled(x) = 2 * x
fn tripled(x) = 3 * x

block Used { input x: float[N, D] output x -> Dense(WIDTH) }
block Other { input x: float[N, D] output x -> doubled -> Used }

optimizer still(lr) { weight = weight - 0 * lr * grad }

model Net { input x: f32[N, 4] output y = x -> Used }

"""A model need not be trained."""
model Second { input x: f32[N, 4] output y = x -> Dense(WIDTH) }

data points {
  source = inline(x = [[1, 2, 3, 4]])
  x: f32[4]
}

data unseen {
  source = inline(x = [[1, 2, 3, 4]])
  x: f32[4]
}

train Net on points {
  loss      = mean(y ** 2)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
