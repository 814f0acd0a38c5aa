"""Losses. Each is the mean over the batch; with `reduction = "sum"` it is the sum, and with
"none" a tensor with the loss of each part, for example to weight samples."""

fn reducer(reduction) =
  if require(
       reduction,
       reduction == "mean" or reduction == "sum" or reduction == "none",
       "a reduction is \"mean\", \"sum\" or \"none\"",
     )
     == "mean"
  then mean
  else if reduction == "sum" then sum
  else fn(losses) = losses

"""Mean squared error.

    mse(f32[N, 3], f32[N, 3])
    mse(f32[N], f32[N])
    mse(f64[N, 3], f64[N, 3], reduction = "sum")
    mse(f32[N, 3], f32[N, 3], reduction = "none")
"""
fn mse(prediction, target, reduction = "mean") =
  reducer(reduction)((same_shape(prediction, target) - target) ** 2)

"""Mean absolute error.

    mae(f32[N, 3], f32[N, 3])
    mae(f64[N], f64[N], reduction = "sum")
    mae(f32[N, 3], f32[N, 3], reduction = "none")
"""
fn mae(prediction, target, reduction = "mean") =
  reducer(reduction)(abs(same_shape(prediction, target) - target))

"""Huber loss (Huber, 1964): half the square of an error up to `delta`, and beyond
delta * (|error| - delta / 2).

    huber(f32[N, 3], f32[N, 3])
    huber(f32[N], f32[N], delta = 0.3)
    huber(f32[N, 3], f32[N, 3], delta = mean(f32[3] ** 2))
    huber(f64[N, 3], f64[N, 3], reduction = "sum")
    huber(f32[N, 3], f32[N, 3], 0.5, reduction = "none")
"""
fn huber(prediction, target, delta = 1.0, reduction = "mean") =
  reducer(reduction)(huber_of(abs(same_shape(prediction, target) - target), delta))

fn huber_of(error, delta) = select(error <= delta, 0.5 * error ** 2, delta * (error - 0.5 * delta))

"""Logarithm of the hyperbolic cosine of an error, in a form that never overflows: half its
square where it is small, and |error| - log(2) where it is large.

    log_cosh(f32[N, 3], f32[N, 3])
    log_cosh(1000 * f64[N], f64[N], reduction = "sum")
    log_cosh(f32[N, 3], f32[N, 3], reduction = "none")
"""
fn log_cosh(prediction, target, reduction = "mean") =
  reducer(reduction)(log_cosh_of(same_shape(prediction, target) - target))

fn log_cosh_of(error) = error + softplus(-2 * error) - log(2)

"""Hinge loss (Cortes & Vapnik, 1995) of targets -1 and 1: max(1 - prediction * target, 0).

    hinge(f32[N, 3], sign(f32[N, 3]))
    hinge(f64[N], sign(f64[N]), reduction = "sum")
    hinge(f32[N], sign(f32[N]), reduction = "none")
"""
fn hinge(prediction, target, reduction = "mean") =
  reducer(reduction)(relu(1 - same_shape(prediction, target) * target))

"""Negative log-likelihood of counts under a Poisson distribution, from the logarithm of its
rate: exp(log_rate) - target * log_rate. `full` adds the logarithm of the target's factorial,
by Stirling's formula, where the target is more than 1.

    poisson(f32[N, 3], exp(f32[N, 3]))
    poisson(f32[N], cast(i64[N] < 6, f32), full = true)
    poisson(f64[N, 3], exp(f64[N, 3]), reduction = "sum")
    poisson(f32[N], exp(f32[N]), reduction = "none")
"""
fn poisson(log_rate, target, full = false, reduction = "mean") = reducer(reduction)(
  exp(log_rate)
  - same_shape(target, log_rate) * log_rate
  + (if full then log_factorial(target) else 0),
)

fn log_factorial(n) = select(n > 1, stirling(select(n > 1, n, 1)), 0)

fn stirling(n) = n * log(n) - n + 0.5 * log(2 * pi * n)

