"""Losses: means over the batch."""

"""Mean squared error."""
fn mse(prediction, target) = mean((same_shape(prediction, target) - target) ** 2)

"""Mean absolute error."""
fn mae(prediction, target) = mean(abs(same_shape(prediction, target) - target))

"""Huber loss (Huber, 1964): half the square of an error up to `delta`, and beyond
delta * (|error| - delta / 2)."""
fn huber(prediction, target, delta = 1.0) =
  mean(huber_of(abs(same_shape(prediction, target) - target), delta))

fn huber_of(error, delta) = select(error <= delta, 0.5 * error ** 2, delta * (error - 0.5 * delta))

"""Hinge loss (Cortes & Vapnik, 1995) of targets -1 and 1: max(1 - prediction * target, 0)."""
fn hinge(prediction, target) = mean(relu(1 - same_shape(prediction, target) * target))

"""Cross-entropy of logits along the last axis, with integer classes or with a
probability for each class, by the target's dtype."""
fn cross_entropy(logits, target) =
  -mean(sum(
    log_softmax(require(logits, not is_integer(logits), "logits are floats; labels come second"))
    * class_weights(logits, target),
    axis = -1,
  ))

fn class_weights(logits, target) =
  if is_integer(target)
  then one_hot(
    require(target, target.rank == logits.rank - 1, "labels have one axis less than the logits"),
    depth = logits.shape[-1],
    dtype = logits.dtype,
  )
  else same_shape(
    require(
      target, target.rank == logits.rank,
      "labels are integers, and probabilities have the shape of the logits",
    ),
    logits,
  )

"""Cross-entropy of logits, each a choice between no and yes; the target is between 0 and 1."""
fn binary_cross_entropy(logits, target) =
  mean(relu(same_shape(logits, target)) - logits * target + log1p(exp(minus_abs(logits))))

"""Negative log-likelihood of integer classes, from the logarithms of probabilities
along the last axis."""
fn nll(log_probabilities, target) = -mean(at_class(log_probabilities, target))

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

"""Kullback-Leibler divergence (1951) of the target's probabilities along the last axis
from those of the logits: sum(target * log(target / softmax(logits)))."""
fn kl_divergence(logits, target) =
  mean(sum(divergence_from(log_softmax(logits), same_shape(target, logits)), axis = -1))

fn divergence_from(logs, p) = select(p > 0, p * (log(select(p > 0, p, 1)) - logs), 0)

"""Contrastive loss (Hadsell et al., 2006) of distances between the members of pairs:
half of distance ** 2 where `same` is 1 or true, of max(margin - distance, 0) ** 2 else."""
fn contrastive(distance, same, margin = 1.0) =
  0.5 * mean(contrast(distance, same_shape(as_number(same, distance), distance), margin))

fn contrast(distance, same, margin) =
  same * distance ** 2 + (1 - same) * relu(margin - distance) ** 2

fn as_number(x, like) = if x.dtype == bool or is_integer(x) then cast(x, like.dtype) else x

"""Triplet loss (Balntas et al., 2016) of vectors along the last axis, by Euclidean
distances: max(|anchor - positive| - |anchor - negative| + margin, 0)."""
fn triplet(anchor, positive, negative, margin = 1.0) = mean(relu(
  norm(same_shape(anchor, positive) - positive)
  - norm(same_shape(anchor, negative) - negative)
  + margin,
))

"""Soft Dice loss (Milletari et al., 2016; Sudre et al., 2017) of probabilities and
targets between 0 and 1, for each channel over the axes after the first two:
1 - (2 * overlap + smooth) / (sum of both + smooth)."""
fn dice(probability, target, smooth = 1e-5) =
  1 - mean(dice_score(same_shape(probability, target), target, 2..target.rank, smooth))

fn dice_score(a, b, axes, smooth) =
  (2 * sum(a * b, axis = axes) + smooth) / (sum(a, axis = axes) + sum(b, axis = axes) + smooth)
