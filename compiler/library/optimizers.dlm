"""Optimizers: update rules. `weight`, `grad`, `step` (from 1) and `lr` are given; binding
`weight` or a state again updates it.

`l2` adds l2 * weight to the gradient; `weight_decay` takes lr * weight_decay * weight off
the weight, apart from the gradient."""

"""Stochastic gradient descent, with momentum (Sutskever et al., 2013) where asked.

The learning rate stands outside the momentum.

    sgd(lr = 0.01, momentum = 0.9)
    sgd(lr = 0.1)
    sgd(lr = cosine(0.1), momentum = 0.8, nesterov = true, l2 = 1e-2)
"""
optimizer sgd(lr, momentum = 0.0, nesterov = false, l2 = 0.0) {
  g = with_l2(grad, weight, l2)
  if momentum == 0 {
    weight = weight - lr * g
  } else {
    state velocity = zeros()
    velocity = momentum * velocity + g
    weight = weight - lr * (if nesterov then g + momentum * velocity else velocity)
  }
}

fn with_l2(grad, weight, l2) = if l2 == 0 then grad else grad + l2 * weight

fn decayed(weight, rate, weight_decay) =
  if weight_decay == 0 then weight else weight - rate * weight_decay * weight

"""Adam (Kingma & Ba, 2015).

    adam(lr = 1e-3)
    adam(lr = 0.01, beta1 = 0.8, beta2 = 0.99, eps = 1e-4, l2 = 1e-2)
"""
optimizer adam(lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, l2 = 0.0) {
  state m = zeros()
  state v = zeros()
  g = with_l2(grad, weight, l2)
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g ** 2
  weight = weight - lr * (m / (1 - beta1 ** step)) / (sqrt(v / (1 - beta2 ** step)) + eps)
}

"""Adam with weight decay apart from the gradient (Loshchilov & Hutter, 2019).

    adamw(lr = 1e-3, weight_decay = 0.1)
    adamw(lr = 0.01, beta1 = 0.8, beta2 = 0.99, eps = 1e-4)
"""
optimizer adamw(lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01) {
  state m = zeros()
  state v = zeros()
  m = beta1 * m + (1 - beta1) * grad
  v = beta2 * v + (1 - beta2) * grad ** 2
  rest = decayed(weight, lr, weight_decay)
  weight = rest - lr * (m / (1 - beta1 ** step)) / (sqrt(v / (1 - beta2 ** step)) + eps)
}

"""Adam with Nesterov's momentum (Dozat, 2016).

The momentum grows to `beta1` with the steps, the faster the larger `momentum_decay`.

    nadam(lr = 2e-3)
    nadam(lr = 0.01, beta1 = 0.8, beta2 = 0.99, eps = 1e-4, momentum_decay = 0.1, l2 = 1e-2)
    nadam(lr = 0.01, weight_decay = 0.1)
"""
optimizer nadam(
  lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, momentum_decay = 4e-3, l2 = 0.0, weight_decay = 0.0,
) {
  state m = zeros()
  state v = zeros()
  state product: f64 = 1
  g = with_l2(grad, weight, l2)
  now = beta1 * (1 - 0.5 * 0.96 ** (step * momentum_decay))
  next = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * momentum_decay))
  product = product * now
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g ** 2
  ahead = (1 - now) / (1 - product) * g + next / (1 - product * next) * m
  rest = decayed(weight, lr, weight_decay)
  weight = rest - lr * ahead / (sqrt(v / (1 - beta2 ** step)) + eps)
}

"""Adam by the largest gradient, not the root mean square (Kingma & Ba, 2015).

    adamax(lr = 2e-3)
    adamax(lr = 0.01, beta1 = 0.8, beta2 = 0.99, eps = 1e-4, l2 = 1e-2)
"""
optimizer adamax(lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, l2 = 0.0) {
  state m       = zeros()
  state largest = zeros()
  g = with_l2(grad, weight, l2)
  m = beta1 * m + (1 - beta1) * g
  largest = maximum(beta2 * largest, abs(g) + eps)
  weight = weight - lr / (1 - beta1 ** step) * m / largest
}

