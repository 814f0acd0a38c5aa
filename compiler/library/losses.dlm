"""Losses: means over the batch."""

"""Mean squared error."""
fn mse(prediction, target) = mean((same_shape(prediction, target) - target) ** 2)

"""Mean absolute error."""
fn mae(prediction, target) = mean(abs(same_shape(prediction, target) - target))

"""Cross-entropy of logits along the last axis, with integer classes or with a
probability for each class, by the target's dtype."""
fn cross_entropy(logits, target) =
  -mean(sum(log_softmax(logits) * class_weights(logits, target), axis = -1))

fn class_weights(logits, target) =
  if is_integer(target) then one_hot(target, depth = logits.shape[-1], dtype = logits.dtype)
  else same_shape(target, logits)

"""Cross-entropy of logits, each a choice between no and yes; the target is between 0 and 1."""
fn binary_cross_entropy(logits, target) =
  mean(relu(same_shape(logits, target)) - logits * target + log1p(exp(-abs(logits))))
