"""Layer normalisation (Ba et al., 2016) over the last axis."""
block LayerNorm(eps = 1e-5) {
  input x: float[..., D]
  param weight: float[D] = ones()
  param bias:   float[D] = zeros()
  d = x - mean(x, axis = -1, keep = true)
  output d * rsqrt(mean(d ** 2, axis = -1, keep = true) + eps) * weight + bias
}

"""Batch normalisation (Ioffe & Szegedy, 2015); `decay` multiplies the old statistics."""
block BatchNorm(decay = 0.9, eps = 1e-5) {
  input x: float[N, C, ...]
  param weight: float[C] = ones()
  param bias: float[C] = zeros()
  state mean: float[C] = zeros()
  state variance: float[C] = ones()
  if training {
    m = mean_of(x, axis = 0)
    mean = decay * mean + (1 - decay) * m
  } else if eps > 0 {
    m = mean
  } else {
    m = 0
  }
  output (x - m) * rsqrt(variance + eps) * weight + bias
}

"""Adam (Kingma & Ba, 2015). `weight`, `grad` and `step` (from 1) are given; binding `weight` or a state again updates it."""
optimizer adam(lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, l2 = 0.0) {
  state m = zeros()
  state v = zeros()
  g = grad + l2 * weight
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g ** 2
  weight = weight - lr * (m / (1 - beta1 ** step)) / (sqrt(v / (1 - beta2 ** step)) + eps)
}