"""Gradients divided by a moving root mean square of them (Hinton, 2012).

With `centered` it is a moving standard deviation (Graves, 2013).

    rmsprop(lr = 1e-3)
    rmsprop(lr = 0.01, alpha = 0.9, eps = 1e-4, momentum = 0.8, l2 = 1e-2)
    rmsprop(lr = 0.01, eps = 1e-2, centered = true)
"""
optimizer rmsprop(lr, alpha = 0.99, eps = 1e-8, momentum = 0.0, centered = false, l2 = 0.0) {
  state square = zeros()
  g = with_l2(grad, weight, l2)
  square = alpha * square + (1 - alpha) * g ** 2
  variance = square
  if centered {
    state average = zeros()
    average = alpha * average + (1 - alpha) * g
    variance = square - average ** 2
  }
  change = g / (sqrt(variance) + eps)
  if momentum == 0 {
    weight = weight - lr * change
  } else {
    state velocity = zeros()
    velocity = momentum * velocity + change
    weight = weight - lr * velocity
  }
}

"""Gradients divided by the root of the sum of their squares (Duchi et al., 2011).

The sum starts from `initial`; the learning rate is divided by 1 + lr_decay * (step - 1).

    adagrad(lr = 0.01)
    adagrad(lr = 0.1, lr_decay = 0.1, initial = 0.1, eps = 1e-4, l2 = 1e-2)
"""
optimizer adagrad(lr, lr_decay = 0.0, initial = 0.0, eps = 1e-10, l2 = 0.0) {
  state total = initial
  g = with_l2(grad, weight, l2)
  total = total + g ** 2
  current_lr = if lr_decay == 0 then lr else lr / (1 + lr_decay * (step - 1))
  weight = weight - current_lr * g / (sqrt(total) + eps)
}

"""Steps as large as those before were, by root mean squares (Zeiler, 2012).

The paper's learning rate is 1.

    adadelta(lr = 1.0)
    adadelta(lr = 0.5, rho = 0.8, eps = 1e-4, l2 = 1e-2)
"""
optimizer adadelta(lr, rho = 0.9, eps = 1e-6, l2 = 0.0) {
  state square = zeros()
  state moved  = zeros()
  g = with_l2(grad, weight, l2)
  square = rho * square + (1 - rho) * g ** 2
  change = sqrt(moved + eps) / sqrt(square + eps) * g
  moved = rho * moved + (1 - rho) * change ** 2
  weight = weight - lr * change
}

"""The sign of an average of the gradient and its past (Chen et al., 2023).

A good learning rate is three to ten times smaller than Adam's, a weight decay as many times
larger.

    lion(lr = 1e-4, weight_decay = 0.1)
    lion(lr = 0.01, beta1 = 0.8, beta2 = 0.9)
"""
optimizer lion(lr, beta1 = 0.9, beta2 = 0.99, weight_decay = 0.0) {
  state m = zeros()
  direction = sign(beta1 * m + (1 - beta1) * grad)
  m = beta2 * m + (1 - beta2) * grad
  weight = decayed(weight, lr, weight_decay) - lr * direction
}

"""Adam whose step is as long as the tensor itself, times `lr` (You et al., 2020).

    lamb(lr = 1e-3)
    lamb(lr = 0.01, beta1 = 0.8, beta2 = 0.99, eps = 1e-4, weight_decay = 0.0)
"""
optimizer lamb(lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-6, weight_decay = 0.01) {
  state m = zeros()
  state v = zeros()
  m = beta1 * m + (1 - beta1) * grad
  v = beta2 * v + (1 - beta2) * grad ** 2
  adam = m / (1 - beta1 ** step) / (sqrt(v / (1 - beta2 ** step)) + eps)
  change = if weight_decay == 0 then adam else adam + weight_decay * weight
  length = sqrt(sum(weight ** 2))
  wanted = sqrt(sum(change ** 2))
  trust = select(length > 0 and wanted > 0, length / wanted, 1)
  weight = weight - lr * trust * change
}

