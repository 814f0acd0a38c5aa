"""Activations: functions of one tensor, applied to each number of it."""

"""Rectified linear unit (Nair & Hinton, 2010): x where positive, else 0."""
fn relu(x) = select(x > 0, x, 0)

"""Logistic function, 1 / (1 + exp(-x)), in a form that never overflows."""
fn sigmoid(x) = 0.5 * tanh(0.5 * x) + 0.5

"""Sigmoid linear unit (Elfwing et al., 2017), also called swish: x * sigmoid(x)."""
fn silu(x) = x * sigmoid(x)

"""Gaussian error linear unit (Hendrycks & Gimpel, 2016): x times the normal CDF of x."""
fn gelu(x) = 0.5 * x * (1 + erf(x * sqrt(0.5)))

"""Exponentials along an axis, divided by their sum."""
fn softmax(x, axis = -1) = normalized_exp(exp(x - stop_gradient(max(x, axis = axis, keep = true))), axis)

fn normalized_exp(e, axis) = e / sum(e, axis = axis, keep = true)

"""Logarithm of the softmax, without computing the softmax."""
fn log_softmax(x, axis = -1) = minus_log_sum_exp(x - stop_gradient(max(x, axis = axis, keep = true)), axis)

fn minus_log_sum_exp(x, axis) = x - log(sum(exp(x), axis = axis, keep = true))