"""Cross-entropy of logits along an axis, with integer classes or with a probability for each
class, by the target's dtype.

`weight` lists a weight for each class; the mean of integer classes is then the weighted one.
`ignore` is an integer label, or a list of them, that does not count; where none counts, the
mean is 0. `smoothing` takes this share of each target, and spreads it evenly over the classes
(Szegedy et al., 2016).

    cross_entropy(f32[N, 10], i64[N] < 10)
    cross_entropy(f32[N, 4], softmax(f32[N, 4]))
    cross_entropy(f64[N, T, 3], i32[N, T] < 3)
    cross_entropy(f32[N, T, 3], softmax(f32[N, T, 3]))
    cross_entropy(f32[N, 3, H, W], i64[N, H, W] < 3, axis = 1)
    cross_entropy(f32[N, 3, H, W], softmax(f32[N, 3, H, W], axis = 1), axis = 1)
    cross_entropy(f32[N, 3], i64[N] < 3, weight = [1, 2, 0.5])
    cross_entropy(f32[N, 3], i64[N] < 3, weight = [1, 0, 0.5], smoothing = 0.1)
    cross_entropy(f32[N, 3], softmax(f32[N, 3]), weight = [1, 2, 0.5], smoothing = 0.1)
    cross_entropy(f32[N, T, 3], (i64[N, T] < 4) - 1, ignore = -1)
    cross_entropy(f32[N, 3], i64[N] < 5, ignore = [3, 4], weight = [1, 2, 0.5])
    cross_entropy(f32[N, 4, H, W], i64[N, H, W] < 5, axis = 1, ignore = 4, smoothing = 0.2)
    cross_entropy(f32[N, 3], i64[N] < 3, reduction = "none")
    cross_entropy(f32[N, T, 3], (i64[N, T] < 4) - 1, ignore = -1, reduction = "sum")
    cross_entropy(f32[N, 3], softmax(f32[N, 3]), reduction = "none")
    cross_entropy(10000 * f32[N, 3], i64[N] < 3)
"""
fn cross_entropy(
  logits, target, axis = -1, weight = [], ignore = [], smoothing = 0, reduction = "mean",
) =
  if is_integer(target)
  then loss_of_labels(
    log_softmax(classes_last(floats(logits), axis)),
    target,
    weight,
    labels_in(ignore),
    share(smoothing),
    reduction,
  )
  else reducer(reduction)(
    -sum(
      weighted(log_softmax(classes_last(floats(logits), axis)), weight)
      * smoothed(
        classes_last(probabilities_like(target, logits, labels_in(ignore)), axis), share(smoothing),
      ),
      axis = -1,
    ),
  )

fn floats(x) = require(x, not is_integer(x), "logits are floats; labels come second")

fn probabilities_like(target, logits, ignore) = same_shape(
  require(
    require(
      target, target.rank == logits.rank,
      "labels are integers, and probabilities have the shape of the logits",
    ),
    ignore == [],
    "integer labels can be ignored, and these are probabilities",
  ),
  logits,
)

fn labels_in(ignore) = if is_integer(ignore) then [ignore] else ignore

fn share(smoothing) =
  require(smoothing, smoothing >= 0 and smoothing <= 1, "a share is between 0 and 1")

fn classes_last(x, axis) =
  moved_last(x, require(axis, axis >= -x.rank and axis < x.rank, "there is no such axis") % x.rank)

fn moved_last(x, axis) =
  if axis == x.rank - 1 then x else transpose(x, without(0..x.rank, axis) + [axis])

fn without(items, position) = items[:position] + items[position + 1:]

fn smoothed(p, smoothing) =
  if smoothing == 0 then p else (1 - smoothing) * p + smoothing / p.shape[-1]

fn weighted(logs, weight) =
  if weight == [] then logs
  else logs
       * require(
         weight, len(weight) == logs.shape[-1], "the weights are a list with one for each class",
       )

# `ignore` is a list from here on, and classes are along the last axis.
fn loss_of_labels(logs, target, weight, ignore, smoothing, reduction) =
  if weight == [] and ignore == [] then reducer(reduction)(-log_likelihood(logs, target, smoothing))
  else if ignore == []
  then reduced_labels(
    -log_likelihood(weighted(logs, weight), target, smoothing),
    weights_of(target, logs, weight),
    reduction,
  )
  else unless_ignored(logs, is_one_of(target, ignore), target, weight, smoothing, reduction)

fn unless_ignored(logs, ignored, target, weight, smoothing, reduction) =
  of_counted(logs, ignored, select(ignored, 0, target), weight, smoothing, reduction)

fn of_counted(logs, ignored, target, weight, smoothing, reduction) = reduced_labels(
  -select(ignored, 0, log_likelihood(weighted(logs, weight), target, smoothing)),
  if weight == [] then cast(not ignored, logs.dtype)
  else select(ignored, 0, weights_of(target, logs, weight)),
  reduction,
)

fn is_one_of(target, labels) =
  fold(labels[1:], target == labels[0], fn(found, label) = found or target == label)