"""Adam with little memory: means of rows and columns (Shazeer & Stern, 2018).

Of the squared gradients of a matrix, or of the last two axes of a tensor, no more is kept; of
the gradients nothing.
The step is relative to the root mean square of the weight, or `eps2` if that is larger; the
learning rate is at most 1 / sqrt(step). `clip` bounds the root mean square of a step before
that. `eps1` is the smallest root mean square that counts as one.

    adafactor(lr = 0.01)
    adafactor(lr = 0.1, beta2_decay = -0.5, eps1 = 1e-4, eps2 = 0.01, clip = 0.5, weight_decay = 0.1)
"""
optimizer adafactor(
  lr, beta2_decay = -0.8, eps1 = 2.0 ** -23, eps2 = 1e-3, clip = 1.0, weight_decay = 0.0,
) {
  share = step ** beta2_decay
  if weight.rank < 2 {
    state v = zeros()
    v = (1 - share) * v + share * grad ** 2
    variance = v
  } else {
    state row:    f32[weight.shape[:-1], 1]                   = zeros()
    state column: f32[weight.shape[:-2], 1, weight.shape[-1]] = zeros()
    row = (1 - share) * row + share * mean(grad ** 2, axis = -1, keep = true)
    column = (1 - share) * column + share * mean(grad ** 2, axis = -2, keep = true)
    variance = row * column / maximum(mean(row, axis = -2, keep = true), eps1)
  }
  change = grad * rsqrt(maximum(variance, eps1 ** 2))
  relative_lr = minimum(lr, 1 / sqrt(step)) * maximum(root_mean_square(weight), eps2)
  excess = maximum(root_mean_square(change) / clip, 1)
  weight = decayed(weight, lr, weight_decay) - relative_lr / excess * change
}

fn root_mean_square(x) = sqrt(mean(x ** 2))

"""Momentum, made about orthogonal by a Newton-Schulz iteration (Jordan, 2024).

What is no matrix is updated by AdamW, with `vector_rate * lr` as its learning rate and the
same weight decay; without a `vector_rate` a model cannot have any. `adjust` says how the
length of a step depends on the shape: "original" makes it sqrt(rows / columns) times as long
where there are more rows, "match_rms_adamw" about as long as one of AdamW, so that one
learning rate fits both.

    muon(lr = 0.02, vector_rate = 0.015)
    muon(lr = 1e-3, adjust = "match_rms_adamw", vector_rate = 1.0, weight_decay = 0.01)
    muon(lr = 0.02, momentum = 0.9, nesterov = false, ns_steps = 3, vector_rate = 0.1)
"""
optimizer muon(
  lr,
  momentum = 0.95,
  nesterov = true,
  weight_decay = 0.1,
  ns_steps = 5,
  ns_coefficients = [3.4445, -4.775, 2.0315],
  eps = 1e-7,
  adjust = "original",
  vector_rate = 0.0,
  beta1 = 0.9,
  beta2 = 0.999,
  vector_eps = 1e-8,
) {
  if weight.rank == 2 {
    state velocity = zeros()
    velocity = momentum * velocity + (1 - momentum) * grad
    x = if nesterov then momentum * velocity + (1 - momentum) * grad else velocity
    rows, columns = weight.shape
    is_tall = rows > columns
    x = if is_tall then transpose(x) else x
    x = x / maximum(sqrt(sum(x ** 2)), eps)
    a, b, c = ns_coefficients
    for _turn in 0..ns_steps {
      gram = x @ transpose(x)
      x = a * x + (b * gram + (c * gram) @ gram) @ x
    }
    x = if is_tall then transpose(x) else x
    stretch = if adjust == "match_rms_adamw" then 0.2 * root(if is_tall then rows else columns)
              else if require(
                        adjust, adjust == "original",
                        "`adjust` is \"original\" or \"match_rms_adamw\"",
                      )
                      == "original"
                      and is_tall
              then root(rows) / root(columns)
              else 1
    weight = decayed(weight, lr, weight_decay) - lr * stretch * x
  } else {
    state m = zeros()
    state v = zeros()
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad ** 2
    vector_lr = lr
                * require(
                  vector_rate, vector_rate > 0,
                  "a weight that is no matrix needs a `vector_rate`, for example 0.1",
                )
    rest = decayed(weight, vector_lr, weight_decay)
    weight = rest
             - vector_lr * (m / (1 - beta1 ** step)) / (sqrt(v / (1 - beta2 ** step)) + vector_eps)
  }
}

fn root(size) = sqrt(cast(size, f64))
