"""Activations: functions of one tensor, applied to each number of it."""

"""Rectified linear unit (Nair & Hinton, 2010): x where positive, else 0.

    f32[N, 6] -> relu
    relu(f64[N, 3, H, W])
"""
fn relu(x) = select(x > 0, x, 0)

"""Logistic function, 1 / (1 + exp(-x)), in a form that never overflows.

    f32[N, 6] -> sigmoid
    sigmoid(40 * f64[N, 3])
"""
fn sigmoid(x) = 0.5 * tanh(0.5 * x) + 0.5

"""Sigmoid linear unit (Elfwing et al., 2017), also called swish: x * sigmoid(x).

    f32[N, 6] -> silu
    silu(f32[N, 3, H, W] -> Conv(4, 1))
"""
fn silu(x) = x * sigmoid(x)

"""Gaussian error linear unit (Hendrycks & Gimpel, 2016): x times the normal CDF of x.

    f32[N, 6] -> gelu
    gelu(f64[N, 3])
"""
fn gelu(x) = 0.5 * x * (1 + erf(x * sqrt(0.5)))

"""Exponentials along an axis, divided by their sum.

    f32[N, 10] -> softmax
    softmax(f32[N, 3, H, W], axis = 1)
    softmax(100 * f64[N, T, 4], axis = -2)
"""
fn softmax(x, axis = -1) =
  normalized_exp(exp(x - stop_gradient(max(x, axis = axis, keep = true))), axis)

fn normalized_exp(e, axis) = e / sum(e, axis = axis, keep = true)

"""Logarithm of the softmax, without computing the softmax.

    f32[N, 10] -> log_softmax
    log_softmax(f32[N, 3, H, W], axis = 1)
    log_softmax(100 * f64[N, T, 4], axis = -2)
"""
fn log_softmax(x, axis = -1) =
  minus_log_sum_exp(x - stop_gradient(max(x, axis = axis, keep = true)), axis)

fn minus_log_sum_exp(x, axis) = x - log(sum(exp(x), axis = axis, keep = true))

"""ReLU that ends at 6 (Krizhevsky, 2010).

    f32[N, 6] -> relu6
    relu6(3 * f64[N, 3])
    f32[N, 3, H, W] -> Conv(4, 1) -> relu6
"""
fn relu6(x) = select(x > 0, select(x < 6, x, 6), 0)

"""ReLU whose negative side falls with `slope` (Maas et al., 2013).

    f32[N, 6] -> leaky_relu(0.1)
    leaky_relu(f64[N, 3, H, W], slope = 0.2)
    leaky_relu(f32[N, 6], 0)
    leaky_relu(f32[N, 6], sigmoid(f32[6]))
"""
fn leaky_relu(x, slope) = select(x > 0, x, slope * x)

"""Leaky ReLU whose slope is learned, one for each channel, the second axis (He et al., 2015).

    f32[N, 16, 32, 32] -> PReLU
    f32[N, 6] -> PReLU(0.1)
    f64[N, 6, T] -> PReLU(init = uniform(low = 0.1, high = 0.3))
    f32[N, 3, H, W] -> Conv(4, 1) -> PReLU
    f32[N, 6, 3, 4, 2] -> PReLU
"""
block PReLU(init = 0.25) {
  input x: float[N, C, ...]
  param weight: float[C] = init
  output select(x > 0, x, reshape(weight, [1, C] + [1] * (x.rank - 2)) * x)
}

"""Exponential linear unit (Clevert et al., 2016): alpha * (exp(x) - 1) where negative.

    f32[N, 6] -> elu
    elu(f64[N, 3], alpha = 2.0)
    elu(f32[N, 6], alpha = f32[6])
"""
fn elu(x, alpha = 1.0) = select(x > 0, x, alpha * expm1(negative_part(x)))

"""ELU that keeps its argument's mean 0 and variance 1 (Klambauer et al., 2017).

    f32[N, 6] -> selu
    selu(f64[N, 3, H, W])
"""
fn selu(x) = 1.0507009873554805 * elu(x, 1.6732632423543772)

"""ELU with a derivative without a jump (Barron, 2017): alpha * (exp(x / alpha) - 1) where negative.

    f32[N, 6] -> celu
    celu(f64[N, 3], alpha = 2.0)
"""
fn celu(x, alpha = 1.0) = alpha * elu(x / alpha)

fn negative_part(x) = select(x > 0, 0, x)

"""GELU by way of tanh, the approximation in its paper (Hendrycks & Gimpel, 2016).

    f32[N, 6] -> gelu_tanh
    gelu_tanh(f64[N, 3])
"""
fn gelu_tanh(x) = 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3)))

"""log(1 + exp(x)) (Dugas et al., 2000), in a form that never overflows.

    f32[N, 6] -> softplus
    softplus(30 * f64[N, 3])
"""
fn softplus(x) = relu(x) + log1p(exp(minus_abs(x)))

# Not -abs(x), whose derivative at 0 is 0: that of softplus is 0.5 there.
fn minus_abs(x) = select(x > 0, -x, x)

"""Logarithm of the sigmoid, without computing the sigmoid.

    f32[N, 6] -> log_sigmoid
    log_sigmoid(30 * f64[N, 3])
"""
fn log_sigmoid(x) = -softplus(-x)

"""x * tanh(softplus(x)) (Misra, 2019).

    f32[N, 6] -> mish
    mish(10 * f64[N, 3])
    f32[N, 3, H, W] -> Conv(4, 1) -> mish
"""
fn mish(x) = x * tanh(softplus(x))

"""x / (1 + |x|) (Turian et al., 2009).

    f32[N, 6] -> softsign
    softsign(f64[N, 3])
"""
fn softsign(x) = x / (1 + abs(x))

"""A sigmoid in three straight pieces (Howard et al., 2019): relu6(x + 3) / 6.

    f32[N, 6] -> hard_sigmoid
    hard_sigmoid(3 * f64[N, 3])
"""
fn hard_sigmoid(x) = relu6(x + 3) / 6

"""SiLU with the hard sigmoid (Howard et al., 2019): x * hard_sigmoid(x).

    f32[N, 6] -> hard_swish
    hard_swish(3 * f64[N, 3])
"""
fn hard_swish(x) = x * hard_sigmoid(x)

"""x between -1 and 1, else the nearer of these (Collobert, 2004).

    f32[N, 6] -> hard_tanh
    hard_tanh(f64[N, 3, H, W])
"""
fn hard_tanh(x) = clip(x, -1, 1)

"""Gated linear unit (Dauphin et al., 2017): of the two halves along an axis, the first
times the sigmoid of the second.

    f32[N, 6] -> glu
    glu(f64[N, 4, T], axis = 1)
    f32[N, 3, H, W] -> Conv(4, 1) -> glu(axis = 1)
"""
fn glu(x, axis = -1) = gated(split(x, 2, axis), sigmoid)

"""GLU with SiLU in the place of the sigmoid (Shazeer, 2020); the second half is the gate.

    f32[N, 6] -> swiglu
    swiglu(f64[N, 4, T], axis = 1)
    f32[N, 3, H, W] -> Conv(4, 1) -> swiglu(axis = 1)
"""
fn swiglu(x, axis = -1) = gated(split(x, 2, axis), silu)

"""GLU with GELU in the place of the sigmoid (Shazeer, 2020); the second half is the gate.

    f32[N, 6] -> geglu
    geglu(f64[N, 4, T], axis = 1)
"""
fn geglu(x, axis = -1) = gated(split(x, 2, axis), gelu)

fn gated(halves, activation) = halves[0] * activation(halves[1])