fn log_likelihood(logs, target, smoothing) =
  if smoothing == 0 then at_class(logs, target)
  else (1 - smoothing) * at_class(logs, target) + smoothing * mean(logs, axis = -1)

fn weights_of(target, logs, weight) =
  sum(one_hot(target, depth = logs.shape[-1], dtype = logs.dtype) * weight, axis = -1)

fn reduced_labels(losses, shares, reduction) =
  if reduction == "mean" then sum(losses) / positive_or_one(sum(shares))
  else reducer(reduction)(losses)

fn positive_or_one(x) = select(x > 0, x, 1)

fn at_class(x, target, keep = false) = sum(
  select(
    one_hot(
      require(target, target.rank == x.rank - 1, "labels have one axis less than the logits"),
      depth = x.shape[-1],
      dtype = bool,
    ),
    x,
    0,
  ),
  axis = -1,
  keep = keep,
)

"""Negative log-likelihood of integer classes, from the logarithms of probabilities along an
axis. `weight` and `ignore` are those of `cross_entropy`.

    nll(log_softmax(f32[N, 4]), i64[N] < 4)
    nll(log_softmax(f64[N, T, 3]), i64[N, T] < 3)
    nll(log_softmax(f32[N, 3, T], axis = 1), u8[N, T] < 3, axis = 1)
    nll(log_softmax(f32[N, 3]), i64[N] < 4, weight = [1, 2, 0.5], ignore = 3)
    nll(log_softmax(f32[N, 3]), i64[N] < 3, reduction = "sum")
    nll(log_softmax(f32[N, 3]), i64[N] < 3, weight = [1, 2, 0.5], reduction = "none")
"""
fn nll(
  log_probabilities, target, axis = -1, weight = [], ignore = [], reduction = "mean",
) = loss_of_labels(
  classes_last(log_probabilities, axis), target, weight, labels_in(ignore), 0, reduction,
)

"""Cross-entropy of logits, each a choice between no and yes; the target is between 0 and 1.
`positive_weight` multiplies the part of the loss that is for yes; it is a number, or a list
of one for each along the last axis. `smoothing` takes this share of each target, and spreads
it evenly over no and yes.

    binary_cross_entropy(f32[N, 3], sigmoid(f32[N, 3]))
    binary_cross_entropy(f64[N], sigmoid(f64[N]))
    binary_cross_entropy(f32[N, 3], sigmoid(f32[N, 3]), positive_weight = 2.5)
    binary_cross_entropy(f32[N, 3], sigmoid(f32[N, 3]), positive_weight = [1, 2, 0.5])
    binary_cross_entropy(f32[N, 3], sigmoid(f32[N, 3]), smoothing = 0.1)
    binary_cross_entropy(10000 * f32[N], sigmoid(10000 * f32[N]), reduction = "sum")
    binary_cross_entropy(f32[N, 3], sigmoid(f32[N, 3]), 3, 0.2, reduction = "none")
"""
fn binary_cross_entropy(
  logits, target, positive_weight = 1, smoothing = 0, reduction = "mean",
) = reducer(reduction)(binary_losses(
  same_shape(logits, target),
  if share(smoothing) == 0 then target else (1 - smoothing) * target + smoothing / 2,
  positive_weight,
))

fn binary_losses(x, target, positive_weight) =
  if positive_weight == 1 then relu(x) - x * target + log1p(exp(minus_abs(x)))
  else (1 - target) * x + (1 - target + target * positive_weight) * softplus(-x)

"""Focal loss (Lin et al., 2017) of logits, each a choice between no and yes, and targets 0 and
1: a cross-entropy in which what is right already counts less. With p for the probability of
what is right it is -alpha * (1 - p) ** gamma * log(p), with 1 - alpha in the place of alpha
where the target is 0.

    focal(f32[N, 3], cast(i64[N, 3] < 2, f32))
    focal(f64[N], cast(i64[N] < 2, f64), gamma = 0.5, alpha = 0.5)
    focal(100 * f32[N, 3], cast(i64[N, 3] < 2, f32), gamma = 0, reduction = "sum")
    focal(f32[N, 3], cast(i64[N, 3] < 2, f32), reduction = "none")
"""
fn focal(logits, target, gamma = 2.0, alpha = 0.25, reduction = "mean") = reducer(reduction)(
  (alpha * target + (1 - alpha) * (1 - target))
  * focused((2 * target - 1) * same_shape(logits, target), gamma),
)

# Of the logit of what is right. The power by way of its logarithm has a derivative everywhere.
fn focused(x, gamma) = exp(-gamma * softplus(x)) * softplus(-x)

