"""Metrics: what is reported beside the loss."""

"""The share of samples whose largest logit, along the last axis, is at the target."""
fn accuracy(logits, target) = mean(cast(argmax(logits, axis = -1) == target, f32))
