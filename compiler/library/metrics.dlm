"""Metrics: what is reported beside the loss. Each is a mean over samples, so that a mean
over batches is the same."""

"""The share of samples whose largest logit, along the last axis, is at the target."""
fn accuracy(logits, target) = mean(cast(
  argmax(logits, axis = -1)
  == require(
    target,
    is_integer(target) and target.rank == logits.rank - 1,
    "labels are integers, with one axis less than the logits",
  ),
  f32,
))

"""The share of samples with fewer than `k` logits, along the last axis, above the target's."""
fn top_k(logits, target, k) =
  mean(cast(count_above(logits, at_class(logits, target, keep = true)) < k, f32))

fn count_above(x, threshold) = sum(cast(x > threshold, i64), axis = -1)

"""The share of logits that are positive where the target is 1, and not where it is 0."""
fn binary_accuracy(logits, target) =
  mean(cast((same_shape(logits, target) > 0) == (target > 0.5), f32))