"""Kullback-Leibler divergence (1951) of the target's probabilities along the last axis from
those of the logits: sum(target * log(target / softmax(logits))).

    kl_divergence(f32[N, 4], softmax(f32[N, 4]))
    kl_divergence(f64[N, T, 3], softmax(f64[N, T, 3]))
    kl_divergence(f32[N, 3], cast(f32[N, 3] > 0, f32) / 3, reduction = "sum")
    kl_divergence(f32[N, 3], softmax(f32[N, 3]), reduction = "none")
"""
fn kl_divergence(logits, target, reduction = "mean") = reducer(reduction)(sum(
  divergence_from(log_softmax(logits), same_shape(target, logits)), axis = -1,
))

fn divergence_from(logs, p) = select(p > 0, p * (log(select(p > 0, p, 1)) - logs), 0)

"""One less the cosine of the angle between vectors along an axis.

    cosine_distance(f32[N, 8], f32[N, 8])
    cosine_distance(f64[N, 4, T], f64[N, 4, T], axis = 1)
    cosine_distance(f32[N, 8], f32[N, 8], reduction = "sum")
    cosine_distance(f32[N, T, 8], f32[N, T, 8], reduction = "none")
"""
fn cosine_distance(prediction, target, axis = -1, reduction = "mean") =
  reducer(reduction)(1 - cosine_similarity(same_shape(prediction, target), target, axis))

"""Contrastive loss (Hadsell et al., 2006) of distances between the members of pairs:
half of distance ** 2 where `same` is 1 or true, of max(margin - distance, 0) ** 2 else.

    contrastive(norm(f32[N, 3]), bool[N])
    contrastive(norm(f32[N, 3]), cast(i64[N] < 2, f32), margin = 6.0)
    contrastive(norm(f64[N, 3]), i64[N] < 2, reduction = "sum")
    contrastive(norm(f32[N, 3]), bool[N], 2, reduction = "none")
"""
fn contrastive(distance, same, margin = 1.0, reduction = "mean") = reducer(reduction)(
  0.5 * contrast(distance, same_shape(as_number(same, distance), distance), margin),
)

fn contrast(distance, same, margin) =
  same * distance ** 2 + (1 - same) * relu(margin - distance) ** 2

fn as_number(x, like) = if x.dtype == bool or is_integer(x) then cast(x, like.dtype) else x

"""Triplet loss (Balntas et al., 2016) of vectors along the last axis, by Euclidean
distances: max(|anchor - positive| - |anchor - negative| + margin, 0).

    triplet(f32[N, 8], f32[N, 8], f32[N, 8])
    triplet(f64[N, T, 3], f64[N, T, 3], f64[N, T, 3], margin = 0.2)
    triplet(f32[N, 8], f32[N, 8], f32[N, 8], reduction = "sum")
    triplet(f32[N, 8], f32[N, 8], f32[N, 8], 2, reduction = "none")
"""
fn triplet(anchor, positive, negative, margin = 1.0, reduction = "mean") = reducer(reduction)(relu(
  norm(same_shape(anchor, positive) - positive)
  - norm(same_shape(anchor, negative) - negative)
  + margin,
))

"""Soft Dice loss (Milletari et al., 2016; Sudre et al., 2017) of probabilities and
targets between 0 and 1, for each channel over the axes after the first two:
1 - (2 * overlap + smooth) / (sum of both + smooth).

    dice(sigmoid(f32[N, 3, H, W]), sigmoid(f32[N, 3, H, W]))
    dice(sigmoid(f64[N, 2, T]), cast(bool[N, 2, T], f64), smooth = 1.0)
    dice(sigmoid(f32[N, 3]), sigmoid(f32[N, 3]))
    dice(sigmoid(f32[N, 3, H, W]), sigmoid(f32[N, 3, H, W]), reduction = "none")
"""
fn dice(probability, target, smooth = 1e-5, reduction = "mean") = reducer(reduction)(
  1 - dice_score(same_shape(probability, target), target, 2..target.rank, smooth),
)

fn dice_score(a, b, axes, smooth) =
  (2 * sum(a * b, axis = axes) + smooth) / (sum(a, axis = axes) + sum(b, axis = axes) + smooth)

