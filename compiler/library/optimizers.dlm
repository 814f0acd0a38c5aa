"""Optimizers: update rules. `weight`, `grad` and `step` (from 1) are given; binding
`weight` or a state again updates it."""

"""Stochastic gradient descent, with momentum (Sutskever et al., 2013) where asked.

`l2` adds l2 * weight to the gradient. The learning rate stands outside the momentum.
"""
optimizer sgd(lr, momentum = 0.0, nesterov = false, l2 = 0.0) {
  g = if l2 == 0 then grad else grad + l2 * weight
  if momentum == 0 {
    weight = weight - lr * g
  } else {
    state velocity = zeros()
    velocity = momentum * velocity + g
    weight = weight - lr * (if nesterov then g + momentum * velocity else velocity)
  }
}

"""Adam (Kingma & Ba, 2015). `l2` adds l2 * weight to the gradient."""
optimizer adam(lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, l2 = 0.0) {
  state m = zeros()
  state v = zeros()
  g = if l2 == 0 then grad else grad + l2 * weight
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g ** 2
  weight = weight - lr * (m / (1 - beta1 ** step)) / (sqrt(v / (1 - beta2 ** step)) + eps)
}

"""Adam with weight decay apart from the gradient (Loshchilov & Hutter, 2019)."""
optimizer adamw(lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01) {
  state m = zeros()
  state v = zeros()
  m = beta1 * m + (1 - beta1) * grad
  v = beta2 * v + (1 - beta2) * grad ** 2
  decayed = weight - lr * weight_decay * weight
  weight = decayed - lr * (m / (1 - beta1 ** step)) / (sqrt(v / (1 - beta2 ** step)) + eps)
}