"""Connectionist temporal classification (Graves et al., 2006): the negative log-likelihood of
labels whose places in a sequence are not known, over all ways to say them one after another.

The logits are [samples, steps, classes], the target [samples, labels]; of each sample the first
`input_lengths` steps and `target_lengths` labels count. `blank` is the class that says nothing;
a label that follows itself needs one in between. What cannot be said in so many steps has an
infinite loss, or with `zero_infinity` none. `per_label` divides each loss by the number of labels.

    ctc(f32[N, 4, 3], (i64[N, 2] < 2) + 1, (i64[N] < 2) + 3, i64[N] < 3)
    ctc(f64[N, 3, 3], (i32[N, S] < 2) + 1, (i32[N] < 3) + 1, i32[N] < 2, 0, true, true, "sum")
    ctc(f32[N, 2, 3], i64[N, 1] < 2, (i64[N] < 2) + 1, i64[N] < 2, blank = 2, reduction = "none")
"""
fn ctc(
  logits, target, input_lengths, target_lengths, blank = 0, per_label = false,
  zero_infinity = false, reduction = "mean",
) = reducer(reduction)(ctc_per_label(
  ctc_or_infinite(
    ctc_of_possible(log_softmax(sequences(logits)), target, input_lengths, target_lengths, blank),
    ctc_is_possible(target, input_lengths, target_lengths),
    if zero_infinity then 0 else inf,
  ),
  target_lengths,
  per_label,
))

fn sequences(x) = require(
  require(
    x,
    x.rank == 3 and (x.dtype == f32 or x.dtype == f64),
    "the logits are f32 or f64, [samples, steps, classes]",
  ),
  is_known(x.shape[1]),
  "the number of steps must be known: write it in the type, and how many count as `input_lengths`",
)

fn ctc_or_infinite(losses, is_possible, otherwise) = select(is_possible, losses, otherwise)

fn ctc_per_label(losses, target_lengths, per_label) =
  if per_label then losses / cast(maximum(target_lengths, 1), losses.dtype) else losses

# One step for each label, and one for each blank between two that are equal.
fn ctc_is_possible(target, input_lengths, target_lengths) =
  input_lengths
  >= target_lengths
     + sum(
       cast(
         target[:, 1:] == target[:, :-1] and before(target_lengths - 1, target.shape[1] - 1),
         target_lengths.dtype,
       ),
       axis = 1,
     )

fn before(lengths, size) = iota(size, dtype = lengths.dtype) < lengths[:, new]

# The forward variables of equation 6, in logarithms, for the labels with a blank before and
# after each; -1e30 stands for the logarithm of 0, which has no derivative. A blank among the
# labels is no label: it becomes one that is out of range.
fn ctc_of_possible(logs, target, input_lengths, target_lengths, blank) = ctc_along(
  logs,
  ctc_with_blanks(
    select(
      before(target_lengths, target.shape[1]),
      select(target == blank, logs.shape[2], target),
      blank,
    ),
    blank,
  ),
  input_lengths,
  2 * target_lengths,
)

fn ctc_with_blanks(target, blank) = concat(
  broadcast(cast(blank, target.dtype), [target.shape[0], 1]),
  reshape(
    stack([target, broadcast(cast(blank, target.dtype), target.shape)], axis = 2),
    [target.shape[0], 2 * target.shape[1]],
  ),
  axis = 1,
)

fn ctc_along(logs, symbols, input_lengths, last) = ctc_end(
  ctc_forward(
    logs @ transpose(one_hot(symbols, depth = logs.shape[2], dtype = logs.dtype), [0, 2, 1]),
    ctc_skips(symbols),
    input_lengths,
  ),
  iota(symbols.shape[1], dtype = last.dtype),
  last[:, new],
)

# Where the symbol before the last may come right before: blanks are alike, and labels may be.
fn ctc_skips(symbols) = pad(symbols[:, 2:] != symbols[:, :-2], low = [0, 2], high = [0, 0])

fn ctc_forward(logs, skips, lengths) = fold(
  0..logs.shape[1],
  broadcast(
    select(iota(logs.shape[2]) < 1, cast(0, logs.dtype), -1e30), [logs.shape[0], logs.shape[2]],
  ),
  fn(alpha, t) = select((t < lengths)[:, new], ctc_step(alpha, logs[:, t], skips), alpha),
)

fn ctc_step(alpha, logs, skips) =
  logs
  + logsumexp(
    stack([
      alpha,
      pad(alpha[:, :-1], low = [0, 1], high = [0, 0], value = -1e30),
      select(skips, pad(alpha[:, :-2], low = [0, 2], high = [0, 0], value = -1e30), -1e30),
    ]),
    axis = 0,
  )

fn ctc_end(alpha, position, last) =
  -logsumexp(select(position == last or position == last - 1, alpha, -1e30), axis = 1)
